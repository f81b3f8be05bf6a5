"""Names taken apart: the words that they are made of, and the ways of writing that they fit."""

from __future__ import annotations

import re
import unicodedata
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
_MAX_ENDING = 4
"""Words of the longest ending."""


@lru_cache(maxsize=65536)
def split_words(name: str) -> tuple[str, ...]:
    """The words of a name in small letters, without accents: ``customerEMail_2`` is customer, e, mail, 2."""
    return tuple(word.lower() for word in _WORD.findall(name if name.isascii() else _without_accents(name)))


@lru_cache(maxsize=65536)
def find_endings(name: str) -> tuple[str, ...]:
    """What a name ends with, the longest first: ``customerEMail_2`` is customer e mail, e mail, mail.

    In most names the last words say what the value is: an ``email_template`` is a template.
    """
    words = list(split_words(name))
    while len(words) > 1 and words[-1].isdecimal():
        words.pop()
    return tuple(" ".join(words[start:]) for start in range(max(len(words) - _MAX_ENDING, 0), len(words)))


def _without_accents(name: str) -> str:
    """Write Latin letters without what stands above or below them; others, such as й, stay as they are."""
    plain = (unicodedata.normalize("NFKD", letter)[0] if _is_accented(letter) else letter for letter in name)
    return "".join(plain).replace("ß", "ss")


def _is_accented(letter: str) -> bool:
    return not letter.isascii() and unicodedata.normalize("NFKD", letter)[0].isascii()


@lru_cache(maxsize=65536)
def find_cases(name: str) -> tuple[str, ...]:
    """The ways of writing that a name fits."""
    return tuple(case for case, pattern in CASES.items() if pattern.fullmatch(name))
