"""Hypothesis strategies of pairs of JSON Schemas in drafts 2019-09 and 2020-12, made from those of draft 7."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generated_json import NAMES, edited, schemas, values
from hypothesis import strategies as st


@dataclass(frozen=True)
class Style:
    """How what draft 7 says is said in a newer draft, and what is asked beyond it; None asks for nothing."""

    has_prefix_items: bool
    has_unevaluated: bool
    has_definitions: bool
    dependent_at_most: int | None
    contains: tuple[int | None, int | None] | None


_rest = st.sampled_from([True, False, {"type": "string"}])
_tuples = st.builds(
    lambda first, rest: {"type": "array", "items": first, "additionalItems": rest},
    st.lists(schemas(), min_size=1, max_size=2),
    _rest,
)
_objects = st.builds(
    lambda inner, names, rest: {
        "type": "object",
        "properties": {"a": inner},
        "dependencies": {"b": names},
        "additionalProperties": rest,
    },
    schemas(),
    st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
    _rest,
)


def _styles(*, has_prefix_items: bool) -> st.SearchStrategy[Style]:
    number = st.none() | st.integers(0, 3)
    return st.builds(
        Style,
        has_prefix_items=st.just(has_prefix_items),
        has_unevaluated=st.booleans(),
        has_definitions=st.booleans(),
        dependent_at_most=number,
        contains=st.none() | st.tuples(number, number),
    )


@st.composite
def newer_pairs(draw: st.DrawFn, *, has_prefix_items: bool) -> tuple[Any, Any, Any]:
    """An old schema, one that came of it by edits, and data that the old one mostly accepts."""
    old = draw(st.one_of(schemas(), _tuples, _objects))
    styles = _styles(has_prefix_items=has_prefix_items)
    style = draw(styles)
    other = draw(st.just(style) | styles)
    return _with_definitions(old, style), _with_definitions(draw(edited(old)), other), draw(values(old))


def _with_definitions(schema: Any, style: Style) -> Any:
    written = _modern(schema, style)
    if not style.has_definitions or not isinstance(written, dict) or "properties" not in written:
        return written
    by_reference = {name: {"$ref": f"#/$defs/{name}"} for name in written["properties"]}
    return {**written, "$defs": written["properties"], "properties": by_reference}


def _modern(schema: Any, style: Style) -> Any:
    if not isinstance(schema, dict):
        return schema
    new = dict(schema)
    if "properties" in new:
        new["properties"] = {name: _modern(inner, style) for name, inner in new["properties"].items()}
    for keyword in ("anyOf", "allOf"):
        if keyword in new:
            new[keyword] = [_modern(inner, style) for inner in new[keyword]]
    for keyword in ("additionalProperties", "additionalItems", "not"):
        if keyword in new:
            new[keyword] = _modern(new[keyword], style)
    return {"object": _object, "array": _array}.get(str(new.get("type")), _as_it_is)(new, style)


def _as_it_is(new: dict[str, Any], _style: Style) -> dict[str, Any]:
    return new


def _object(new: dict[str, Any], style: Style) -> dict[str, Any]:
    if "dependencies" in new:
        new["dependentRequired"] = new.pop("dependencies")
    if style.has_unevaluated and "additionalProperties" in new:
        new["unevaluatedProperties"] = new.pop("additionalProperties")
    if style.dependent_at_most is not None:
        new["dependentSchemas"] = {NAMES[0]: {"type": "object", "maxProperties": style.dependent_at_most}}
    return new


def _array(new: dict[str, Any], style: Style) -> dict[str, Any]:
    items = new["items"]
    new["items"] = [_modern(i, style) for i in items] if isinstance(items, list) else _modern(items, style)
    if isinstance(items, list) and style.has_prefix_items:
        new["prefixItems"] = new.pop("items")
        if "additionalItems" in new:
            new["items"] = new.pop("additionalItems")
    if style.contains is not None:
        limits = zip(("minContains", "maxContains"), style.contains, strict=True)
        new |= {"contains": True, **{keyword: limit for keyword, limit in limits if limit is not None}}
    return new


def trees(inner: Any, reference: dict[str, str], anchor: dict[str, Any]) -> dict[str, Any]:
    """A schema of trees: what each node holds, and branches that are trees again."""
    branches = {"type": "array", "items": reference}
    properties = {"value": inner, "branches": branches}
    return {**anchor, "type": "object", "properties": properties, "additionalProperties": False}
