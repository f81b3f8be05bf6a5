"""Every difference between two schemas as Confluent's registry finds them.

``old`` is what data was written with and ``new`` what it is read with, in the direction that is asked for. Whether a
pair within is compatible decides what is found around it, so the policy belongs to the comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import cast

from reconciler.compatibility.json_schema.arrays import compare_arrays
from reconciler.compatibility.json_schema.combinations import compare_combinations, enter_combination, leave_combination
from reconciler.compatibility.json_schema.differences import NONE, Difference, Differences
from reconciler.compatibility.json_schema.objects import compare_objects
from reconciler.compatibility.json_schema.rules import RULES, Policy
from reconciler.compatibility.json_schema.scalars import (
    compare_constants,
    compare_enumerations,
    compare_numbers,
    compare_strings,
)
from reconciler.compatibility.json_schema.shapes import (
    ArrayShape,
    CombinedShape,
    ConstShape,
    EmptyShape,
    EnumShape,
    FalseShape,
    ForeignShape,
    NotShape,
    NumberShape,
    ObjectShape,
    Shape,
    StringShape,
)
from reconciler.errors import SchemaError

_MAX_PAIRS = 200_000
"""Pairs of subschemas that one comparison looks at, which takes about a second."""

_BROKEN = Difference("")
"""Stands for the differences of a pair that is being compared and was found incompatible before."""

_Pair = tuple[int, int]


def find_all(old: Shape, new: Shape, policy: Policy) -> Differences:
    """Compare until the set of incompatible pairs is stable: a pair that is being compared counts as compatible at
    first, and as what it turned out to be from then on.

    Raises:
        SchemaError: the schemas combine so many others that comparing them would not end soon.
    """
    comparison = Comparison(policy)
    while True:
        found = comparison.pair(old, new)
        if not comparison.forget():
            return [difference for difference in found if difference.code in RULES[policy]]


class Comparison:
    """One comparison's memory: what was found for each pair, which pairs are being compared, and how many there were.

    Steps of differences are relative to the pair, so that a pair is compared once wherever it stands.
    """

    __slots__ = ("_broken", "_found", "_has_cycle", "_pairs", "_rules", "_under_way")

    def __init__(self, policy: Policy) -> None:
        self._rules = RULES[policy]
        self._found: dict[_Pair, Differences] = {}
        self._under_way: set[_Pair] = set()
        self._broken: frozenset[_Pair] = frozenset()
        self._has_cycle = False
        self._pairs = 0

    def pair(self, old: Shape, new: Shape) -> Differences:
        """Every difference between two schemas."""
        if old.key == new.key and old.is_quiet:
            return NONE
        old, new = old.resolved, new.resolved
        if old.key == new.key and old.is_quiet:
            return NONE
        self._pairs += 1
        if self._pairs > _MAX_PAIRS:
            raise SchemaError(
                f"the schemas combine so many others that more than {_MAX_PAIRS} pairs would have to be compared;"
                " comparing them was given up",
                fix="use fewer alternatives, or give them a property that tells them apart in a schema of their own",
            )
        place = (id(old), id(new))
        known = self._found.get(place)
        if known is not None:
            return known
        if place in self._under_way:
            self._has_cycle = True
            return (_BROKEN,) if place in self._broken else NONE
        self._under_way.add(place)
        found = self._found[place] = self._compare(old, new)
        self._under_way.discard(place)
        return found

    def is_compatible(self, differences: Differences) -> bool:
        """Whether none of the differences is incompatible under the policy."""
        return not any(self._breaks(difference) for difference in differences)

    def closest(self, old: Shape, branches: Sequence[Shape]) -> Difference | None:
        """What keeps a schema from fitting the branch that is most like it; None where no branch is of its class."""
        similar = [branch for branch in branches if type(branch.resolved) is type(old.resolved)]
        found = [[d for d in self.pair(old, branch) if self._breaks(d)] for branch in similar]
        return min(filter(None, found), key=len, default=[None])[0]

    def _breaks(self, difference: Difference) -> bool:
        rule = self._rules.get(difference.code)
        return difference.code == _BROKEN.code if rule is None else rule.breaks

    def forget(self) -> bool:
        """Begin anew with the pairs that are known to be incompatible; False if that cannot change anything."""
        broken = frozenset(pair for pair, found in self._found.items() if not self.is_compatible(found))
        is_news = self._has_cycle and broken != self._broken
        self._broken, self._has_cycle, self._found = broken, False, {}
        return is_news

    def _compare(self, old: Shape, new: Shape) -> Differences:
        found = _unwrapped(self, old, new)
        if found is not None:
            return found
        if type(old) is not type(new):
            if _is_always_fine(old, new):
                return NONE
            cause = self.closest(old, new.distinct) if isinstance(new, CombinedShape) else None
            return (Difference("TYPE_CHANGED", (), old, new, cause),)
        compare = _BODIES.get(type(old))
        return [*_annotations(old, new), *(compare(self, old, new) if compare else NONE)]


def _unwrapped(comparison: Comparison, old: Shape, new: Shape) -> Differences | None:
    """What is found where only one of two schemas is a combination and the other fits one of its branches."""
    if isinstance(old, CombinedShape) is isinstance(new, CombinedShape):
        return None
    if isinstance(new, CombinedShape):
        return enter_combination(comparison, old, new)
    return leave_combination(comparison, cast(CombinedShape, old), new)


def _is_always_fine(old: Shape, new: Shape) -> bool:
    is_both_bytes = old.is_connect_bytes and new.is_connect_bytes
    return isinstance(old, FalseShape) or isinstance(new, EmptyShape) or is_both_bytes


def _annotations(old: Shape, new: Shape) -> Iterator[Difference]:
    if old.id != new.id:
        yield Difference("ID_CHANGED", (), old.id, new.id)
    if old.title != new.title:
        yield Difference("TITLE_CHANGED", (), old.title, new.title)
    if old.description != new.description:
        yield Difference("DESCRIPTION_CHANGED", (), old.description, new.description)
    if (old.has_default, old.default) != (new.has_default, new.default):
        yield Difference("DEFAULT_CHANGED")


def _compare_negations(comparison: Comparison, old: NotShape, new: NotShape) -> Sequence[Difference]:
    """What is excluded compares in reverse, and is told even where it is equal."""
    found = comparison.pair(new.inner, old.inner)
    code = "NOT_TYPE_NARROWED" if comparison.is_compatible(found) else "NOT_TYPE_EXTENDED"
    return (Difference(code, ("not",), old.inner, new.inner),)


def _compare_foreign(_comparison: Comparison, old: ForeignShape, new: ForeignShape) -> Differences:
    return NONE if old.address == new.address else (Difference("TYPE_CHANGED", (), old, new),)


_Body = Callable[[Comparison, Shape, Shape], Sequence[Difference]]
_BODIES: Mapping[type[Shape], _Body] = {
    ArrayShape: cast(_Body, compare_arrays),
    CombinedShape: cast(_Body, compare_combinations),
    ConstShape: cast(_Body, compare_constants),
    EnumShape: cast(_Body, compare_enumerations),
    ForeignShape: cast(_Body, _compare_foreign),
    NotShape: cast(_Body, _compare_negations),
    NumberShape: cast(_Body, compare_numbers),
    ObjectShape: cast(_Body, compare_objects),
    StringShape: cast(_Body, compare_strings),
}
"""How two schemas of one class are compared; booleans, nulls and conditionals have nothing to compare."""
