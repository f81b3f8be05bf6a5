"""Content models: what an object or an array allows beyond what it describes.

Open: anything. Partially open: what a schema accepts. Closed: nothing. What is added is judged by the old model, since
old data may already have it; what is removed by the new one, which meets data that still has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.compatibility.json_schema.differences import NONE, Difference, Differences, below
from reconciler.compatibility.json_schema.pairs import Pairs
from reconciler.compatibility.json_schema.patterns import make_matcher
from reconciler.compatibility.json_schema.shapes import ArrayShape, EmptyShape, FalseShape, ObjectShape, Shape

Holder = ObjectShape | ArrayShape


def is_open(shape: Holder) -> bool:
    """Whether anything may stand beside what is described."""
    if isinstance(shape, ObjectShape) and shape.patterns:
        return False
    has_rest = shape.more is not None or _kind(shape.unevaluated) in ("nothing", "schema")
    return shape.permits_more and not has_rest


def covering_schema(pairs: Pairs, shape: Holder, name: str) -> Shape | None:
    """What a model that is not open asks of a property that is not described, or of an element after a tuple.

    Returns:
        the schema of the first pattern that matches, else that of additional ones, else that of unevaluated ones; None
        for a closed model.

    Raises:
        SchemaError: one of ``patternProperties`` is not a regular expression.
    """
    if isinstance(shape, ObjectShape) and shape.patterns:
        pairs.spend(len(shape.patterns))
        shape.matchers = shape.matchers or tuple(make_matcher(pattern) for pattern, _ in shape.patterns)
        for matches, (_, schema) in zip(shape.matchers, shape.patterns, strict=True):
            if matches(name):
                return schema
    if shape.more is not None or not shape.permits_more:
        return shape.more
    return shape.unevaluated if _kind(shape.unevaluated) == "schema" else None


def compare_content(noun: str, pairs: Pairs, old: Holder, new: Holder) -> Iterator[Difference]:
    """Compare what two models allow beyond what they describe; ``noun`` is ``Properties`` or ``Items``."""
    yield from below(_compare_additional(noun, pairs, old, new), f"additional{noun}")
    unevaluated = _compare_unevaluated(noun, pairs, old.unevaluated, new.unevaluated)
    yield from below(unevaluated, f"unevaluated{noun}")


def _compare_additional(noun: str, pairs: Pairs, old: Holder, new: Holder) -> Differences:
    if old.permits_more is not new.permits_more:
        movement = "ADDED" if new.permits_more else "REMOVED"
    elif old.more is not None and new.more is not None:
        return pairs.pair(old.more, new.more)
    elif old.more is new.more:
        return NONE
    else:
        movement = "NARROWED" if old.more is None else "EXTENDED"
    return (Difference(f"ADDITIONAL_{noun.upper()}_{movement}", (), _rest(old), _rest(new)),)


def _rest(shape: Holder) -> object:
    return shape.permits_more if shape.more is None else shape.more


def _kind(schema: Shape | None) -> str:
    """Absent, ``false``, ``true`` (or ``{}``), or a schema that says something."""
    if schema is None:
        return "absent"
    return "nothing" if isinstance(schema, FalseShape) else "anything" if isinstance(schema, EmptyShape) else "schema"


def _said(schema: Shape | None) -> object:
    return {"nothing": False, "anything": True}.get(_kind(schema), schema)


_MOVEMENTS: Mapping[tuple[str, str], str] = {
    ("absent", "nothing"): "REMOVED",
    ("absent", "anything"): "NARROWED",
    ("absent", "schema"): "NARROWED",
    ("nothing", "absent"): "ADDED",
    ("nothing", "anything"): "ADDED",
    ("nothing", "schema"): "ADDED",
    ("anything", "absent"): "EXTENDED",
    ("anything", "nothing"): "REMOVED",
    ("anything", "schema"): "NARROWED",
    ("schema", "absent"): "EXTENDED",
    ("schema", "nothing"): "REMOVED",
    ("schema", "anything"): "EXTENDED",
}


def _compare_unevaluated(noun: str, pairs: Pairs, old: Shape | None, new: Shape | None) -> Differences:
    movement = _MOVEMENTS.get((_kind(old), _kind(new)))
    if movement is not None:
        return (Difference(f"UNEVALUATED_{noun.upper()}_{movement}", (), _said(old), _said(new)),)
    return pairs.pair(old, new) if old is not None and new is not None else NONE
