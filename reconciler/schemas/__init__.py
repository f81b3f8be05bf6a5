"""Schema texts in every format through one set of functions: read, parse, canonical form, outline, positions.

Each format is a module or folder of this package that satisfies :class:`Language`; :func:`language` finds it, and
imports it only then. Everything here is pure: text and values in, values out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import import_module
from typing import Protocol, cast

from reconciler.errors import SchemaError
from reconciler.model import Dialect, Format

_REMEMBERED = 512
"""Texts that are kept, read and parsed: a large repository has more, and asks again for few of them."""
_REMEMBERED_LENGTH = 50_000
"""Characters of a text that is kept."""


@dataclass(frozen=True, slots=True)
class Need:
    """A name that a text uses and does not define: an Avro full name, a Protobuf import, a JSON ``$ref`` without its
    fragment.

    ``path`` is where it is used, in the form that :meth:`Language.locate` understands. ``alternatives`` are other
    spellings that the format's rules try when nothing has the first name (Avro: the name without a namespace).
    ``is_built_in``: registries bring it themselves, so that it may be missing among the references.
    """

    name: str
    path: str
    alternatives: tuple[str, ...] = ()
    is_built_in: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One text, read on its own: what it defines for others and what it needs from them.

    ``defines`` are the names by which others refer to it, the outermost first (Avro: full names; JSON Schema: its
    ``$id``; Protobuf: full names of its top-level messages and enums, nested ones too). ``name`` and ``namespace`` feed
    templates of subject names: the outermost definition's simple name and its namespace or package, empty where there
    is none. ``content`` belongs to the format's own module. ``violation`` is what its standard forbids of a text that
    registries take and compare nevertheless: a mistake in a file, but nothing that a live version can be blamed for.
    """

    format: Format
    definition: str
    defines: tuple[str, ...]
    needs: tuple[Need, ...]
    name: str = ""
    namespace: str = ""
    content: object = None
    violation: SchemaError | None = None

    def __reduce__(self) -> tuple[type[Document], tuple[object, ...]]:
        # Thousands go from one process to another; what a dataclass does by itself for that takes twice as long.
        parts = (self.format, self.definition, self.defines, self.needs, self.name, self.namespace, self.content)
        return Document, (*parts, self.violation)


@dataclass(frozen=True)
class Parsed:
    """A text together with everything that it refers to, comparable as a whole.

    ``dependencies`` is by reference name. Each format subclasses this with its own prepared form.
    """

    document: Document
    dependencies: Mapping[str, Parsed] = field(repr=False)

    @property
    def violation(self) -> SchemaError | None:
        """What the format forbids of the whole, and registries take nevertheless; see :class:`Document`."""
        return None

    @property
    def unfit(self) -> SchemaError | None:
        """Why registries would not take it as a new version, although they hold the like among their old ones."""
        return None


@dataclass(frozen=True, slots=True)
class Element:
    """One named thing in a schema (a field, a symbol, a property, a message), in words that a person compares.

    ``kind`` is the format's word for it (``field``, ``symbol``, ``property``, ``message``); ``summary`` says its type
    and whatever else readers of data must know (``double = 0``, ``string, required``); ``notes`` are details that
    change identity but not the data, such as documentation.
    """

    kind: str
    summary: str
    notes: Mapping[str, str] = field(default_factory=dict)


Outline = Mapping[str, Element]


class Language(Protocol):
    """What each format's module provides."""

    def read(self, definition: str) -> Document:
        """Read one text on its own.

        Raises:
            SchemaError: it is not syntax, or breaks a rule that needs no other file; with line and column.
        """
        ...

    def parse(self, document: Document, dependencies: Mapping[str, Parsed]) -> Parsed:
        """Join a text with what it needs, given by reference name; every need must be among them.

        Raises:
            SchemaError: a name stays undefined, or the whole breaks a rule of the format that registries ask for too.
        """
        ...

    def canonical(self, parsed: Parsed, dialect: Dialect) -> str:
        """Write the text that is equal for two schemas exactly when the dialect's registry takes them for one.

        Where the registry stores a text of its own making, this is that text, so that most comparisons need no parsing.
        """
        ...

    def outline(self, parsed: Parsed) -> Outline:
        """List the schema's own elements by dotted path, in their order, for the structural difference."""
        ...

    def locate(self, definition: str, path: str) -> tuple[int, int] | None:
        """Find the line and column (from 1) of a path in the text; the nearest enclosing one when it is not there."""
        ...

    def pretty(self, definition: str) -> str:
        """Lay the text out for people, ending in a newline; same canonical form as before, comments kept where
        possible.
        """
        ...

    def bundle(self, parsed: Parsed, names: frozenset[str]) -> str:
        """Write one text in which the dependencies called ``names`` are defined inline.

        Raises:
            SchemaError: the format, or this schema, does not allow it.
        """
        ...


