"""Whether two versions, one of either side, hold the same: by fingerprint in the target's dialect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.copying.values import Side, VersionKey
from reconciler.errors import SchemaError
from reconciler.model import NO_METADATA, NO_RULES, Reference, Schema
from reconciler.schemas.resolved import SchemaSet

Identity = tuple[object, ...]


class Contents:
    """The contents of both sides.

    Args:
        names: what each subject of the source is called in the target.
    """

    def __init__(self, source: Side, target: Side, names: Mapping[str, str]) -> None:
        self._capabilities = target.capabilities
        self._names = names
        self._ours = SchemaSet(source.find_schema)
        self._theirs = SchemaSet(target.find_schema)

    def identify(self, schema: Schema, merged: Mapping[VersionKey, VersionKey]) -> Identity:
        """What is equal for two versions of the source that the target takes for one.

        Args:
            merged: versions that another one stands for.
        """
        uses = zip(schema.references, used_versions(schema), strict=True)
        refers = frozenset((r.name, *merged.get(use, use)) for r, use in uses)
        beside = self.adapt(schema)
        return (self._fingerprint(self._ours, schema), refers, _metadata(beside), _rules(beside))

    def adapt(self, schema: Schema) -> Schema:
        """A schema of the source with what the target keeps of it, references by the target's names."""
        return replace(
            schema,
            references=tuple(
                Reference(r.name, self._names.get(r.subject, r.subject), r.version) for r in schema.references
            ),
            metadata=schema.metadata if self._capabilities.metadata else None,
            rules=schema.rules if self._capabilities.rules else None,
        )

    def is_same(self, schema: Schema, live: Schema, numbers: Iterable[int | None]) -> bool:
        """Whether the target holds a schema of the source: text and references; what stands beside them is apart.

        Args:
            numbers: those of the referenced versions in the target, in the order of the references.
        """
        if schema.format is not live.format:
            return False
        given = zip(schema.references, numbers, strict=True)
        refers = {(r.name, self._names.get(r.subject, r.subject), number) for r, number in given}
        if refers != {(r.name, r.subject, r.version) for r in live.references}:
            return False
        return self.has_same_text(schema, live)

    def has_same_text(self, schema: Schema, live: Schema) -> bool:
        """Whether a schema of the source and one of the target have one fingerprint, as equal texts have."""
        return schema.definition == live.definition or self._fingerprint(self._ours, schema) == self._fingerprint(
            self._theirs, live
        )

    def find_lost(self, schema: Schema, live: Schema) -> tuple[str, ...]:
        """What of a schema stands beside its text and is another in the target, in words."""
        wanted = self.adapt(schema)
        parts = (("metadata", _metadata), ("rules", _rules))
        return tuple(word for word, read in parts if read(wanted) != read(live))

    def _fingerprint(self, schemas: SchemaSet, schema: Schema) -> str:
        try:
            return schemas.fingerprint(schema, self._capabilities.dialect)
        except SchemaError:
            # What our parser does not take is compared as it stands.
            return f"{schema.format} {schema.definition}"


def _metadata(schema: Schema) -> str:
    return (schema.metadata or NO_METADATA).fingerprint


def _rules(schema: Schema) -> str:
    return (schema.rules or NO_RULES).fingerprint


def used_versions(schema: Schema) -> tuple[VersionKey, ...]:
    """The versions behind a schema's references; a registry tells the number of each."""
    return tuple((r.subject, r.version or 0) for r in schema.references)
