"""What Protobuf messages reserve: names, and ranges of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reconciler.schemas.protobuf.scan import Statement, decimal, unquoted

_MAX_NUMBER = 536_870_911
"""The largest number of a field, which ``max`` stands for: https://protobuf.dev/programming-guides/proto3/#assigning."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """What one message reserves; ``ranges`` are first and last number, ascending, and neither touch nor overlap."""

    names: frozenset[str] = frozenset()
    ranges: tuple[tuple[int, int], ...] = ()

    def has_number(self, number: int) -> bool:
        """Whether a number is reserved."""
        return any(first <= number <= last for first, last in self.ranges)

    def covers(self, other: Reservation) -> bool:
        """Whether this one reserves all that another one does."""
        return other.names <= self.names and all(
            any(first <= start and end <= last for first, last in self.ranges) for start, end in other.ranges
        )

    def __str__(self) -> str:
        numbers = (str(first) if first == last else f"{first} to {last}" for first, last in self.ranges)
        return ", ".join([*numbers, *(f'"{name}"' for name in sorted(self.names))])


NOTHING = Reservation()


def reservations_of(statements: Sequence[Statement]) -> Mapping[str, Reservation]:
    """What each message of a file reserves, by its name behind the package; only those that reserve something."""
    return dict(_in_messages(statements, ""))


def _in_messages(statements: Sequence[Statement], outer: str) -> Iterator[tuple[str, Reservation]]:
    for statement in statements:
        if statement.kind == "message":
            name, body = f"{outer}.{statement.name}".lstrip("."), statement.body or ()
            lines = [each.texts for each in body if each.kind == "reserved"]
            if lines:
                yield name, _make_reservation(lines)
            yield from _in_messages(body, name)


def _make_reservation(lines: Sequence[Sequence[str]]) -> Reservation:
    items = [item for line in lines for item in _items(line[1:])]
    ranges = [_range(item) for item in items if _is_range(item)]
    names = frozenset("".join(map(_name, item)) for item in items if not _is_range(item))
    return Reservation(names, _merged(ranges))


def _items(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """What stands between commas."""
    item: list[str] = []
    for word in (*words, ","):
        if word != ",":
            item.append(word)
        elif item:
            yield item
            item = []


def _is_range(item: Sequence[str]) -> bool:
    return item[0][0] in "-0123456789"


def _name(word: str) -> str:
    return unquoted(word) if word[0] in "\"'" else word


def _range(item: Sequence[str]) -> tuple[int, int]:
    """Read ``3``, ``5 to 9`` or ``20 to max``."""
    first, _, last = " ".join(item).partition(" to ")
    return _number(first), _number(last or first)


def _number(text: str) -> int:
    if text == "max":
        return _MAX_NUMBER
    return -int(decimal(text[2:])) if text.startswith("- ") else int(decimal(text))


def _merged(ranges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)
