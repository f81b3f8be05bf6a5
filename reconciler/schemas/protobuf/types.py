"""What a Protobuf file declares, as it is written, and what the names in it mean.

This is made of statements, not of the compiler's descriptors: whether a label is written, and under which name a type
is used, descriptors no longer tell, and the compiler takes a millisecond for what this does in a fraction. Groups,
extensions and services are left out; no rule looks at them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from operator import attrgetter
from typing import TypeAlias

from reconciler.schemas.protobuf.built_in import BUILT_IN
from reconciler.schemas.protobuf.compiler import WELL_KNOWN
from reconciler.schemas.protobuf.scan import LABELS, Statement, decimal, scan

MAIN = ""
"""The origin of what the file itself declares; what it imports has the import's name."""


@dataclass(frozen=True, slots=True)
class TypeUse:
    """The type of a field as written: ``int32``, ``.shop.Money``; ``entry`` are the key and value of a map."""

    text: str
    entry: tuple[TypeUse, TypeUse] | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field; ``label`` and ``oneof`` are empty where there is none in the text."""

    number: int
    name: str
    label: str
    type: TypeUse
    oneof: str


@dataclass(frozen=True, slots=True, eq=False)
class Enum:
    """An enum; ``values`` are names by number, of aliases the last."""

    full_name: str
    local_name: str
    values: Mapping[int, str]


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """A message, or a whole file without its fields.

    ``local_name`` is the name behind the package, ``fields`` are by number (those of oneofs too, in ascending order),
    ``oneofs`` the numbers by name, ``messages`` and ``enums`` what is declared inside, in the order of the text.
    ``entry`` are the key and value of a message that a file declares for a map, which compilers do and authors may not.
    """

    full_name: str
    local_name: str
    fields: Mapping[int, Field]
    oneofs: Mapping[str, tuple[int, ...]]
    messages: Mapping[str, Message]
    enums: Mapping[str, Enum]
    entry: tuple[TypeUse, TypeUse] | None = None


Declaration: TypeAlias = Message | Enum

_MAP_ENTRY = ("option", "map_entry", "=", "true")


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """One file: ``top`` holds its declarations, ``imports`` are names; ``text`` tells whether two are the same."""

    text: str
    package: str
    imports: tuple[str, ...]
    top: Message


class Types:
    """What a file and everything that it imports declare.

    Args:
        main: the file.
        imported: the imported files by import name, well-known ones too.
        versions: the subject and version of imported files, by import name, as far as they are known.
    """

    __slots__ = ("_found", "_known", "imported", "main", "versions")

    def __init__(
        self, main: File, imported: Mapping[str, File], versions: Mapping[str, tuple[str, int | str]] | None = None
    ) -> None:
        self.main = main
        self.imported = imported
        self.versions = versions or {}
        self._known: dict[str, tuple[Declaration, str]] = {}
        self._found: dict[tuple[str, str], tuple[Declaration, str] | None] = {}
        for origin, file in (*imported.items(), (MAIN, main)):
            self._known.update((each.full_name, (each, origin)) for each in _declarations(file.top))

    def find(self, scope: str, name: str) -> tuple[Declaration, str] | None:
        """Find what a name means within a message, from the innermost scope outwards.

        Args:
            scope: the full name of the message.
            name: as written; with a leading dot it is full already.

        Returns:
            the declaration and its origin; None for what is no declaration here, such as a group.
        """
        key = (scope, name)
        if key not in self._found:
            candidates = _candidates(scope, name)
            self._found[key] = next((self._known[full] for full in candidates if full in self._known), None)
        return self._found[key]


def make_file(text: str, statements: Sequence[Statement]) -> File:
    """Prepare one file.

    Args:
        text: of the file.
        statements: the same, scanned; the compiler has accepted them.
    """
    package = next((s.name for s in statements if s.kind == "package"), "")
    imports = tuple(dict.fromkeys(s.name for s in statements if s.kind == "import"))
    return File(text, package, imports, _message(statements, package, ""))


@cache
def load_well_known(name: str) -> File:
    """Read one of the files that the compiler, or a registry, brings."""
    text = BUILT_IN.get(name) or files("grpc_tools").joinpath("_proto", *name.split("/")).read_text(encoding="utf-8")
    return make_file(text, scan(text))


def with_well_known(main: File, imported: Mapping[str, File], *, all_of_them: bool = False) -> dict[str, File]:
    """Add the well-known and built-in files that are imported, and those that they import.

    Args:
        main: the file.
        imported: what it imports, and what that imports, without well-known files.
        all_of_them: also those that nothing imports, which registries know nevertheless.
    """
    found = {name: file for name, file in imported.items() if name not in WELL_KNOWN}
    waiting = [name for file in (main, *found.values()) for name in file.imports]
    waiting += [*WELL_KNOWN, *BUILT_IN] if all_of_them else []
    while waiting:
        name = waiting.pop()
        if (name in WELL_KNOWN or name in BUILT_IN) and name not in found:
            found[name] = load_well_known(name)
            waiting += found[name].imports
    return found


def _message(statements: Sequence[Statement], full_name: str, local_name: str) -> Message:
    fields: list[Field] = []
    members: list[Field] = []
    oneofs: dict[str, tuple[int, ...]] = {}
    messages: dict[str, Message] = {}
    enums: dict[str, Enum] = {}
    for statement in statements:
        kind, body = statement.kind, statement.body or ()
        if kind == "field":
            fields.append(_field(statement.texts, ""))
        elif kind == "oneof":
            own = [_field(each.texts, statement.name) for each in body if each.kind == "field"]
            oneofs[statement.name] = tuple(field.number for field in own)
            members += own
        elif kind in ("message", "enum"):
            name = statement.name
            full, local = f"{full_name}.{name}".lstrip("."), f"{local_name}.{name}".lstrip(".")
            if kind == "message":
                messages[name] = _message(body, full, local)
            else:
                enums[name] = Enum(full, local, {int(s.number): s.name for s in body if s.kind == "value"})
    by_number = {field.number: field for field in sorted([*fields, *members], key=attrgetter("number"))}
    entry = _entry(fields) if _MAP_ENTRY in (statement.texts for statement in statements) else None
    return Message(full_name, local_name, by_number, oneofs, messages, enums, entry)


def _entry(fields: Sequence[Field]) -> tuple[TypeUse, TypeUse] | None:
    types = {field.name: field.type for field in fields}
    return (types["key"], types["value"]) if types.keys() >= {"key", "value"} else None


@lru_cache(maxsize=4096)
def _field(texts: tuple[str, ...], oneof: str) -> Field:
    """One field from its words; the versions of a file share those that they have in common."""
    equals = texts.index("=")
    label = texts[0] if texts[0] in LABELS else ""
    kind = "".join(texts[1 if label else 0 : equals - 1])
    return Field(int(decimal(texts[equals + 1])), texts[equals - 1], label, _type_use(kind), oneof)


def _type_use(text: str) -> TypeUse:
    if not text.startswith("map<"):
        return TypeUse(text)
    key, _, value = text.removeprefix("map<").removesuffix(">").partition(",")
    return TypeUse(text, (TypeUse(key), TypeUse(value)))


def _declarations(scope: Message) -> Iterator[Declaration]:
    yield from scope.enums.values()
    for message in scope.messages.values():
        yield message
        yield from _declarations(message)


def _candidates(scope: str, name: str) -> Iterator[str]:
    if name.startswith("."):
        yield name[1:]
        return
    while scope:
        yield f"{scope}.{name}"
        scope = scope.rpartition(".")[0]
    yield name
