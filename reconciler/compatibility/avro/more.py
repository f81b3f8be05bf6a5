"""What differs between two Avro types and does no harm, for the rows of ``more_rules.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.compatibility.avro.branches import FEW
from reconciler.compatibility.avro.clashes import At, Clashes, make_clashes
from reconciler.compatibility.avro.comparison import Comparison, has_name_of, written_fields
from reconciler.compatibility.avro.more_rules import MORE_RULES
from reconciler.compatibility.avro.rules import PROMOTIONS, join
from reconciler.schemas.avro.nodes import Field, Node

_INNER = {"array": ("/items", "[]"), "map": ("/values", "{}")}


def find_more(reader: Node, writer: Node) -> Clashes:
    """Every harmless difference between two types, whether or not others break."""
    walk = _Walk()
    walk.pair(reader, writer, None, None)
    return walk.found


class _Walk:
    """Goes through what is read as what; ``at`` is a place in the reader, ``there`` the same in the writer."""

    __slots__ = ("_comparison", "_first", "_seen", "found")

    def __init__(self) -> None:
        self._comparison = Comparison()
        self._first: dict[int, Mapping[tuple[str, str], int]] = {}
        self._seen: set[tuple[int, int]] = set()
        self.found: Clashes = []

    def pair(self, reader: Node, writer: Node, at: At, there: At) -> None:
        """Tell what differs between two types."""
        if "union" in (reader.kind, writer.kind):
            self._branches(reader, writer, at, there)
        elif (reader.kind, writer.kind) in PROMOTIONS:
            self._tell("TYPE_PROMOTED", at, "", reader, writer)
        elif reader.kind == writer.kind and reader.name:
            self._named(reader, writer, at, there)
        elif reader.kind == writer.kind and reader.inner:
            step = _INNER[reader.kind]
            self.pair(reader.inner[0], writer.inner[0], (at, *step), (there, *step))

    def _branches(self, reader: Node, writer: Node, at: At, there: At) -> None:
        ours, theirs = _branches_of(reader), _branches_of(writer)
        needed = set()
        for number, branch in enumerate(theirs):
            index = self._find_reader(ours, branch)
            if index is not None:
                needed.add(index)
                self.pair(ours[index], branch, _into(reader, at, index), _into(writer, there, number))
        for index, branch in enumerate(reader.inner if reader.kind == "union" else ()):
            if index not in needed:
                self._tell("UNION_BRANCH_ADDED", at, f"/{index}", branch, writer)

    def _find_reader(self, branches: Sequence[Node], writer: Node) -> int | None:
        """The branch of the same name that reads a type, else the first that does."""
        alike = self._find_alike(branches, writer)
        if alike is not None and not self._comparison.pair(branches[alike], writer, None):
            return alike
        return self._comparison.find_branch(branches, writer, None)

    def _find_alike(self, branches: Sequence[Node], writer: Node) -> int | None:
        """The first branch of the same kind and name. A union of thousands is asked for as many."""
        if len(branches) <= FEW:
            return next((index for index, branch in enumerate(branches) if _label(branch) == _label(writer)), None)
        if id(branches) not in self._first:
            last_first = reversed(list(enumerate(branches)))
            self._first[id(branches)] = {_label(branch): index for index, branch in last_first}
        return self._first[id(branches)].get(_label(writer))

    def _named(self, reader: Node, writer: Node, at: At, there: At) -> None:
        if (id(reader), id(writer)) in self._seen:
            return
        self._seen.add((id(reader), id(writer)))
        if reader.name != writer.name and has_name_of(reader, writer):
            self._tell("NAME_CHANGED", at, "/name", reader, writer)
        self._fields(reader, writer, at, there)
        self._symbols(reader, writer, at)

    def _fields(self, reader: Node, writer: Node, at: At, there: At) -> None:
        numbers = {field.name: number for number, field in enumerate(writer.fields)}
        left = dict(numbers)
        for index, field in enumerate(reader.fields):
            found = {each.name: each for each in written_fields(field, writer.by_name)}
            here: At = (at, f"/fields/{index}", f".{field.name}")
            if not found and field.has_default:
                self._tell("READER_FIELD_ADDED", here, "", field.node, writer)
            for name, written in found.items():
                left.pop(name, None)
                self._field(field, written, here, (there, f"/fields/{numbers[name]}", f".{name}"))
        for name, number in left.items():
            gone: At = (there, f"/fields/{number}", f".{name}")
            self._tell("READER_FIELD_REMOVED", gone, "", reader, writer.by_name[name].node)

    def _field(self, reader: Field, writer: Field, at: At, there: At) -> None:
        if reader.name != writer.name:
            self._tell("READER_FIELD_RENAMED", at, "", reader.node, writer.node, writer_field=writer.name)
        self.pair(reader.node, writer.node, (at, "/type", ""), (there, "/type", ""))

    def _symbols(self, reader: Node, writer: Node, at: At) -> None:
        ours, theirs = dict.fromkeys(reader.symbols), dict.fromkeys(writer.symbols)
        added, removed = (join([a for a in one if a not in other]) for one, other in ((ours, theirs), (theirs, ours)))
        if added:
            self._tell("ENUM_SYMBOLS_ADDED", at, "/symbols", reader, writer, symbols=added)
        if removed and reader.default is not None:
            values = {"symbols": removed, "default": reader.default}
            self._tell("ENUM_SYMBOLS_REMOVED", at, "/symbols", reader, writer, **values)

    def _tell(self, key: str, at: At, step: str, reader: Node, writer: Node, **values: str) -> None:
        self.found += make_clashes(MORE_RULES, key, at, step, reader, writer, **values)


def _branches_of(side: Node) -> Sequence[Node]:
    return side.inner if side.kind == "union" else (side,)


def _into(side: Node, at: At, number: int) -> At:
    return (at, f"/{number}", "") if side.kind == "union" else at


def _label(node: Node) -> tuple[str, str]:
    return node.kind, node.simple_name
