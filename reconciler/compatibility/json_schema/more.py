"""What Confluent does not compare and other registries do: for the rows of ``more_rules.py``.

Source of the rules: the behaviour of Apicurio Registry 3.3.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import cast

from reconciler.compatibility.json_schema.differences import NONE, Difference, Differences, below
from reconciler.compatibility.json_schema.pairs import Pairs
from reconciler.compatibility.json_schema.shapes import (
    ArrayShape,
    BooleanShape,
    CombinedShape,
    ConditionalShape,
    EmptyShape,
    FalseShape,
    NumberShape,
    ObjectShape,
    Shape,
    StringShape,
)

_NOTES: Mapping[str, str] = {"format": "STRING_FORMAT", "contentEncoding": "CONTENT", "contentMediaType": "CONTENT"}
_FOUND_BY_TYPE = (StringShape, NumberShape, BooleanShape)
"""Types that are looked for within an ``allOf`` that became plain: those that an ``enum`` stands beside."""


def compare_more_strings(_pairs: Pairs, old: StringShape, new: StringShape) -> Iterator[Difference]:
    """Compare what formats and contents two strings have; one that goes does no harm."""
    for keyword, after in new.notes.items():
        before = old.notes.get(keyword)
        if before != after:
            movement = "ADDED" if before is None else "CHANGED"
            yield Difference(f"{_NOTES[keyword]}_{movement}", (keyword,), before, after)


def compare_more_objects(pairs: Pairs, old: ObjectShape, new: ObjectShape) -> Iterator[Difference]:
    """Compare what is required without being described, the names of properties, and what patterns ask for."""
    for name in sorted(new.required - old.required):
        if name not in old.properties or name not in new.properties:
            yield Difference("REQUIRED_NAME_ADDED", ("required", name))
    yield from _compare_added("PROPERTY_NAMES_ADDED", "propertyNames", pairs, old.names, new.names)
    for pattern, after in new.compared_patterns.items():
        before = old.compared_patterns.get(pattern)
        found = _compare_added("PATTERN_PROPERTY_ADDED", pattern, pairs, before, after)
        yield from below(found, "patternProperties")


def compare_more_arrays(pairs: Pairs, old: ArrayShape, new: ArrayShape) -> Iterator[Difference]:
    """Compare what two arrays must contain."""
    yield from _compare_added("CONTAINS_ADDED", "contains", pairs, old.contained, new.contained)


def compare_conditions(pairs: Pairs, old: ConditionalShape, new: ConditionalShape) -> Iterator[Difference]:
    """Compare two conditions: what they ask must be the same, what follows may only ask for less."""
    for keyword, after in new.parts.items():
        before = old.parts.get(keyword)
        if before is None:
            yield Difference("CONDITION_ADDED", (keyword,), None, after)
        elif pairs.fit(before, after) is None or (keyword == "if" and pairs.fit(after, before) is None):
            yield Difference("CONDITION_CHANGED", (keyword,), before, after)


def tell_wrapping(old: Shape, new: Shape) -> Differences:
    """What is told where only one of two schemas is a combination, though the other fits one of its branches."""
    if isinstance(old, FalseShape) or isinstance(new, EmptyShape):
        return NONE
    if isinstance(new, CombinedShape):
        is_string_or_more = isinstance(old, StringShape) and new.criterion == "anyOf"
        return NONE if is_string_or_more else (Difference("COMBINATION_ENTERED", (), old, new),)
    branches = old.branches if isinstance(old, CombinedShape) and old.criterion == "allOf" else ()
    alike = [branch for branch in branches if type(branch.resolved) is type(new)]
    is_found = isinstance(new, _FOUND_BY_TYPE) and len(alike) == 1
    return NONE if is_found else (Difference("COMBINATION_LEFT", (), old, new),)


def _compare_added(
    code: str, step: str, pairs: Pairs, before: Shape | None, after: Shape | None
) -> Iterator[Difference]:
    """A schema that comes breaks, one that goes does no harm, and one that stays is compared."""
    if after is None:
        return
    yield from below(pairs.pair(before, after) if before is not None else (Difference(code, (), None, after),), step)


_More = Callable[[Pairs, Shape, Shape], Iterator[Difference]]
MORE: Mapping[type[Shape], _More] = {
    ArrayShape: cast(_More, compare_more_arrays),
    ConditionalShape: cast(_More, compare_conditions),
    ObjectShape: cast(_More, compare_more_objects),
    StringShape: cast(_More, compare_more_strings),
}
"""By class, what is compared beyond what Confluent compares."""
