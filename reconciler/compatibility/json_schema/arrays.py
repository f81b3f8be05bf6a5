"""Arrays: the schema of all elements, tuples, content model, limits, uniqueness."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.compatibility.json_schema.content import compare_content, covering_schema, is_open
from reconciler.compatibility.json_schema.differences import Difference, below
from reconciler.compatibility.json_schema.pairs import Pairs
from reconciler.compatibility.json_schema.scalars import compare_limits
from reconciler.compatibility.json_schema.shapes import ArrayShape, EmptyShape, FalseShape, Shape


def compare_arrays(pairs: Pairs, old: ArrayShape, new: ArrayShape) -> Iterator[Difference]:
    """Compare two arrays."""
    yield from below(_compare_each(pairs, old.each, new.each), "items")
    yield from _compare_tuples(pairs, old, new)
    yield from compare_content("Items", pairs, old, new)
    yield from compare_limits(old, new)
    if old.is_unique is not new.is_unique:
        code = "UNIQUE_ITEMS_REMOVED" if old.is_unique else "UNIQUE_ITEMS_ADDED"
        yield Difference(code, ("uniqueItems",), old.is_unique, new.is_unique)


def _compare_each(pairs: Pairs, old: Shape | None, new: Shape | None) -> Iterator[Difference]:
    if old is not None and new is not None:
        yield from pairs.pair(old, new)
    elif old is not new:
        yield Difference("SCHEMA_ADDED" if old is None else "SCHEMA_REMOVED", (), old, new)


def _compare_tuples(pairs: Pairs, old: ArrayShape, new: ArrayShape) -> Iterator[Difference]:
    for index, (before, after) in enumerate(zip(old.first, new.first, strict=False)):
        yield from below(pairs.pair(before, after), f"items/{index}")
    both = min(len(old.first), len(new.first))
    for index, before in enumerate(old.first[both:], both):
        yield from below(_removed(pairs, before, new), f"items/{index}")
    for index, after in enumerate(new.first[both:], both):
        yield from below(_added(pairs, after, old), f"items/{index}")


def _removed(pairs: Pairs, before: Shape, new: ArrayShape) -> Iterator[Difference]:
    rest = covering_schema(pairs, new, "")
    if is_open(new):
        yield Difference("ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL", (), before)
    elif rest is not None:
        yield from _compare_with_rest("ITEM_REMOVED", pairs, before, rest)
    elif isinstance(before, FalseShape):
        yield Difference("ITEM_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL", (), before)
    else:
        yield Difference("ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL", (), before)


def _added(pairs: Pairs, after: Shape, old: ArrayShape) -> Iterator[Difference]:
    rest = covering_schema(pairs, old, "")
    if is_open(old):
        is_empty = isinstance(after, EmptyShape)
        code = "ITEM_WITH_EMPTY_SCHEMA_ADDED" if is_empty else "ITEM_ADDED"
        yield Difference(f"{code}_TO_OPEN_CONTENT_MODEL", (), None, after)
    elif rest is not None:
        yield from _compare_with_rest("ITEM_ADDED", pairs, rest, after)
    else:
        yield Difference("ITEM_ADDED_TO_CLOSED_CONTENT_MODEL", (), None, after)


def _compare_with_rest(code: str, pairs: Pairs, before: Shape, after: Shape) -> Iterator[Difference]:
    found = pairs.pair(before, after)
    yield from found
    is_covered = "IS_COVERED" if pairs.is_compatible(found) else "NOT_COVERED"
    yield Difference(f"{code}_{is_covered}_BY_PARTIALLY_OPEN_CONTENT_MODEL", (), before, after)
