"""How a comment or an issue of ours is known again: by a line that nobody sees, and by who wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from reconciler.forge.values import Comment, Issue

_MARKER = re.compile(r"\A<!-- schemafed (\{[^\n]*\}) -->")
_Written = TypeVar("_Written", Comment, Issue)


@dataclass(frozen=True, slots=True)
class Marker:
    """What the first line of a comment says: which one it is, and facts that a later run needs."""

    key: str
    facts: Mapping[str, str] = field(default_factory=dict)


def render_marker(marker: Marker) -> str:
    """Write a marker as a comment of HTML, which no value in it can end."""
    text = json.dumps({"key": marker.key, **marker.facts}, sort_keys=True)
    escaped = text.replace("-", "\\u002d").replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<!-- schemafed {escaped} -->"


def read_marker(body: str) -> Marker | None:
    """Read the marker that a text begins with; None where there is none."""
    found = _MARKER.match(body.replace("\r\n", "\n"))
    if found is None:
        return None
    try:
        values = json.loads(found[1])
    except (ValueError, RecursionError):
        return None
    if not isinstance(values.get("key"), str):
        return None
    facts = {name: value for name, value in values.items() if name != "key" and isinstance(value, str)}
    return Marker(values["key"], facts)


def find_own(written: Iterable[_Written], key: str, author: str) -> _Written | None:
    """Find the first text of ours with a key; whoever else writes a marker is not believed."""
    mine = (each for each in written if each.author.casefold() == author.casefold())
    return next((each for each in mine if (marker := read_marker(each.body)) and marker.key == key), None)
