"""Schemas of one side (Git, or one registry) with their references resolved, each referenced one parsed once."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.errors import SchemaError
from reconciler.model import Dialect, Format, Reference, Schema
from reconciler.schemas import Document, Parsed, fingerprint, language, parse, parse_strictly, read

_Key = tuple[Format, str, tuple[Reference, ...]]
FindSchema = Callable[[Reference], Schema | None]


class SchemaSet:
    """Parses schemas and remembers what is worth remembering.

    Args:
        find: the schema that a reference means on this side, or None.
        is_strict: whether what the format forbids and registries take is refused, as in a repository's files.
    """

    def __init__(self, find: FindSchema, *, is_strict: bool = False) -> None:
        self.find = find
        self._is_strict = is_strict
        self._dependencies: dict[_Key, Parsed] = {}
        self._canonical: dict[tuple[Format, str, tuple[Reference, ...], Dialect], str] = {}

    def parsed(self, schema: Schema, document: Document | None = None) -> Parsed:
        """Parse a schema with all that it refers to.

        Args:
            schema: the schema.
            document: its text where it is read already, so that it is not read again.

        Raises:
            SchemaError: the text, or one that it refers to, is invalid, missing, or refers back to it.
        """
        return self._dependencies.get(_key(schema)) or self._parse(schema, (), document)

    def prepare(self, schema: Schema, document: Document) -> Parsed:
        """Parse a schema that others refer to, for all of them, from the text that is read already.

        Raises:
            SchemaError: as :meth:`parsed`.
        """
        parsed = self._dependencies[_key(schema)] = self.parsed(schema, document)
        return parsed

    def canonical(self, schema: Schema, dialect: Dialect, document: Document | None = None) -> str:
        """The canonical text of a schema in a dialect; see :meth:`reconciler.schemas.Language.canonical`.

        ``document`` is as for :meth:`parsed`.
        """
        key = (*_key(schema), dialect)
        if key not in self._canonical:
            self._canonical[key] = language(schema.format).canonical(self.parsed(schema, document), dialect)
        return self._canonical[key]

    def fingerprint(self, schema: Schema, dialect: Dialect) -> str:
        """Identity of a schema's content in a dialect: its canonical text.

        References are left out, since a version that follows the repository has no number before it is applied; whoever
        compares two schemas compares their references beside this. Metadata is left out, since not every registry keeps
        it.
        """
        return fingerprint(schema.format, self.canonical(schema, dialect))

    def is_same(self, one: Schema, other: Schema, dialect: Dialect) -> bool:
        """Whether two schemas of this side have one content in a dialect; by their texts where one cannot be read.

        What stands beside the content is compared by whoever asks; see :meth:`fingerprint`.
        """
        if one.format is not other.format:
            return False
        try:
            return self.fingerprint(one, dialect) == self.fingerprint(other, dialect)
        except SchemaError:
            return one.definition == other.definition

    def _parse(self, schema: Schema, path: tuple[Reference, ...], document: Document | None = None) -> Parsed:
        dependencies = {r.name: self._dependency(r, path) for r in schema.references}
        if self._is_strict:
            document = document or read(schema.format, schema.definition)
            return parse_strictly(schema.format, document, dependencies)
        return parse(schema.format, schema.definition, dependencies, document)

    def _dependency(self, reference: Reference, path: tuple[Reference, ...]) -> Parsed:
        if any((r.subject, r.version) == (reference.subject, reference.version) for r in path):
            chain = " -> ".join(r.subject for r in (*path, reference))
            raise SchemaError(f"references form a cycle: {chain}", code="REFERENCE_CYCLE")
        schema = self.find(reference)
        if schema is None:
            version = f" version {reference.version}" if reference.version else ""
            raise SchemaError(
                f"`{reference.name}` refers to subject {reference.subject}{version}, which is not there",
                code="REFERENCE_MISSING",
            )
        key = _key(schema)
        if key not in self._dependencies:
            self._dependencies[key] = self._parse(schema, (*path, reference))
        return self._dependencies[key]


def _key(schema: Schema) -> _Key:
    return schema.format, schema.definition, schema.references
