"""Entries that were judged before: most fields of a repository look, to the rules, like ones that came earlier."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
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
        self.broken: dict[bytes, tuple[int, ...]] = {}
        self._pick = _make_picker(keys)
        self._around = {name: _make_picker(find_keys(conditions, name)) for name in _MAPPED}

    def sign(self, values: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> list[bytes]:
        """Write down all that the conditions speak of, for each entry."""
        around = [pick(values[name]) for name, pick in self._around.items() if name in values]
        prefix = _write([*(values.get(name) for name in _PLAIN), around])
        return [prefix + _write(self._pick(entry)) for entry in entries]

    def keep(self, signature: bytes, broken: tuple[int, ...]) -> None:
        """Remember the numbers of the rules that entries of a signature break."""
        if len(self.broken) >= MAX_REMEMBERED:
            self.broken.clear()
        self.broken[signature] = broken


def _make_picker(keys: frozenset[str] | None) -> Callable[[Mapping[str, Any]], Any]:
    """What takes the values of some keys, of which there are all, out of a mapping; None: everything."""
    if keys is None:
        return lambda values: list(values.items())
    return itemgetter(*sorted(keys)) if keys else lambda values: ()


def _write(value: Any) -> bytes:
    """The same bytes for equal values only; in a third of the time that ``repr`` takes.

    Version 2 of the form is the last that does not write whether a text happens to be the very same object as another.
    """
    return marshal.dumps(value, 2)
