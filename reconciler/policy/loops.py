"""How long a rule may take: bounded by how deep it nests loops over whole lists, and by how long these are.

CEL loops over lists that are there, so it always ends; but three loops within each other over the thousand fields of a
schema are a billion steps, and nothing can stop one that has begun.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from math import prod
from typing import Any

MAX_STEPS = 30_000_000
"""Entries that a rule may go over for one thing that it is asked about: about a minute."""

_TEXT = re.compile(r"""r?("{3}.*?"{3}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|//[^\n]*""", re.DOTALL)
_MACRO = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*$")
_VARIABLE = re.compile(r"\s*([A-Za-z_]\w*)\s*,")
_NAME = re.compile(r"[A-Za-z_]\w*$")
_PAIRS: Mapping[str, str] = {")": "(", "]": "[", "}": "{"}


def find_loops(text: str, entries: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """The loops that an expression nests, from the outermost in, each by the variable whose list it goes over.

    Those over what one entry of a list has are left aside: an entry's own lists, such as a field's tags, are no longer
    together than the schema is.

    Args:
        text: CEL, of which it is known that its brackets fit.
        entries: the variables that are entries of lists; so are those of its loops.
    """
    bare = _TEXT.sub("''", text)
    own, open_ = set(entries), list[str | None]()
    found: set[tuple[str, ...]] = set()
    for at, mark in enumerate(bare):
        if mark in "([{":
            macro = _MACRO.search(bare, 0, at) if mark == "(" else None
            root = _find_root(bare, macro.start()) if macro else None
            named = _VARIABLE.match(bare, at + 1) if macro else None
            own.update([named[1]] if named else [])
            open_.append(None if root in own else root)
            found.add(tuple(each for each in open_ if each is not None))
        elif mark in ")]}" and open_:
            open_.pop()
    return frozenset(path for path in found if path)


def _find_root(bare: str, end: int) -> str:
    """The variable or function that the expression before a position begins with; '' for a list that is written out."""
    at = end
    while True:
        at = len(bare[:at].rstrip())
        if at and bare[at - 1] in _PAIRS:
            at = _find_open(bare, at - 1)
            continue
        name = _NAME.search(bare, 0, at)
        if name is None:
            return ""
        before = bare[: name.start()].rstrip()
        if not before.endswith("."):
            return name[0]
        at = len(before) - 1


def _find_open(bare: str, close: int) -> int:
    """Where the bracket begins that a position closes."""
    depth = 0
    for at in range(close, -1, -1):
        if bare[at] in _PAIRS:
            depth += 1
        elif bare[at] in _PAIRS.values():
            depth -= 1
            if not depth:
                return at
    return 0


def find_longest(values: Mapping[str, Any]) -> int:
    """How many entries the longest list has, of values and of what is in them."""
    return max(_list_lengths(values), default=0)


def _list_lengths(values: Mapping[str, Any]) -> Iterator[int]:
    for value in values.values():
        if isinstance(value, list):
            yield len(value)
        elif isinstance(value, Mapping):
            yield from (len(part) for part in value.values() if isinstance(part, list))


def count_steps(loops: Iterable[tuple[str, ...]], longest: int, longest_parameter: int) -> int:
    """How many entries nested loops go over at most.

    Args:
        longest: how long any list of values may be.
        longest_parameter: how long any list of parameters may be.
    """
    lengths = ((longest_parameter if root.startswith("params") else longest for root in path) for path in loops)
    return max(map(prod, lengths), default=1)
