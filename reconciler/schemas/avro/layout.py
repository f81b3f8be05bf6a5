"""A schema's text laid out for people: two spaces a level, small objects and lists on one line."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.errors import SchemaError
from reconciler.schemas.json_positions import load_json, render_json

_WIDTH = 100
_ALWAYS_OPEN = frozenset({"fields"})
_RECORD = '"fields": [{'
"""What a record with fields has in its text: such a one never stands on one line, however short it is."""


def pretty(definition: str) -> str:
    """Lay a text out; key order and the text of numbers stay, the canonical form too.

    Raises:
        SchemaError: it is not JSON, or nested far deeper than types may be.
    """
    try:
        return _lay_out(load_json(definition), 0, 0, is_open=True) + "\n"
    except RecursionError as error:
        raise SchemaError(
            "nested too deeply to be laid out", line=1, column=1, fix="define inner types in schemas of their own"
        ) from error


def _lay_out(value: object, depth: int, used: int, *, is_open: bool) -> str:
    """Write a value that starts ``used`` characters into its line; ``is_open`` puts its members on lines of their own
    even where they would fit into one.
    """
    flat = _flat(value)
    if (
        not isinstance(value, dict | list)
        or not value
        or (not is_open and used + len(flat) < _WIDTH and _RECORD not in flat)
    ):
        return flat
    margin = "  " * (depth + 1)
    lines = [
        margin + head + _lay_out(item, depth + 1, len(margin) + len(head), is_open=key in _ALWAYS_OPEN)
        for key, head, item in _members(value)
    ]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return opening + "\n" + ",\n".join(lines) + "\n" + "  " * depth + closing


def _flat(value: object) -> str:
    if isinstance(value, dict | list):
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        return opening + ", ".join(head + _flat(item) for _, head, item in _members(value)) + closing
    return render_json(value)


def _members(value: dict[str, object] | list[object]) -> Iterable[tuple[str, str, object]]:
    if isinstance(value, dict):
        return ((key, f"{render_json(key)}: ", item) for key, item in value.items())
    return (("", "", item) for item in value)
