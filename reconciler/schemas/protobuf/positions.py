"""Where the elements of a Protobuf text stand."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache

from reconciler.schemas.json_positions import pointer_parts
from reconciler.schemas.protobuf.outline import dotted_paths
from reconciler.schemas.protobuf.scan import scan, walk

_SCOPES = frozenset({"message", "enum", "group"})


def locate_path(definition: str, path: str) -> tuple[int, int] | None:
    """Find where an element of a Protobuf text stands.

    Args:
        definition: the text.
        path: ``Order.amount`` as in an outline, also behind the package; or ``#/Order/3`` with names and numbers of
            fields, as in verdicts; ``#/`` is the package. A field is found by its message and number, whatever oneof it
            has moved from or to.

    Returns:
        line and column from 1 of the statement; of the nearest enclosing one where the path leads nowhere.
    """
    index = _index(definition)
    offset = index.pointed(path) if path.startswith(("#", "/")) else index.named(path)
    return index.place(index.first if offset is None else offset)


class _Index:
    """The offsets of one text's statements, made once for whoever asks for many of them."""

    __slots__ = ("_breaks", "_by_pointer", "_dotted", "_fields", "_package", "_scopes", "first")

    def __init__(self, definition: str) -> None:
        statements = scan(definition)
        rows = list(walk(statements))
        oneofs = {names for names, statement in rows if statement.kind == "oneof"}
        self.first = statements[0].offset if statements else None
        self._breaks = [offset for offset, character in enumerate(definition) if character == "\n"]
        self._package = next(((s.name, s.offset) for s in statements if s.kind == "package"), None)
        self._dotted = {path: statement.offset for path, statement in dotted_paths(statements)}
        self._scopes = {names for names, statement in rows if statement.kind in _SCOPES}
        self._by_pointer: dict[tuple[str, ...], int] = {}
        self._fields: dict[tuple[str, ...], int] = {}
        for names, statement in rows:
            for own in (statement.number or names[-1], names[-1]):
                self._by_pointer.setdefault((*names[:-1], own), statement.offset)
            if statement.kind == "field":
                message = names[:-2] if names[:-1] in oneofs else names[:-1]
                self._fields.setdefault((*message, statement.number), statement.offset)

    def named(self, path: str) -> int | None:
        """The offset of a dotted path, or of what encloses it."""
        inner = path.removeprefix(f"{self._package[0]}.") if self._package else path
        while inner and inner not in self._dotted:
            inner = inner.rpartition(".")[0]
        return self._dotted.get(inner)

    def pointed(self, path: str) -> int | None:
        """The offset of a pointer, or of what encloses it."""
        wanted = tuple(part for part in pointer_parts(path) if part)
        if not wanted:
            return self._package[1] if self._package else None
        if wanted in self._by_pointer:
            return self._by_pointer[wanted]
        for owner in (wanted[:-1], wanted[:-2])[: 1 if wanted[:-1] in self._scopes else 2]:
            if (field := (*owner, wanted[-1])) in self._fields:
                return self._fields[field]
        lengths = range(len(wanted) - 1, 0, -1)
        return next((self._by_pointer[wanted[:n]] for n in lengths if wanted[:n] in self._by_pointer), None)

    def place(self, offset: int | None) -> tuple[int, int] | None:
        """Line and column, both from 1, of an offset."""
        if offset is None:
            return None
        line = bisect_left(self._breaks, offset)
        return line + 1, offset - (self._breaks[line - 1] if line else -1)


_index = lru_cache(maxsize=4)(_Index)
