"""Two Avro types side by side: what keeps the one from reading what was written with the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from reconciler.compatibility.avro.branches import FEW, Branches
from reconciler.compatibility.avro.clashes import At, Clashes, make_clashes
from reconciler.compatibility.avro.rules import PROMOTIONS, RULES, default_example, join
from reconciler.errors import SchemaError
from reconciler.schemas.avro.names import PRIMITIVES
from reconciler.schemas.avro.nodes import Field, Node

_READABLE = PROMOTIONS | {(kind, kind) for kind in PRIMITIVES}

MAX_PAIRS = 200_000
"""Named types that are compared in pairs, seconds of work. Only where fields have aliases, or many types of a union one
name in many namespaces, does each meet each."""

_MAX_REPEATS = 10_000
"""Clashes that are told again where a type is used again. Types that each use the one before twice double them."""


def find_clashes(reader: Node, writer: Node, *, may_be_ambiguous: bool) -> Clashes:
    """Everything because of which a reader's type cannot read what was written with another one.

    What clashes in a type that is used several times is told as often, where it is first compared.

    Args:
        reader: the one type.
        writer: the other one.
        may_be_ambiguous: whether a field of the reader has an alias.

    Raises:
        SchemaError: there are too many types to compare each with each.
    """
    comparison = Comparison(may_be_ambiguous=may_be_ambiguous)
    return [*comparison.pair(reader, writer, None), *comparison.ambiguous]


class Comparison:
    """One comparison's memory: named pairs that were compared, or are being compared, with what was found.

    ``ambiguous`` are fields that stop the Java library altogether, wherever they stand: another branch of a union does
    not help.

    Args:
        may_be_ambiguous: look for such fields behind names that already say no.
    """

    __slots__ = ("_branches", "_done", "_may_be_ambiguous", "_open", "_repeats", "ambiguous")

    def __init__(self, *, may_be_ambiguous: bool = False) -> None:
        self._may_be_ambiguous = may_be_ambiguous
        self._done: dict[tuple[int, int], Clashes] = {}
        self._open: list[tuple[Node, Node]] = []
        self._branches: dict[int, Branches] = {}
        self._repeats = 0
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
            is_read = self.find_branch(reader.inner, writer, at) is not None
            return [] if is_read else _clash("MISSING_UNION_BRANCH", at, "", reader, writer)
        return _clash("TYPE_MISMATCH", at, "", reader, writer)

    def find_branch(self, branches: Sequence[Node], writer: Node, at: At) -> int | None:
        """The first of a union's branches that reads a type."""
        for index, branch in self._promising(branches, writer):
            if not self.pair(branch, writer, (at, f"/{index}", "")):
                return index
        return None

    def _promising(self, branches: Sequence[Node], writer: Node) -> Iterable[tuple[int, Node]]:
        """The branches that names alone do not rule out, with their numbers.

        Unions of many records would else be compared field by field, each with each. A pair that is being compared
        counts as compatible under any name.
        """
        if self._may_be_ambiguous:
            return enumerate(branches)
        if len(branches) <= FEW:
            return [(i, branch) for i, branch in enumerate(branches) if not self._is_hopeless(branch, writer)]
        if id(branches) not in self._branches:
            self._branches[id(branches)] = Branches(branches)
        begun = frozenset(id(branch) for branch, against in self._open if against is writer)
        return self._branches[id(branches)].find(writer, begun)

    def _is_hopeless(self, branch: Node, writer: Node) -> bool:
        if not branch.name or branch.kind != writer.kind or has_name_of(branch, writer):
            return False
        return (branch, writer) not in self._open

    def _unions(self, reader: Node, writer: Node, at: At) -> Clashes:
        if _is_same(reader, writer):
            return []
        return [
            clash
            for index, branch in enumerate(writer.inner)
            if self.pair(reader, branch, at)
            for clash in _clash("MISSING_UNION_BRANCH", at, f"/{index}", reader, branch)
        ]

    def _items(self, reader: Node, writer: Node, at: At) -> Clashes:
        return self.pair(reader.inner[0], writer.inner[0], (at, "/items", "[]"))

    def _values(self, reader: Node, writer: Node, at: At) -> Clashes:
        return self.pair(reader.inner[0], writer.inner[0], (at, "/values", "{}"))

    def _named(self, reader: Node, writer: Node, at: At) -> Clashes:
        pair = (id(reader), id(writer))
        known = self._done.get(pair)
        if known is not None:
            self._repeats += len(known)
            return known if self._repeats <= _MAX_REPEATS else known[:1]
        if len(self._done) >= MAX_PAIRS:
            raise SchemaError("there are too many types to compare each with each", fix="split the schema into several")
        self._done[pair] = []
        self._open.append((reader, writer))
        clashes = [] if has_name_of(reader, writer) else _misnamed(reader, writer, at)
        clashes += _BODIES[reader.kind](self, reader, writer, at)
        self._open.pop()
        self._done[pair] = clashes
        return clashes

    def _record(self, reader: Node, writer: Node, at: At) -> Clashes:
        clashes: Clashes = []
        written = writer.by_name
        for index, field in enumerate(reader.fields):
            found = written.get(field.name)
            if field.aliases:
                rivals = written_fields(field, written)
                if len(rivals) > 1:
                    self.ambiguous += _ambiguous(field, rivals, writer, at, index)
                    continue
                found = rivals[0] if rivals else None
            if found is None:
                if not field.has_default:
                    clashes += _unfilled(field, writer, at, index)
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
        return _clash("MISSING_ENUM_SYMBOLS", at, "/symbols", reader, writer, symbols=join(missing))

    def _fixed(self, reader: Node, writer: Node, at: At) -> Clashes:
        if reader.size == writer.size:
            return []
        sizes = {"reader_size": str(reader.size), "writer_size": str(writer.size)}
        return _clash("FIXED_SIZE_MISMATCH", at, "/size", reader, writer, **sizes)


