"""Patterns of files as in .gitignore: matched segment by segment, so that no pattern takes long."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

_Match = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern. ``segments`` holds a matcher a folder or file name; None stands for any number of folders."""

    text: str
    segments: tuple[_Match | None, ...]

    def matches(self, path: str) -> bool:
        """Whether a path, relative to the pattern's folder, is what it names or lies below that."""
        return _matches(self.segments, path.split("/"))


@lru_cache(maxsize=4096)
def compile_pattern(text: str) -> Pattern:
    """Make a pattern ready.

    As in .gitignore: without a slash in the middle it matches at any depth, else from its own folder on; ``*`` and
    ``?`` stay within a name, ``**`` spans folders; a folder's pattern holds for all below it, and one that ends in a
    slash for a folder only.
    """
    body = text.strip("/")
    is_anchored = "/" in body or text.startswith("/")
    names = body.split("/") if is_anchored else ["**", *body.split("/")]
    segments: list[_Match | None] = []
    for name in names:
        if name != "**":
            segments.append(re.compile(translate(name)).match)
        elif not segments or segments[-1] is not None:
            segments.append(None)
    if text.endswith("/") or segments[-1] is None:
        segments.append(re.compile(translate("*")).match)
    return Pattern(text, tuple(segments))


def _matches(segments: Sequence[_Match | None], names: Sequence[str]) -> bool:
    """Follow all places of the pattern at which the path may stand, name by name."""
    places = _skip_spans({0}, segments)
    for name in names:
        if len(segments) in places:
            return True
        following = {p if segments[p] is None else p + 1 for p in places if _accepts(segments[p], name)}
        places = _skip_spans(following, segments)
    return len(segments) in places


def _accepts(segment: _Match | None, name: str) -> bool:
    return segment is None or bool(segment(name))


def _skip_spans(places: set[int], segments: Sequence[_Match | None]) -> set[int]:
    return places | {p + 1 for p in places if p < len(segments) and segments[p] is None}
