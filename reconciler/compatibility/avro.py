"""Can a reader with one Avro schema read what a writer with another one wrote? As Apache's ``SchemaCompatibility``.

Source of the rules: the Avro specification, "Schema Resolution", and the behaviour of the Java library, which
Confluent's registry asks. Names are compared without namespaces, logical types are ignored, a pair that is being
compared counts as compatible, and what fails inside a branch of a union is told as the missing branch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from reconciler.compatibility.avro_rules import (
    AMBIGUOUS_FIELD,
    FIELD_WITHOUT_DEFAULT,
    FIELD_WITHOUT_OWN_DEFAULT,
    FIXED_SIZE,
    MISSING_BRANCH,
    MISSING_SYMBOLS,
    NAME_MISMATCH,
    TYPE_MISMATCH,
    default_example,
    show,
)
from reconciler.compatibility.clash import Clash, Rule
from reconciler.errors import SchemaError
from reconciler.schemas import Parsed
from reconciler.schemas.avro.names import PRIMITIVES
from reconciler.schemas.avro.nodes import Field, Node
from reconciler.schemas.avro.parsed import AvroSchema

_PROMOTIONS = (
    ("long", "int"),
    ("float", "int"),
    ("float", "long"),
    ("double", "int"),
    ("double", "long"),
    ("double", "float"),
    ("string", "bytes"),
    ("bytes", "string"),
)
"""Reader and writer."""

_READABLE = frozenset((*_PROMOTIONS, *((kind, kind) for kind in PRIMITIVES)))

At = tuple["At", str, str] | None
"""A place: the enclosing one, then a step as a pointer and as words. Turned into text only for a clash."""

Clashes = list[Clash]


def compare(reader: Parsed, writer: Parsed) -> Iterable[Clash]:
    """Everything because of which the reader cannot read what the writer wrote, each place once.

    Raises:
        SchemaError: types refer to types in a chain of hundreds.
    """
    try:
        comparison = _Comparison()
        clashes = comparison.pair(cast(AvroSchema, reader).node, cast(AvroSchema, writer).node, None)
    except RecursionError as error:
        raise SchemaError(
            "types use each other in too long a chain to be compared", fix="split the schema into several"
        ) from error
    unique: dict[tuple[str, str], Clash] = {}
    for clash in (*clashes, *comparison.ambiguous):  # a type that is used twice clashes twice
        unique.setdefault((clash.rule.code, clash.path), clash)
    return unique.values()


class _Comparison:
    """One comparison's memory: named pairs that were compared, or are being compared, with what was found.

    ``ambiguous`` are fields that stop the Java library altogether, wherever they stand: another branch of a union does
    not help.
    """

    __slots__ = ("_done", "ambiguous")

    def __init__(self) -> None:
        self._done: dict[tuple[int, int], Clashes] = {}
        self.ambiguous: Clashes = []

    def pair(self, reader: Node, writer: Node, at: At) -> Clashes:
        """What clashes between two types at a place of the reader."""
        if (reader.kind, writer.kind) in _READABLE:
            return []
        if reader.kind == writer.kind:
            return _SAME_KIND[reader.kind](self, reader, writer, at)
        if writer.kind == "union":
            branches = enumerate(writer.inner)
            return [clash for index, branch in branches for clash in self.pair(reader, branch, (at, f"/{index}", ""))]
        if reader.kind == "union":
            return self._any_branch(reader, writer, at)
        return [_clash(TYPE_MISMATCH, at, "", reader, writer)]

    def _any_branch(self, reader: Node, writer: Node, at: At) -> Clashes:
        for index, branch in enumerate(reader.inner):
            # Unions of many records would else be compared field by field, each with each.
            if not self._is_hopeless(branch, writer) and not self.pair(branch, writer, (at, f"/{index}", "")):
                return []
        return [_clash(MISSING_BRANCH, at, "", reader, writer)]

    def _is_hopeless(self, branch: Node, writer: Node) -> bool:
        """Whether names alone say no; a pair that is being compared counts as compatible under any name."""
        if not branch.name or branch.kind != writer.kind or _has_name_of(branch, writer):
            return False
        return (id(branch), id(writer)) not in self._done

    def _unions(self, reader: Node, writer: Node, at: At) -> Clashes:
        if _is_same(reader, writer):
            return []
        return [
            _clash(MISSING_BRANCH, at, f"/{index}", reader, branch)
            for index, branch in enumerate(writer.inner)
            if self.pair(reader, branch, at)
        ]

    def _items(self, reader: Node, writer: Node, at: At) -> Clashes:
        return self.pair(reader.inner[0], writer.inner[0], (at, "/items", "[]"))

    def _values(self, reader: Node, writer: Node, at: At) -> Clashes:
        return self.pair(reader.inner[0], writer.inner[0], (at, "/values", "{}"))

    def _named(self, reader: Node, writer: Node, at: At) -> Clashes:
        pair = (id(reader), id(writer))
        known = self._done.get(pair)
        if known is not None:
            return known
        self._done[pair] = []
        clashes = [] if _has_name_of(reader, writer) else [_clash(NAME_MISMATCH, at, "/name", reader, writer)]
        clashes += _BODIES[reader.kind](self, reader, writer, at)
        self._done[pair] = clashes
        return clashes

    def _record(self, reader: Node, writer: Node, at: At) -> Clashes:
        clashes: Clashes = []
        written = writer.by_name
        for index, field in enumerate(reader.fields):
            found = written.get(field.name)
            if field.aliases:
                rivals = _written_fields(field, written)
                if len(rivals) > 1:
                    self.ambiguous.append(_ambiguous(field, rivals, writer, at, index))
                    continue
                found = rivals[0] if rivals else None
            if found is None:
                if not field.has_default:
                    clashes.append(_unfilled(field, writer, at, index))
            elif (field.node.kind, found.node.kind) not in _READABLE and not _is_same(field.node, found.node):
                clashes += self.pair(field.node, found.node, (at, f"/fields/{index}/type", f".{field.name}"))
        return clashes

    def _enum(self, reader: Node, writer: Node, at: At) -> Clashes:
        if reader.symbols == writer.symbols or reader.default is not None:
            return []
        known = frozenset(reader.symbols)
        missing = [symbol for symbol in writer.symbols if symbol not in known]
        if not missing:
            return []
        return [_clash(MISSING_SYMBOLS, at, "/symbols", reader, writer, symbols=", ".join(missing))]

    def _fixed(self, reader: Node, writer: Node, at: At) -> Clashes:
        if reader.size == writer.size:
            return []
        sizes = {"reader_size": str(reader.size), "writer_size": str(writer.size)}
        return [_clash(FIXED_SIZE, at, "/size", reader, writer, **sizes)]


_Compare = Callable[[_Comparison, Node, Node, At], Clashes]
_SAME_KIND: Mapping[str, _Compare] = {
    "record": _Comparison._named,
    "enum": _Comparison._named,
    "fixed": _Comparison._named,
    "array": _Comparison._items,
    "map": _Comparison._values,
    "union": _Comparison._unions,
}
_BODIES: Mapping[str, _Compare] = {
    "record": _Comparison._record,
    "enum": _Comparison._enum,
    "fixed": _Comparison._fixed,
}


def _is_same(reader: Node, writer: Node) -> bool:
    """Whether two types are one without names within: a record can be ambiguous even to itself."""
    return reader is writer and not reader.name and not any(inner.name or inner.inner for inner in reader.inner)


def _has_name_of(reader: Node, writer: Node) -> bool:
    return reader.simple_name == writer.simple_name or writer.name in reader.aliases


def _written_fields(field: Field, written: Mapping[str, Field]) -> list[Field]:
    """The writer's fields that the reader's name or one of its aliases means."""
    return [written[name] for name in (field.name, *field.aliases) if name in written]


def _ambiguous(field: Field, rivals: list[Field], writer: Node, at: At, index: int) -> Clash:
    place: At = (at, "", f".{field.name}")
    names = ", ".join(f"`{name}`" for name in dict.fromkeys(rival.name for rival in rivals))
    return _clash(AMBIGUOUS_FIELD, place, f"/fields/{index}", field.node, writer, fields=names)


def _unfilled(field: Field, writer: Node, at: At, index: int) -> Clash:
    """A field that nothing fills; an enum's own default does not either, and is told as the Java library does."""
    example = {"example": default_example(field.node)}
    place: At = (at, "", f".{field.name}")
    if field.node.kind == "enum" and field.node.default is not None:
        return _clash(FIELD_WITHOUT_OWN_DEFAULT, place, f"/fields/{index}/type", field.node, writer, **example)
    return _clash(FIELD_WITHOUT_DEFAULT, place, f"/fields/{index}", field.node, writer, **example)


def _clash(rule: Rule, at: At, step: str, reader: Node, writer: Node, **values: str) -> Clash:
    path, where = step, ""
    while at is not None:
        at, pointer, words = at
        path, where = pointer + path, words + where
    values |= {"reader": show(reader), "writer": show(writer), "reader_name": reader.name, "writer_name": writer.name}
    return Clash(rule, path or "/", where.removeprefix("."), values)
