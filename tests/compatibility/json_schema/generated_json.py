"""Hypothesis strategies of JSON Schemas, of edits to them, and of data that they accept."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

NAMES = ("a", "b", "c", "d")
_ANYTHING = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text("xy", max_size=3), st.just([]), st.just({}))
_LIMITS = {
    "string": ("minLength", "maxLength"),
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    "number": ("minimum", "maximum"),
    "object": ("minProperties", "maxProperties"),
    "array": ("minItems", "maxItems"),
}


@st.composite
def schemas(draw: st.DrawFn) -> Any:
    """A schema of draft 7 whose keywords stand beside their types."""
    return _schema(draw, 3)


def _schema(draw: st.DrawFn, depth: int) -> Any:
    kinds = ["string", "integer", "number", "boolean", "null", "enum", "const", "types"]
    deeper = ["object", "object", "object", "array", "tuple", "anyOf", "allOf", "not"] if depth else []
    kind = draw(st.sampled_from(kinds + deeper))
    match kind:
        case "object":
            return _object(draw, depth)
        case "array":
            return _limited(draw, {"type": "array", "items": _schema(draw, depth - 1)})
        case "tuple":
            first = [_schema(draw, depth - 1) for _ in range(draw(st.integers(1, 2)))]
            return {"type": "array", "items": first, **_rest(draw, "additionalItems", depth)}
        case "anyOf" | "allOf":
            return {kind: [_schema(draw, depth - 1) for _ in range(draw(st.integers(1, 3)))]}
        case "not":
            return {"not": _schema(draw, 0)}
        case "enum":
            return {"enum": draw(st.lists(st.sampled_from(["x", "y", 1, 2, None]), min_size=1, unique=True))}
        case "const":
            return {"const": draw(st.sampled_from(["x", 1, True]))}
        case "types":
            types = draw(st.lists(st.sampled_from(["string", "integer", "null"]), min_size=1, unique=True))
            return {"type": types}
    return _limited(draw, {"type": kind})


def _limited(draw: st.DrawFn, schema: dict[str, Any]) -> dict[str, Any]:
    for keyword in _LIMITS.get(schema["type"], ()):
        if draw(st.integers(0, 3)) == 0:
            schema[keyword] = draw(st.integers(0, 4))
    if schema["type"] == "integer" and draw(st.integers(0, 5)) == 0:
        schema["multipleOf"] = draw(st.sampled_from([1, 2, 3, 6]))
    if schema["type"] == "array" and draw(st.integers(0, 4)) == 0:
        schema["uniqueItems"] = True
    return schema


def _object(draw: st.DrawFn, depth: int) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(NAMES[:3]), max_size=3, unique=True))
    schema = {"type": "object", "properties": {name: _schema(draw, depth - 1) for name in names}}
    if names and draw(st.booleans()):
        schema["required"] = draw(st.lists(st.sampled_from(names), unique=True, min_size=1))
    if draw(st.integers(0, 5)) == 0:
        schema["dependencies"] = {"a": draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=2))}
    return _limited(draw, {**schema, **_rest(draw, "additionalProperties", depth)})


def _rest(draw: st.DrawFn, keyword: str, depth: int) -> dict[str, Any]:
    match draw(st.sampled_from(["open", "closed", "schema"])):
        case "closed":
            return {keyword: False}
        case "schema":
            return {keyword: _schema(draw, min(depth - 1, 1))}
    return {}


@st.composite
def edited(draw: st.DrawFn, schema: Any) -> Any:
    """A copy of a schema with one or two of the edits that people make."""
    new = copy.deepcopy(schema)
    for _ in range(draw(st.integers(1, 2))):
        _edit(draw, draw(st.sampled_from(_spots(new))))
    return new


def _spots(node: Any) -> list[dict[str, Any]]:
    """The schemas within one; what stands under a keyword of names is a schema, the names are not."""
    if not isinstance(node, dict):
        return []
    inner = [*node.get("properties", {}).values(), *node.get("anyOf", []), *node.get("allOf", [])]
    items = node.get("items", [])
    inner += items if isinstance(items, list) else [items]
    inner += [node.get(keyword) for keyword in ("additionalProperties", "additionalItems", "not")]
    return [node, *(spot for child in inner for spot in _spots(child))]


def _edit(draw: st.DrawFn, spot: dict[str, Any]) -> None:
    match draw(st.sampled_from(["limit", "unlimit", "property", "required", "rest", "branch", "replace", "title"])):
        case "limit" if isinstance(spot.get("type"), str):
            _limited(draw, spot)
        case "unlimit":
            for keyword in {k for limits in _LIMITS.values() for k in limits} & spot.keys():
                del spot[keyword]
        case "property" if "properties" in spot:
            _edit_property(draw, spot)
        case "required" if spot.get("properties"):
            spot["required"] = draw(st.lists(st.sampled_from(sorted(spot["properties"])), unique=True, min_size=1))
        case "rest" if spot.get("type") == "object":
            spot.pop("additionalProperties", None)
            spot.update(_rest(draw, "additionalProperties", 1))
        case "branch" if "anyOf" in spot:
            spot["anyOf"].insert(0, _schema(draw, 0))
        case "replace":
            spot_new = _schema(draw, 1)
            spot.clear()
            spot.update(spot_new)
        case "title":
            spot["title"] = draw(st.sampled_from(["A", "B"]))


def _edit_property(draw: st.DrawFn, spot: dict[str, Any]) -> None:
    name = draw(st.sampled_from(NAMES))
    if name in spot["properties"]:
        del spot["properties"][name]
        spot["required"] = [other for other in spot.get("required", []) if other != name]
    else:
        spot["properties"][name] = _schema(draw, 1)


def values(schema: Any) -> st.SearchStrategy[Any]:
    """Data that a schema mostly accepts; whoever needs to know asks a validator."""
    if not isinstance(schema, dict):
        return _ANYTHING
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    if "anyOf" in schema or "allOf" in schema:
        return st.one_of([values(branch) for branch in schema.get("anyOf", schema.get("allOf"))])
    kind = schema.get("type")
    if isinstance(kind, list):
        return st.one_of([values({"type": one}) for one in kind])
    match kind:
        case "object":
            return _objects(schema)
        case "array":
            return _arrays(schema)
        case "string":
            return st.text("xy", min_size=schema.get("minLength", 0), max_size=max(schema.get("minLength", 0), 6))
        case "integer" | "number":
            return st.integers(-1, 7)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    return _ANYTHING


def _objects(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    described = {name: values(inner) for name, inner in schema.get("properties", {}).items()}
    required = {name: value for name, value in described.items() if name in schema.get("required", ())}
    optional = {name: value for name, value in described.items() if name not in required}
    known = st.fixed_dictionaries(required, optional=optional)
    rest = schema.get("additionalProperties", True)
    if rest is False:
        return known
    more = st.dictionaries(st.sampled_from(NAMES), values(rest), max_size=2)
    return st.tuples(more, known).map(lambda both: {**both[0], **both[1]})


def _arrays(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    items = schema.get("items", True)
    if not isinstance(items, list):
        return st.lists(values(items), min_size=min(schema.get("minItems", 0), 3), max_size=4)
    first = st.tuples(*map(values, items)).map(list)
    rest = schema.get("additionalItems", True)
    if rest is False:
        return first
    return st.tuples(first, st.lists(values(rest), max_size=2)).map(lambda both: both[0] + both[1])
