"""Where in one version of a schema that stands which another version has at some place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache

from reconciler.schemas.avro.reading import read_text
from reconciler.schemas.json_positions import pointer, pointer_parts


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
    return pointer(_pair(old, new).follow(pointer_parts(path)))


class _Pair:
    """Two versions. Members of lists are looked up by label, once a list: there may be a question for each of them."""

    def __init__(self, old: str, new: str) -> None:
        self._old, self._new = read_text(old).json, read_text(new).json
        self._numbers: dict[int, Mapping[object, int]] = {}

    def follow(self, parts: list[str]) -> Iterator[str]:
        """The steps into the new version that correspond to those into the old one, as far as there are any."""
        old, new = self._old, self._new
        for part in parts:
            before = _member(old, part)
            step = self._find_alike(before, new) if isinstance(old, list) and isinstance(new, list) else part
            old, new = before, _member(new, step)
            if old is None or new is None:
                return
            yield step

    def _find_alike(self, wanted: object, among: list[object]) -> str:
        if id(among) not in self._numbers:
            last_first = reversed(list(enumerate(among)))
            self._numbers[id(among)] = {_label(member): index for index, member in last_first}
        number = self._numbers[id(among)].get(_label(wanted))
        return "" if number is None else str(number)


_pair = lru_cache(maxsize=2)(_Pair)


def _member(value: object, part: str) -> object:
    """What an object or a list has under a key or an index; None where it has nothing there."""
    if isinstance(value, dict):
        return value.get(part)
    with suppress(ValueError, IndexError):
        return value[int(part)] if isinstance(value, list) else None
    return None


def _label(member: object) -> str:
    """What tells a field, or a branch of a union, from its neighbours: its simple name, else its kind of type."""
    label = member.get("name", member.get("type")) if isinstance(member, dict) else member
    return label.rpartition(".")[2] if isinstance(label, str) else ""