_OPAQUE = (Format.GRAPHQL, Format.XSD, Format.WSDL, Format.XML, Format.KCONNECT)
_MODULES: Mapping[Format, str] = {
    Format.AVRO: "reconciler.schemas.avro",
    Format.JSON: "reconciler.schemas.json_schema",
    Format.PROTOBUF: "reconciler.schemas.protobuf",
    Format.OPENAPI: "reconciler.schemas.interfaces:OPENAPI",
    Format.ASYNCAPI: "reconciler.schemas.interfaces:ASYNCAPI",
    **{each: f"reconciler.schemas.opaque:{each}" for each in _OPAQUE},
}
"""By format, its module, or what its module calls it."""


@cache
def language(schema_format: Format) -> Language:
    """Find what knows a format."""
    module, _, name = _MODULES[schema_format].partition(":")
    found = import_module(module)
    return cast(Language, getattr(found, name) if name else found)


def raise_if_unfit(parsed: Parsed) -> None:
    """Refuse as a new version what registries hold among their old ones only.

    Raises:
        SchemaError: with the reason, and with line and column.
    """
    if parsed.unfit:
        raise parsed.unfit


def read(schema_format: Format, definition: str) -> Document:
    """Read one text on its own, once for all who ask for it soon: a check meets a version at many commits.

    Raises:
        SchemaError: as :meth:`Language.read`.
    """
    return (_read_remembered if len(definition) <= _REMEMBERED_LENGTH else _read)(schema_format, definition)


def _read(schema_format: Format, definition: str) -> Document:
    return language(schema_format).read(definition)


_read_remembered = lru_cache(_REMEMBERED)(_read)


class _Asked:
    """A text with what it needs; equal to another one of the same text that needs the very same."""

    __slots__ = ("dependencies", "document", "key")

    def __init__(self, text: tuple[Format, str], dependencies: Mapping[str, Parsed], document: Document | None) -> None:
        self.key = (*text, *((name, id(parsed)) for name, parsed in dependencies.items()))
        self.dependencies = dependencies  # which keeps them, so that nothing else has their identity
        self.document = document

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.key == other.key


def parse(
    schema_format: Format, definition: str, dependencies: Mapping[str, Parsed], document: Document | None = None
) -> Parsed:
    """Join a text with what it needs, once for all who ask for it soon: a run compares, judges and shows one version.

    Args:
        schema_format: its format.
        definition: the text.
        dependencies: what it refers to, by the name that it refers by.
        document: the text where it is read already, so that it is not read again.

    Raises:
        SchemaError: as :meth:`Language.read` and :meth:`Language.parse`.
    """
    asked = _Asked((schema_format, definition), dependencies, document)
    return _parse_remembered(asked) if len(definition) <= _REMEMBERED_LENGTH else _parse(asked)


def _parse(asked: _Asked) -> Parsed:
    schema_format, definition = cast("tuple[Format, str]", asked.key[:2])
    return language(schema_format).parse(asked.document or read(schema_format, definition), asked.dependencies)


_parse_remembered = lru_cache(_REMEMBERED)(_parse)


def parse_strictly(schema_format: Format, document: Document, dependencies: Mapping[str, Parsed]) -> Parsed:
    """Parse a text, and let nothing pass that the format forbids: what a repository's files are held to.

    Raises:
        SchemaError: as :func:`parse`, or what that found to be a violation.
    """
    parsed = parse(schema_format, document.definition, dependencies, document)
    if parsed.violation:
        raise parsed.violation
    return parsed


def fingerprint(*parts: str) -> str:
    """Hash texts to 64 hexadecimal digits (SHA-256); the boundary between parts counts."""
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(encoded))
        digest.update(encoded)
    return digest.hexdigest()
