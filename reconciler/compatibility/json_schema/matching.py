"""The largest set of pairs in which nobody stands twice."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence


def match(candidates: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Pair as many of the left as possible with one of the right each.

    Args:
        candidates: for each of the left those of the right that it may be paired with.

    Returns:
        the partner of each of the left that has one; of several largest sets one that prefers early candidates.
    """
    partner_of_right: dict[int, int] = {}
    hopeless: set[int] = set()  # what a search in vain has seen stays in vain
    for left in candidates:
        path = _augmenting_path(left, candidates, partner_of_right, hopeless)
        partner_of_right |= {right: one for one, right in path}
    return {left: right for right, left in partner_of_right.items()}


def _augmenting_path(
    start: int, candidates: Mapping[int, Sequence[int]], partner_of_right: Mapping[int, int], hopeless: set[int]
) -> list[tuple[int, int]]:
    """The pairs to make such that ``start`` has a partner and nobody loses one; empty if there are none."""
    came_from: dict[int, int] = {}
    waiting = deque([start])
    while waiting:
        left = waiting.popleft()
        for right in candidates[left]:
            if right in came_from or right in hopeless:
                continue
            came_from[right] = left
            if right not in partner_of_right:
                return _path_to(right, start, came_from, partner_of_right)
            waiting.append(partner_of_right[right])
    hopeless.update(came_from)
    return []


def _path_to(
    right: int, start: int, came_from: Mapping[int, int], partner_of_right: Mapping[int, int]
) -> list[tuple[int, int]]:
    rights = {left: other for other, left in partner_of_right.items()}
    path = [(came_from[right], right)]
    while path[-1][0] != start:
        left = path[-1][0]
        path.append((came_from[rights[left]], rights[left]))
    return path
