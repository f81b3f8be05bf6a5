"""Entries that were judged before: most fields of a repository look, to the rules, like ones that came earlier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reconciler.policy.expressions import asks_for_presence, find_members

MAX_REMEMBERED = 50_000
"""Entries of which it is remembered what they break; then it starts anew, lest memory grow with the repository."""

_LISTS = frozenset({"fields", "definitions"})
_PLAIN = ("environment", "today")
_MAPPED = ("subject", "schema")


_SELDOM_ALIKE = frozenset({"definition", "full_name", "namespace", "at", "doc"})
"""Keys in which entries differ that are alike otherwise."""


def is_local(condition: str) -> bool:
    """Whether a condition about an entry of a schema speaks of no other entries of it."""
    members = find_members(condition, "schema")
    return members is not None and members.isdisjoint(_LISTS)


def find_keys(conditions: Iterable[str], variable: str) -> frozenset[str] | None:
    """The keys of a variable that any of the conditions speaks of; None: all."""
    found: set[str] = set()
    for condition in conditions:
        members = find_members(condition, variable)
        if members is None:
            return None
        found |= members
    return frozenset(found)


def find_seldom(condition: str, variable: str) -> frozenset[str]:
    """The keys in a condition in which entries are seldom alike; rules that share them are best remembered together.

    None of them where the condition asks whether keys are there, since it would be asked without these first.
    """
    return (
        frozenset()
        if asks_for_presence(condition)
        else (find_keys([condition], variable) or frozenset()) & _SELDOM_ALIKE
    )


class Memory:
    """Which of some rules an entry breaks, by everything that their conditions speak of.

    Conditions have no other input, so that entries alike in it are judged alike.

    Args:
        conditions: those of the rules, each of them local.
        keys: what of an entry they are asked with; None: all.
    """

    def __init__(self, conditions: Sequence[str], keys: frozenset[str] | None) -> None:
        self.broken: dict[str, tuple[int, ...]] = {}
        self._keys = keys
        self._around = {name: find_keys(conditions, name) for name in _MAPPED}

    def sign(self, values: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> list[str]:
        """Write down all that the conditions speak of, for each entry."""
        around = [_select(values[name], keys) for name, keys in self._around.items() if name in values]
        prefix = repr([*(values.get(name) for name in _PLAIN), around])
        return [prefix + repr(_select(entry, self._keys)) for entry in entries]

    def keep(self, signature: str, broken: tuple[int, ...]) -> None:
        """Remember the numbers of the rules that entries of a signature break."""
        if len(self.broken) >= MAX_REMEMBERED:
            self.broken.clear()
        self.broken[signature] = broken


def _select(values: Mapping[str, Any], keys: frozenset[str] | None) -> list[Any]:
    return list(values.items()) if keys is None else [values.get(key) for key in keys]
