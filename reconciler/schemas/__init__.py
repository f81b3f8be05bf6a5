"""Schema texts in every format through one set of functions: read, parse, canonical form, outline, positions.

Each format is a module or folder of this package that satisfies :class:`Language`; :func:`language` finds it, and
imports it only then. Everything here is pure: text and values in, values out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from reconciler.errors import SchemaError
from reconciler.model import Dialect, Format


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
    """A text together with everything that it refers to, valid as a whole.

    ``dependencies`` is by reference name. Each format subclasses this with its own prepared form.
    """

    document: Document
    dependencies: Mapping[str, Parsed] = field(repr=False)


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
            SchemaError: a name stays undefined, or the whole breaks a rule of the format.
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


_MODULES: Mapping[Format, str] = {
    Format.AVRO: "reconciler.schemas.avro",
    Format.JSON: "reconciler.schemas.json_schema",
    Format.PROTOBUF: "reconciler.schemas.protobuf",
}


@cache
def language(schema_format: Format) -> Language:
    """Find the module of a format."""
    return cast(Language, import_module(_MODULES[schema_format]))


def fingerprint(*parts: str) -> str:
    """Hash texts to 64 hexadecimal digits (SHA-256); the boundary between parts counts."""
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(encoded))
        digest.update(encoded)
    return digest.hexdigest()
