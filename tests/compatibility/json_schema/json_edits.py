"""The remedies that findings name, done to the new schema as an author would: one function a kind of edit.

An edit gets both schemas as JSON values and the steps of the finding's path, and returns the mended new schema; None
where the path leads through something else than the keywords that it names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

Edit = Callable[[Any, Any, Sequence[str]], Any]


def find(schema: Any, steps: Sequence[str]) -> Any:
    """What stands at the end of some steps; None where they lead nowhere."""
    for step in steps:
        if isinstance(schema, list):
            schema = schema[int(step)] if step.isdecimal() and int(step) < len(schema) else None
        else:
            schema = schema.get(step) if isinstance(schema, dict) else None
    return schema


def has(schema: Any, steps: Sequence[str]) -> bool:
    holder = find(schema, steps[:-1])
    if isinstance(holder, list):
        return steps[-1].isdecimal() and int(steps[-1]) < len(holder)
    return isinstance(holder, dict) and steps[-1] in holder


def put(new: Any, steps: Sequence[str], value: Any) -> Any:
    """The schema with another value there."""
    if not steps:
        return value
    mended = deepcopy(new)
    holder = find(mended, steps[:-1])
    if isinstance(holder, list):
        holder[int(steps[-1]) : int(steps[-1]) + 1] = [value]
    elif isinstance(holder, dict):
        holder[steps[-1]] = value
    elif isinstance(above := find(mended, steps[:-2]), dict) and len(steps) > 1:
        above[steps[-2]] = {steps[-1]: value}
    else:
        return None
    return mended


def leave_out(new: Any, old: Any, steps: Sequence[str]) -> Any:
    if not steps or not has(new, steps):
        return None
    mended = deepcopy(new)
    holder = find(mended, steps[:-1])
    del holder[int(steps[-1]) if isinstance(holder, list) else steps[-1]]
    return mended


def keep(new: Any, old: Any, steps: Sequence[str]) -> Any:
    """Put back what the old schema has there, or has not."""
    if not steps:
        return old
    if steps[-2:-1] == ["dependencies"]:
        words = ("dependencies", "dependentRequired", "dependentSchemas")
        word = next(word for word in words if find(old, [*steps[:-2], word]) or find(new, [*steps[:-2], word]))
        steps = [*steps[:-2], word, steps[-1]]
    if steps[-2:-1] == ["required"]:
        return _require(new, steps) if steps[-1] in (find(old, steps[:-1]) or ()) else make_optional(new, old, steps)
    return put(new, steps, find(old, steps)) if has(old, steps) else leave_out(new, old, steps)


def keep_required(new: Any, old: Any, steps: Sequence[str]) -> Any:
    return _require(keep(new, old, steps), [*steps[:-2], "required", steps[-1]])


def _require(new: Any, steps: Sequence[str]) -> Any:
    return put(new, steps[:-1], sorted({*(find(new, steps[:-1]) or ()), steps[-1]}))


def make_optional(new: Any, old: Any, steps: Sequence[str]) -> Any:
    place = [*steps[:-2], "required"]
    names = find(new, place)
    return put(new, place, [name for name in names if name != steps[-1]]) if isinstance(names, list) else None


def give_default(new: Any, old: Any, steps: Sequence[str]) -> Any:
    return put(new, [*steps[:-2], "properties", steps[-1], "default"], "anything")


def accept_both(new: Any, old: Any, steps: Sequence[str]) -> Any:
    was, now = find(old, steps), find(new, steps)
    if was is None or now is None or "$ref" in was:
        return None
    head = {key: schema.pop(key) for schema in (deepcopy(now),) for key in ("$schema",) if key in schema}
    kinds = was["type"] if isinstance(was, dict) and isinstance(was.get("type"), list) else None
    was_branches = [{"type": kind} for kind in kinds] if kinds else was.get("anyOf", [was])
    return put(new, steps, {**head, "anyOf": [*was_branches, now]})


def any_of(new: Any, old: Any, steps: Sequence[str]) -> Any:
    now = find(new, steps)
    criterion = next((word for word in ("allOf", "oneOf", "anyOf") if word in now), None)
    return put(new, steps, {**{k: v for k, v in now.items() if k != criterion}, "anyOf": now[criterion]})


def add_as_true(new: Any, old: Any, steps: Sequence[str]) -> Any:
    return put(new, steps, True) if steps else None


def close(new: Any, old: Any, steps: Sequence[str]) -> Any:
    return _set_content(new, steps, False)


def open_up(new: Any, old: Any, steps: Sequence[str]) -> Any:
    return _set_content(new, steps, True)


def _set_content(new: Any, steps: Sequence[str], value: bool) -> Any:
    word = "additionalItems" if steps[-2] == "items" else "additionalProperties"
    return put(new, [*steps[:-2], word], value)


def use_old_content(new: Any, old: Any, steps: Sequence[str]) -> Any:
    """The schema that the old model has for what it does not name: a pattern's, or that of everything else."""
    holder = find(old, steps[:-2])
    patterns = holder.get("patternProperties", {})
    words = ("additionalItems",) if steps[-2] == "items" else ("additionalProperties", "unevaluatedProperties")
    rest = next((holder[word] for word in words if isinstance(holder.get(word), dict)), None)
    value = next(iter(patterns.values()), rest)
    return put(new, steps, value) if value is not None else None


def shift_limit(by: int) -> Edit:
    """Move a limit away from what the other side has."""

    def shifted(new: Any, old: Any, steps: Sequence[str]) -> Any:
        was = find(old, steps)
        sign = -1 if "min" in steps[-1].lower() else 1
        return put(new, steps, was + sign * by) if isinstance(was, int | float) and not isinstance(was, bool) else None

    return shifted


def divide(new: Any, old: Any, steps: Sequence[str]) -> Any:
    return put(new, steps, 1) if isinstance(find(old, steps), int) else None


def multiply(new: Any, old: Any, steps: Sequence[str]) -> Any:
    was = find(old, steps)
    return put(new, steps, was * 2) if isinstance(was, int) else None


def leave_contains_out(new: Any, old: Any, steps: Sequence[str]) -> Any:
    return leave_out(new, old, [*steps[:-1], "contains"])


def keep_contains(new: Any, old: Any, steps: Sequence[str]) -> Any:
    return keep(keep(new, old, [*steps[:-1], "contains"]), old, steps)
