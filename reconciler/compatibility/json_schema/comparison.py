"""Every difference between two schemas as Confluent's registry finds them.

``old`` is what data was written with and ``new`` what it is read with, in the direction that is asked for. Whether a
pair within is compatible decides what is found around it, so the table of rules belongs to the comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import cast

from reconciler.compatibility.clash import Rule
from reconciler.compatibility.json_schema.arrays import compare_arrays
from reconciler.compatibility.json_schema.combinations import compare_combinations, enter_combination, leave_combination
from reconciler.compatibility.json_schema.differences import NONE, Difference, Differences
from reconciler.compatibility.json_schema.more import MORE, tell_wrapping
from reconciler.compatibility.json_schema.objects import compare_objects
from reconciler.compatibility.json_schema.scalars import (
    compare_constants,
    compare_enumerations,
    compare_numbers,
    compare_strings,
    is_same_constant,
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

_MAX_WORK = 300_000
"""Pairs of subschemas that one comparison looks at, with their differences; that takes about a second."""

_BROKEN = (Difference(""),)
"""Stands for the differences of an incompatible pair of which not all were looked for, or are told elsewhere."""

_Pair = tuple[int, int]


def find_all(
    old: Shape, new: Shape, rules: Mapping[str, Rule], *, more: bool = False, again: bool = False
) -> Differences:
    """Compare until the set of incompatible pairs is stable: a pair that is being compared counts as compatible at
    first, and as what it turned out to be from then on.

    Args:
        old: what data was written with.
        new: what it is read with.
        rules: the table of a policy or dialect; what has no row is no difference.
        more: compare what Confluent leaves aside, too; the shapes must have been prepared so.
        again: tell what breaks in a schema that holds itself once more a level deeper, as the registry does.

    Raises:
        SchemaError: the schemas combine so many others that comparing them would not end soon.
    """
    comparison = Comparison(rules, more=more, again=again)
    while True:
        found = comparison.pair(old, new)
        if not comparison.forget():
            return [difference for difference in found if difference.code in rules]


class Comparison:
    """One comparison's memory: what was found for each pair, which pairs are being compared, and how many there were.

    Steps of differences are relative to the pair, so that a pair is compared once wherever it stands.
    """

    __slots__ = ("_again", "_broken", "_found", "_has_assumed", "_more", "_rules", "_under_way", "_unfit", "_work")

    def __init__(self, rules: Mapping[str, Rule], *, more: bool, again: bool) -> None:
        self._rules = rules
        self._again = again
        self._more = MORE if more else {}
        self._found: dict[_Pair, Differences] = {}
        self._under_way: set[_Pair] = set()
        self._broken: Mapping[_Pair, Differences] = {}
        self._has_assumed = False
        self._unfit: set[_Pair] = set()
        self._work = 0

    def pair(self, old: Shape, new: Shape) -> Differences:
        """Every difference between two schemas."""
        old, new = old.resolved, new.resolved
        if old.key == new.key and old.is_quiet:
            return NONE
        place = (id(old), id(new))
        known = self._known(place)
        if known is None:
            self._under_way.add(place)
            known = self._found[place] = list(self._compare(old, new))
            self._under_way.discard(place)
            self.spend(1 + len(known))
        return known

    def fit(self, old: Shape, new: Shape) -> Differences | None:
        """Every difference between two schemas if all are compatible, else None, which is found sooner."""
        old, new = old.resolved, new.resolved
        if old.key == new.key and old.is_quiet:
            return NONE
        place = (id(old), id(new))
        known = None if place in self._unfit else self._known(place)
        if known is not None:
            return known if self.is_compatible(known) else None
        return None if place in self._unfit else self._find_fit(place, old, new)

    def _find_fit(self, place: _Pair, old: Shape, new: Shape) -> Differences | None:
        self.spend(1)
        self._under_way.add(place)
        found: list[Difference] = []
        for difference in self._compare(old, new):
            found.append(difference)
            if self._breaks(difference):
                break
        self._under_way.discard(place)
        self.spend(len(found))
        if found and self._breaks(found[-1]):
            self._unfit.add(place)
            return None
        self._found[place] = found
        return found

    def _known(self, place: _Pair) -> Differences | None:
        if place not in self._under_way:
            return self._found.get(place)
        if place not in self._broken:
            self._has_assumed = True
            return NONE
        return self._broken[place] if self._again else _BROKEN

    def spend(self, work: int) -> None:
        """Count pairs, differences and the like.

        Raises:
            SchemaError: they are more than a second's work.
        """
        self._work += work
        if self._work > _MAX_WORK:
            raise SchemaError(
                "the schemas differ in so many places, or combine so many others, that comparing them was given up",
                fix="use fewer alternatives, or split the schema with references between subjects",
            )

    def closest(self, old: Shape, branches: Sequence[Shape]) -> Difference | None:
        """What keeps a schema from fitting the branch that is most like it; None where no branch is of its class."""
        similar = [branch for branch in branches if type(branch.resolved) is type(old.resolved)]
        found = [[d for d in self.pair(old, branch) if self._breaks(d)] for branch in similar]
        return min(filter(None, found), key=len, default=[None])[0]

    def is_compatible(self, differences: Differences) -> bool:
        """Whether none of the differences is incompatible under the rules."""
        return not any(self._breaks(difference) for difference in differences)

    def _breaks(self, difference: Difference) -> bool:
        rule = self._rules.get(difference.code)
        return difference is _BROKEN[0] if rule is None else rule.breaks

    def forget(self) -> bool:
        """Begin anew with the pairs that are known to be incompatible; False if that cannot change anything."""
        if not self._has_assumed:
            return False
        found = {pair: found for pair, found in self._found.items() if not self.is_compatible(found)}
        broken = {**dict.fromkeys(self._unfit, _BROKEN), **self._broken, **found}
        is_news = broken.keys() != self._broken.keys()
        self._broken, self._has_assumed, self._found, self._unfit = broken, False, {}, set()
        return is_news

    def _compare(self, old: Shape, new: Shape) -> Iterable[Difference]:
        found = _unwrapped(self, old, new)
        if found is not None:
            return [*found, *tell_wrapping(old, new)] if self._more else found
        if type(old) is not type(new):
            return self._other_type(old, new)
        compare = _BODIES.get(type(old))
        told = chain(_annotations(old, new), compare(self, old, new) if compare else NONE)
        more = self._more.get(type(old))
        return chain(told, more(self, old, new)) if more else told

    def _other_type(self, old: Shape, new: Shape) -> Differences:
        if isinstance(old, FalseShape) or isinstance(new, EmptyShape):
            return NONE
        if old.is_connect_bytes and new.is_connect_bytes:
            return (Difference("CONNECT_BYTES_CHANGED", (), old, new),)
        cause = self.closest(old, new.distinct) if isinstance(new, CombinedShape) else None
        code = "TYPE_CHANGED constant" if is_same_constant(old, new) else "TYPE_CHANGED"
        return (Difference(code, (), old, new, cause),)


def _unwrapped(comparison: Comparison, old: Shape, new: Shape) -> Differences | None:
    """What is found where only one of two schemas is a combination and the other fits one of its branches."""
    if isinstance(old, CombinedShape) is isinstance(new, CombinedShape):
        return None
    if isinstance(new, CombinedShape):
        return enter_combination(comparison, old, new)
    return leave_combination(comparison, cast(CombinedShape, old), new)


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
    code = "NOT_TYPE_EXTENDED" if comparison.fit(new.inner, old.inner) is None else "NOT_TYPE_NARROWED"
    return (Difference(code, ("not",), old.inner, new.inner),)


def _compare_foreign(_comparison: Comparison, old: ForeignShape, new: ForeignShape) -> Differences:
    return NONE if old.address == new.address else (Difference("TYPE_CHANGED", (), old, new),)


_Body = Callable[[Comparison, Shape, Shape], Iterable[Difference]]
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
