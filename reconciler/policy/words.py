"""Names taken apart: the words that they are made of, and the ways of writing that they fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

CASES: Mapping[str, re.Pattern[str]] = {
    "snake": re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*"),
    "camel": re.compile(r"[a-z][a-zA-Z0-9]*"),
    "pascal": re.compile(r"[A-Z][a-zA-Z0-9]*"),
    "kebab": re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"),
    "upper_snake": re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*"),
    "flat": re.compile(r"[a-z][a-z0-9]*"),
    "dotted": re.compile(r"[a-z][a-z0-9_-]*(?:\.[a-z0-9][a-z0-9_-]*)*"),
}
"""The ways of writing a name; ``ab`` fits several of them."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")


@lru_cache(maxsize=65536)
def split_words(name: str) -> tuple[str, ...]:
    """The words of a name in small letters: ``customerEMail_2`` is customer, e, mail, 2."""
    return tuple(word.lower() for word in _WORD.findall(name))


@lru_cache(maxsize=65536)
def find_cases(name: str) -> tuple[str, ...]:
    """The ways of writing that a name fits."""
    return tuple(case for case, pattern in CASES.items() if pattern.fullmatch(name))
