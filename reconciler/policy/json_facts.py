"""What rules see of a JSON Schema: properties and objects of its own text; references are told, not followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from reconciler.policy.making import Found, make_definition, make_field, make_value, note
from reconciler.schemas.json_positions import escape
from reconciler.schemas.json_schema.content import LISTS_OF_SCHEMAS, ONE_SCHEMA, SCHEMAS_BY_NAME

_TOLD = frozenset(
    ("type", "$ref", "format", "title", "description", "default", "examples", "example", "const", "enum", "required")
) | {"properties", "deprecated", "tags", "additionalProperties", "unevaluatedProperties"}
_HOLDERS = frozenset({*ONE_SCHEMA, *LISTS_OF_SCHEMAS, *SCHEMAS_BY_NAME})
_MARKS: Mapping[str, str] = {"items": "[]", "additionalItems": "[]", "unevaluatedItems": "[]", "contains": "[]"}
_KINDS_BY_KEYWORD: Mapping[str, str] = {
    "$ref": "reference",
    "$dynamicRef": "reference",
    "enum": "enum",
    "const": "enum",
    "anyOf": "union",
    "oneOf": "union",
    "allOf": "object",
    "properties": "object",
    "items": "array",
}
_DEFINING = frozenset({"definitions", "$defs"})


class _Place(NamedTuple):
    """A subschema on the way: its name and paths, and of a property what it belongs to."""

    schema: Any
    name: str
    path: str
    at: str
    depth: int = 1
    owner: str | None = None
    is_required: bool = False


def find_json(root: Any, name: str = "") -> Found:
    """Walk a schema; ``name`` is that of the whole."""
    found = Found()
    waiting = [_Place(root, name, "", "")]
    while waiting:
        place = waiting.pop()
        if place.owner is not None:
            found.fields.append(_make_field(place))
        if isinstance(place.schema, dict):
            if "properties" in place.schema or "enum" in place.schema or place.schema.get("type") == "object":
                found.definitions.append(_make_definition(place))
            waiting.extend(reversed(list(_children(place))))
    if isinstance(root, dict):
        found.options = _options(root)
        found.dialect = note(root.get("$schema", ""))
        found.doc = note(root.get("description") or root.get("title") or "")
    return found


def _children(place: _Place) -> Iterator[_Place]:
    for keyword, value in place.schema.items():
        if keyword not in _HOLDERS:
            continue
        at = f"{place.at}/{escape(keyword)}"
        if keyword in SCHEMAS_BY_NAME and isinstance(value, dict):
            yield from _named(place, keyword, value, at)
        elif isinstance(value, list):
            for index, branch in enumerate(value):
                mark = f"[{index}]" if keyword in ("items", "prefixItems") else f".{keyword}/{index}"
                yield _Place(branch, place.name, place.path + mark, f"{at}/{index}", place.depth)
        elif isinstance(value, dict):
            mark = _MARKS.get(keyword, f".{keyword}")
            yield _Place(value, place.name, place.path + mark, at, place.depth)


def _named(place: _Place, keyword: str, value: Mapping[str, Any], at: str) -> Iterator[_Place]:
    required = place.schema.get("required")
    names = required if isinstance(required, list) else ()
    for name, schema in value.items():
        own = f"{at}/{escape(name)}"
        if keyword == "properties":
            path = _join(place.path, name)
            yield _Place(schema, name, path, own, place.depth + 1, place.path or place.name or "$", name in names)
        elif isinstance(schema, dict):
            depth = 1 if keyword in _DEFINING else place.depth
            yield _Place(schema, name, _join(place.path, f"{keyword}/{name}"), own, depth)


def _make_field(place: _Place) -> Any:
    schema = place.schema if isinstance(place.schema, dict) else {}
    types = _types(schema)
    real = [kind for kind in types if kind != "null"]
    kind = real[0] if len(real) == 1 else "union" if real else "null" if types else _untyped(schema)
    inner = schema.get("items")
    return make_field(
        place.name,
        path=place.path,
        at=place.at,
        definition=place.owner,
        type=kind,
        type_name=note(schema.get("$ref", "")),
        items=next(iter(_types(inner)), "any") if isinstance(inner, dict) else "",
        logical=note(schema.get("format", "")),
        doc=note(schema.get("description") or schema.get("title") or ""),
        tags=_tags(schema),
        is_nullable=_is_nullable(schema, types),
        is_required=place.is_required,
        is_repeated=kind == "array",
        is_deprecated=_is_deprecated(schema),
        has_default="default" in schema,
        default=note(schema["default"]) if "default" in schema else "",
        samples=_samples(schema),
        depth=max(place.depth - 1, 1),
        options=_options(schema),
    )


def _make_definition(place: _Place) -> Any:
    schema = place.schema
    values = schema.get("enum")
    required = schema.get("required")
    properties = schema.get("properties")
    is_enum = isinstance(values, list) and "properties" not in schema
    names = required if isinstance(required, list) else []
    return make_definition(
        place.name,
        full_name=place.path or place.name,
        kind="enum" if is_enum else "object",
        path=place.path or "$",
        at=place.at,
        doc=note(schema.get("description") or schema.get("title") or ""),
        values=[make_value(note(value), index) for index, value in enumerate(values)] if is_enum else [],
        fields=list(properties) if isinstance(properties, dict) else [],
        required=[name for name in names if isinstance(name, str)],
        additional=_additional(schema),
        is_outermost=not place.at,
        is_deprecated=_is_deprecated(schema),
        options=_options(schema),
    )


def _additional(schema: Mapping[str, Any]) -> str:
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        if keyword in schema:
            value = schema[keyword]
            return note(value) if isinstance(value, bool) else "schema"
    return ""


def _untyped(schema: Mapping[str, Any]) -> str:
    """What a schema without `type` is by the first keyword that tells."""
    return next((kind for keyword, kind in _KINDS_BY_KEYWORD.items() if keyword in schema), "any")


def _types(schema: Mapping[str, Any]) -> list[str]:
    written = schema.get("type")
    listed = written if isinstance(written, list) else [written]
    return [kind for kind in listed if isinstance(kind, str)]


def _is_nullable(schema: Mapping[str, Any], types: list[str]) -> bool:
    branches = [b for key in ("anyOf", "oneOf") if isinstance(schema.get(key), list) for b in schema[key]]
    null = any(isinstance(b, dict) and b.get("type") == "null" for b in branches)
    values = schema.get("enum")
    return "null" in types or null or schema.get("nullable") is True or (isinstance(values, list) and None in values)


def _is_deprecated(schema: Mapping[str, Any]) -> bool:
    return schema.get("deprecated") is True or note(schema.get("description", "")).lower().startswith("deprecated")


def _tags(schema: Mapping[str, Any]) -> list[str]:
    written = [schema.get("confluent:tags"), schema.get("tags"), schema.get("x-tags")]
    return [note(tag) for some in written if isinstance(some, list) for tag in some]


def _samples(schema: Mapping[str, Any]) -> list[str]:
    examples = schema.get("examples")
    shown = [*(examples if isinstance(examples, list) else [])]
    shown += [schema[key] for key in ("example", "default", "const") if key in schema]
    return [note(value) for value in shown if value not in ("", None)]


def _options(schema: Mapping[str, Any]) -> dict[str, str]:
    return {key: note(value) for key, value in schema.items() if key not in _TOLD and key not in _HOLDERS}


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
