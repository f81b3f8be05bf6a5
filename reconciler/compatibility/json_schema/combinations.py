"""``allOf``, ``anyOf`` and ``oneOf``: against each other, and against schemas that are none of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reconciler.compatibility.json_schema.differences import Difference, Differences, below
from reconciler.compatibility.json_schema.matching import match
from reconciler.compatibility.json_schema.pairs import Pairs
from reconciler.compatibility.json_schema.shapes import CombinedShape, Shape


def enter_combination(pairs: Pairs, old: Shape, new: CombinedShape) -> Differences | None:
    """What is found where a plain schema becomes one of several, or the only one; None where it fits none of them."""
    is_only = len(new.branches) == 1
    if new.criterion == "allOf" and not is_only:
        return None
    for branch in new.branches:
        found = pairs.fit(old, branch)
        if found is not None:
            return found if is_only else [*found, Difference("SUM_TYPE_EXTENDED", (), old, new)]
    return None


def leave_combination(pairs: Pairs, old: CombinedShape, new: Shape) -> Differences | None:
    """What is found where the only one of several, or one of several demands, stays; None where none of them does."""
    is_only = len(old.branches) == 1
    if old.criterion != "allOf" and not is_only:
        return None
    for branch in old.branches:
        found = pairs.fit(branch, new)
        if found is not None:
            return found if is_only else [*found, Difference("PRODUCT_TYPE_NARROWED", (), old, new)]
    return None


def compare_combinations(pairs: Pairs, old: CombinedShape, new: CombinedShape) -> Iterator[Difference]:
    """Compare two combinations: criterion, number of branches, and whether the branches fit one another."""
    if old.criterion != new.criterion:
        is_allowed = _may_become(old, new)
        code = "COMBINED_TYPE_EXTENDED" if is_allowed else "COMBINED_TYPE_CHANGED"
        yield Difference(code, (), old.criterion, new.criterion)
        if not is_allowed:
            return
        if new.criterion != "anyOf":
            yield Difference("COMBINATION_CHANGED", (), old, new)
    if len(old.distinct) < len(new.distinct):
        code = "PRODUCT_TYPE_EXTENDED" if new.criterion == "allOf" else "SUM_TYPE_EXTENDED"
        yield Difference(code, (), old, new)
    elif len(old.distinct) > len(new.distinct):
        code = "PRODUCT_TYPE_NARROWED" if old.criterion == "allOf" else "SUM_TYPE_NARROWED"
        yield Difference(code, (), old, new)
    yield from _compare_branches(pairs, old, new)


def _may_become(old: CombinedShape, new: CombinedShape) -> bool:
    is_old_only, is_new_only = len(old.branches) == 1, len(new.branches) == 1
    return (
        new.criterion == "anyOf"
        or (is_old_only and (is_new_only or new.criterion == "oneOf"))
        or (old.criterion == "allOf" and is_new_only)
    )


def _compare_branches(pairs: Pairs, old: CombinedShape, new: CombinedShape) -> Iterator[Difference]:
    """Pair the branches. Equal ones are paired first, which spares most comparisons and never pairs fewer of a set that
    has grown, shrunk or changed in a few places; where that is not enough, all are compared with all.
    """
    before, after = old.distinct, new.distinct
    smaller = min(len(before), len(after))
    equal = _equal(before, after)
    partners = equal | _match(pairs, before, after, equal)
    if len(partners) < smaller and equal:
        partners = _match(pairs, before, after, {}, preferred=equal)
    for index, partner in sorted(partners.items()):
        yield from below(pairs.pair(before[index], after[partner]), f"{old.criterion}/{index}")
    if len(partners) < smaller:
        lonely = next((branch for index, branch in enumerate(before) if index not in partners), before[0])
        free = [branch for index, branch in enumerate(after) if index not in partners.values()]
        causes = (pairs.closest(branch, free) for branch in (lonely, *before))
        cause = next(filter(None, causes), None) or pairs.closest(lonely, after)
        yield Difference("COMBINED_TYPE_SUBSCHEMAS_CHANGED", (), old, new, cause)


def _equal(before: Sequence[Shape], after: Sequence[Shape]) -> dict[int, int]:
    """The partner of each branch that has an equal one; of several, each is taken once."""
    free: dict[bytes, list[int]] = {}
    for index in reversed(range(len(after))):
        free.setdefault(after[index].key, []).append(index)
    return {index: free[branch.key].pop() for index, branch in enumerate(before) if free.get(branch.key)}


def _match(
    pairs: Pairs,
    before: Sequence[Shape],
    after: Sequence[Shape],
    taken: Mapping[int, int],
    preferred: Mapping[int, int] | None = None,
) -> dict[int, int]:
    """The largest set of pairs among the branches that are not taken."""
    used = set(taken.values())
    free = [index for index in range(len(after)) if index not in used]
    candidates = {
        index: [other for other in free if pairs.fit(branch, after[other]) is not None]
        for index, branch in enumerate(before)
        if index not in taken
    }
    for index, best in (preferred or {}).items():
        candidates[index].sort(key=best.__ne__)
    return match(candidates)
