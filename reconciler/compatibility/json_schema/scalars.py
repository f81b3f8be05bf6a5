"""Strings, numbers, enumerations and constants; and the limits that every type has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.compatibility.json_schema.differences import Difference
from reconciler.compatibility.json_schema.pairs import Pairs
from reconciler.compatibility.json_schema.shapes import (
    ConstShape,
    EnumShape,
    LimitedShape,
    Number,
    NumberShape,
    Shape,
    StringShape,
)
from reconciler.compatibility.json_schema.values import is_multiple

_LIMITS: Mapping[str, str] = {
    "maxLength": "MAX_LENGTH",
    "minLength": "MIN_LENGTH",
    "maximum": "MAXIMUM",
    "minimum": "MINIMUM",
    "exclusiveMaximum": "EXCLUSIVE_MAXIMUM",
    "exclusiveMinimum": "EXCLUSIVE_MINIMUM",
    "maxProperties": "MAX_PROPERTIES",
    "minProperties": "MIN_PROPERTIES",
    "maxItems": "MAX_ITEMS",
    "minItems": "MIN_ITEMS",
    "maxContains": "MAX_CONTAINS",
    "minContains": "MIN_CONTAINS",
}


def compare_limits(old: LimitedShape, new: LimitedShape) -> Iterator[Difference]:
    """Compare the numbers that two schemas of one type set."""
    if old.limits == new.limits:
        return
    for keyword in dict.fromkeys((*old.limits, *new.limits)):
        before, after = old.limits.get(keyword), new.limits.get(keyword)
        if before != after:
            yield Difference(f"{_LIMITS[keyword]}_{_movement(before, after)}", (keyword,), before, after)


def _movement(before: Number | None, after: Number | None) -> str:
    if before is None or after is None:
        return "ADDED" if before is None else "REMOVED"
    return "INCREASED" if before < after else "DECREASED"


def compare_strings(_pairs: Pairs, old: StringShape, new: StringShape) -> Iterator[Difference]:
    """Compare two strings; patterns by their text."""
    yield from compare_limits(old, new)
    if old.pattern != new.pattern:
        movement = "ADDED" if old.pattern is None else "REMOVED" if new.pattern is None else "CHANGED"
        yield Difference(f"PATTERN_{movement}", ("pattern",), old.pattern, new.pattern)


def compare_numbers(_pairs: Pairs, old: NumberShape, new: NumberShape) -> Iterator[Difference]:
    """Compare two numbers; an integer is one."""
    yield from compare_limits(old, new)
    if old.multiple_of != new.multiple_of:
        code = f"MULTIPLE_OF_{_factor(old.multiple_of, new.multiple_of)}"
        yield Difference(code, ("multipleOf",), old.multiple_of, new.multiple_of)
    if old.is_integer is not new.is_integer:
        yield Difference("TYPE_EXTENDED" if old.is_integer else "TYPE_NARROWED", (), old, new)


def _factor(before: Number | None, after: Number | None) -> str:
    if before is None or after is None:
        return "ADDED" if before is None else "REMOVED"
    if is_multiple(after, before):
        return "EXPANDED"
    return "REDUCED" if is_multiple(before, after) else "CHANGED"


def compare_enumerations(_pairs: Pairs, old: EnumShape, new: EnumShape) -> Iterator[Difference]:
    """Compare two sets of values."""
    if old.values != new.values:
        movement = "EXTENDED" if old.values < new.values else "NARROWED" if old.values > new.values else "CHANGED"
        yield Difference(f"ENUM_ARRAY_{movement}", ("enum",), old, new)


def compare_constants(_pairs: Pairs, old: ConstShape, new: ConstShape) -> Iterator[Difference]:
    """Compare two values; a constant is an enumeration of one."""
    if old.value != new.value:
        yield Difference("ENUM_ARRAY_CHANGED", ("const",), old, new)


def is_same_constant(old: Shape, new: Shape) -> bool:
    """Whether a constant becomes an enumeration that has it, or an enumeration of one its only value."""
    if isinstance(old, ConstShape):
        return isinstance(new, EnumShape) and old.value in new.values
    return isinstance(old, EnumShape) and isinstance(new, ConstShape) and old.values == {new.value}
