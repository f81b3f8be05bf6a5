"""Orders: what refers to something comes after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def sort_by_references(names: Iterable[str], references: Mapping[str, Iterable[str]]) -> list[str]:
    """Order names such that each comes after those it refers to; otherwise in the order given.

    References to names that are not given are ignored. Names on a cycle keep the order in which they are met: cycles
    are reported where references are resolved, and a plan with one is never applied.
    """
    wanted = dict.fromkeys(names)
    ordered: dict[str, None] = {}
    entered: set[str] = set()
    for start in wanted:
        stack = [(start, False)]
        while stack:
            name, is_done = stack.pop()
            if is_done:
                ordered.setdefault(name)
            elif name in wanted and name not in entered:
                entered.add(name)
                stack.append((name, True))
                stack.extend((other, False) for other in reversed(list(references.get(name, ()))))
    return list(ordered)
