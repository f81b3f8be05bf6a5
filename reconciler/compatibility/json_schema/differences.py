"""One difference between two schemas, and how it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from reconciler.compatibility.clash import Clash, Rule
from reconciler.compatibility.json_schema.shapes import (
    ArrayShape,
    BooleanShape,
    CombinedShape,
    ConditionalShape,
    ConstShape,
    EmptyShape,
    EnumShape,
    FalseShape,
    ForeignShape,
    NotShape,
    NullShape,
    NumberShape,
    ObjectShape,
    Shape,
    StringShape,
    TrueShape,
)
from reconciler.schemas.json_positions import render_json

_NAMED = {"properties": ".", "required": ".", "dependencies": "."}
_UNNAMED = {
    "additionalProperties": ".*",
    "unevaluatedProperties": ".*",
    "items": "[]",
    "additionalItems": "[]",
    "unevaluatedItems": "[]",
}
_KINDS: dict[type[Shape], str] = {
    ArrayShape: "array",
    BooleanShape: "boolean",
    ConditionalShape: "if-then-else",
    EmptyShape: "anything",
    FalseShape: "nothing",
    NotShape: "not",
    NullShape: "null",
    ObjectShape: "object",
    StringShape: "string",
    TrueShape: "anything",
}
_MAX_TEXT = 80


class Difference(NamedTuple):
    """What differs at a place: ``steps`` lead there from where the comparison began.

    ``writer`` and ``reader`` are what stands there on each side: shapes, limits, names; None for nothing. ``cause`` is
    what keeps a branch of a combination from fitting the one that is most like it, with steps from there.
    """

    code: str
    steps: tuple[str, ...] = ()
    writer: object = None
    reader: object = None
    cause: Difference | None = None


Differences = Sequence[Difference]
NONE: Differences = ()


def below(differences: Iterable[Difference], *steps: str) -> Iterator[Difference]:
    """The same differences, told from some steps higher."""
    return (Difference(d.code, steps + d.steps, d.writer, d.reader, d.cause) for d in differences)


def make_clash(difference: Difference, rules: Mapping[str, Rule]) -> Clash:
    """Say a difference in words, by the rule of its code."""
    rule, steps, cause = rules[difference.code], difference.steps, difference.cause
    values = {name: _VALUES[name](difference) for name in rule.values}
    within = make_clash(cause._replace(steps=(*steps, *cause.steps)), rules) if cause and cause.code in rules else None
    return Clash(rule, path_of(steps), _place(steps), values, within)


@lru_cache(maxsize=4096)
def path_of(steps: tuple[str, ...]) -> str:
    """Where a difference is, as Confluent writes it: ``#/properties/a/maxLength``, ``#/`` for the schema itself."""
    return "#/" + "/".join(steps)


@lru_cache(maxsize=4096)
def _place(steps: tuple[str, ...]) -> str:
    """The steps as a person writes a place: ``customer.tags[]``; keywords of limits are left out."""
    words = ""
    rest = iter(steps)
    for step in rest:
        keyword, _, index = step.partition("/")
        if step in _NAMED:
            words += _NAMED[step] + next(rest, "")
        elif step in _UNNAMED:
            words += _UNNAMED[step]
        elif index:
            words += f"[{index}]" if keyword == "items" else f"({keyword} {index})"
    return words.removeprefix(".").rstrip(".")


def show(side: object) -> str:
    """What one side has, in few words: ``object``, ``anyOf of string, null``, ``10``, ``absent``."""
    if side is None:
        return "absent"
    if isinstance(side, Shape):
        return _shortened(_show_shape(side.resolved))
    if isinstance(side, frozenset):
        return _shortened(", ".join(f"`{name}`" for name in sorted(map(str, side)))) or "nothing"
    if isinstance(side, bool):
        return str(side).lower()
    return _shortened(f"`{side}`" if isinstance(side, str) else str(side))


def _show_shape(shape: Shape) -> str:
    if isinstance(shape, CombinedShape):
        return f"{shape.criterion} of {', '.join(_show_kind(branch.resolved) for branch in shape.branches)}"
    if isinstance(shape, EnumShape):
        return f"enum {_show_values([value for _, value in shape.written])}"
    return f"const {shape.text}" if isinstance(shape, ConstShape) else _show_kind(shape)


def _show_kind(shape: Shape) -> str:
    if isinstance(shape, NumberShape):
        return "integer" if shape.is_integer else "number"
    if isinstance(shape, CombinedShape):
        return shape.criterion
    if isinstance(shape, EnumShape | ConstShape):
        return "enum" if isinstance(shape, EnumShape) else "const"
    if isinstance(shape, ForeignShape):
        return f"a schema of {shape.address}"
    return _KINDS.get(type(shape), "schema")


def _lost(writer: object, reader: object) -> str:
    """The values that the writer's enumeration has and the reader's has not."""
    if isinstance(writer, ConstShape):
        return _shortened(writer.text)
    if not (isinstance(writer, EnumShape) and isinstance(reader, EnumShape)):
        return ""
    return _show_values([written for value, written in writer.written if value not in reader.values])


def _show_values(values: Sequence[object]) -> str:
    """The first of the values; not all are written out to be cut off again."""
    return _shortened(", ".join(map(render_json, values[:_MAX_TEXT])))


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 3] + "..."


def _keyword(difference: Difference) -> str:
    return difference.steps[-1] if difference.steps else ""


def _holder(difference: Difference) -> str:
    holder = _place(difference.steps[:-1])
    return f"`{holder}`" if holder else "the schema itself"


_VALUES: Mapping[str, Callable[[Difference], str]] = {
    "keyword": _keyword,
    "holder": _holder,
    "writer": lambda difference: show(difference.writer),
    "reader": lambda difference: show(difference.reader),
    "lost": lambda difference: _lost(difference.writer, difference.reader),
}
"""What the words of rules may name, beside the place and the version."""
