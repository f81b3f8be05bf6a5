"""Where in one version of a schema that stands which another version has at some place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from reconciler.schemas.json_positions import load_json, pointer, pointer_parts


def find_counterpart(path: str, old: str, new: str) -> str:
    """Turn a pointer into one schema into the pointer of the same thing in another.

    Fields and branches of unions are told by their names, since their numbers change when others come and go.

    Args:
        path: a JSON pointer into ``old``, beyond its end too, where it follows a name into another text.
        old: a schema's text.
        new: the text of another version of it.

    Returns:
        a pointer into ``new``: of the nearest enclosing value that both have, where it lacks the thing itself.
    """
    return pointer(_follow(pointer_parts(path), load_json(old), load_json(new)))


def _follow(parts: list[str], old: object, new: object) -> Iterator[str]:
    for part in parts:
        before = _member(old, part)
        step = _find_alike(before, new) if isinstance(old, list) and isinstance(new, list) else part
        old, new = before, _member(new, step)
        if old is None or new is None:
            return
        yield step


def _member(value: object, part: str) -> object:
    """What an object or a list has under a key or an index; None where it has nothing there."""
    if isinstance(value, dict):
        return value.get(part)
    with suppress(ValueError, IndexError):
        return value[int(part)] if isinstance(value, list) else None
    return None


def _find_alike(wanted: object, among: list[object]) -> str:
    label = _label(wanted)
    return next((str(index) for index, member in enumerate(among) if _label(member) == label), "")


def _label(member: object) -> object:
    """What tells a field, or a branch of a union, from its neighbours: its simple name, else its kind of type."""
    label = member.get("name", member.get("type")) if isinstance(member, dict) else member
    return label.rpartition(".")[2] if isinstance(label, str) else label