_Compare = Callable[[Comparison, Node, Node, At], Clashes]
_SAME_KIND: Mapping[str, _Compare] = {
    "record": Comparison._named,
    "enum": Comparison._named,
    "fixed": Comparison._named,
    "array": Comparison._items,
    "map": Comparison._values,
    "union": Comparison._unions,
}
_BODIES: Mapping[str, _Compare] = {
    "record": Comparison._record,
    "enum": Comparison._enum,
    "fixed": Comparison._fixed,
}


def _is_same(reader: Node, writer: Node) -> bool:
    """Whether two types are one without names within: a record can be ambiguous even to itself."""
    return reader is writer and not reader.name and not any(inner.name or inner.inner for inner in reader.inner)


def has_name_of(reader: Node, writer: Node) -> bool:
    """Whether a named type is the one that the reader's name or an alias means."""
    return reader.simple_name == writer.simple_name or writer.name in reader.aliases


def written_fields(field: Field, written: Mapping[str, Field]) -> list[Field]:
    """The writer's fields that the reader's name or one of its aliases means."""
    return [written[name] for name in (field.name, *field.aliases) if name in written]


def _ambiguous(field: Field, rivals: list[Field], writer: Node, at: At, index: int) -> Clashes:
    place: At = (at, "", f".{field.name}")
    names = ", ".join(f"`{name}`" for name in dict.fromkeys(rival.name for rival in rivals))
    return _clash("READER_FIELD_AMBIGUOUS", place, f"/fields/{index}", field.node, writer, fields=names)


def _misnamed(reader: Node, writer: Node, at: At) -> Clashes:
    """A type under another name; an alias would help, unless it takes the namespace of a reader that has one."""
    has_alias = "." in writer.name or "." not in reader.name
    return _clash("NAME_MISMATCH" if has_alias else "NAME_MISMATCH no namespace", at, "/name", reader, writer)


def _unfilled(field: Field, writer: Node, at: At, index: int) -> Clashes:
    """A field that nothing fills; an enum's own default does not either, and is told as the Java library does."""
    example = {"example": default_example(field.node)}
    place: At = (at, "", f".{field.name}")
    if field.node.kind == "enum" and field.node.default is not None:
        return _clash("TYPE_MISMATCH enum default", place, f"/fields/{index}/type", field.node, writer, **example)
    return _clash("READER_FIELD_MISSING_DEFAULT_VALUE", place, f"/fields/{index}", field.node, writer, **example)


def _clash(key: str, at: At, step: str, reader: Node, writer: Node, **values: str) -> Clashes:
    return make_clashes(RULES, key, at, step, reader, writer, **values)
