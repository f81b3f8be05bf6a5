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
    names: set[str] = set()
    ranges: list[tuple[int, int]] = []
    for line in lines:
        words = [word for word in line[1:] if word != ","]
        if words and words[0][0].isdigit():
            ranges += _ranges(words)
        else:
            names |= {unquoted(word) if word[0] in "\"'" else word for word in words}
    return Reservation(frozenset(names), _merged(ranges))


def _ranges(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Read ``3``, ``5 to 9`` and ``20 to max``, one after another."""
    rest = list(words)
    while rest:
        first = last = _number(rest.pop(0))
        if rest and rest[0] == "to":
            last = _number(rest[1])
            del rest[:2]
        yield first, last


def _number(word: str) -> int:
    return _MAX_NUMBER if word == "max" else int(decimal(word))


def _merged(ranges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)
