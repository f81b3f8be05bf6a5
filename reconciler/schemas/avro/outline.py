"""A schema's elements by dotted path, for the difference that people read.

The root is ``$``. A field is ``customer.email``; what lies inside arrays and maps is ``items[]`` and ``labels{}``; the
fields of a record stand below the field that defines it, with the record's name where a union has several of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.schemas import Element, Outline, Parsed
from reconciler.schemas.avro.names import PRIMITIVES, split_name
from reconciler.schemas.avro.parsed import AvroSchema
from reconciler.schemas.avro.reading import read_text
from reconciler.schemas.avro.values import render_value

ROOT = "$"

_INNER: Mapping[str, tuple[str, str]] = {"array": ("items", "[]"), "map": ("values", "{}")}
_NAMED = ("record", "error", "enum", "fixed")
_TYPE_WORDS = frozenset({"type", "name", "namespace", "fields", "items", "size", "symbols", "values", "default"})
_LOGICAL_WORDS = frozenset({"logicalType", "precision", "scale"})
_FIELD_WORDS = frozenset({"name", "type", "default"})


def outline(parsed: Parsed) -> Outline:
    """List the elements of the schema's own text, in their order; what it refers to need not be there."""
    root = parsed.json if isinstance(parsed, AvroSchema) else read_text(parsed.document.definition).json
    elements = {ROOT: Element("schema", _root_summary(root), _notes(root, ""))}
    elements.update(_inside(root, ""))
    return elements


def _root_summary(root: object) -> str:
    if isinstance(root, dict) and root["type"] in _NAMED:
        namespace = root.get("namespace")
        name = root["name"] if "." in root["name"] or not namespace else f"{namespace}.{root['name']}"
        return _describe_named(root, name)
    return describe(root)


def describe(schema: object) -> str:
    """A type in few words: ``union null | string``, ``array of Line``, ``long (timestamp-millis)``."""
    if isinstance(schema, str):
        return split_name(schema)[1]
    if isinstance(schema, list):
        return "union " + " | ".join(describe(branch) for branch in schema)
    assert isinstance(schema, dict)
    kind = schema["type"]
    if kind in _INNER:
        return f"{kind} of {describe(schema[_INNER[kind][0]])}"
    if kind in _NAMED:
        return _describe_named(schema, split_name(schema["name"])[1])
    return split_name(kind)[1] + _describe_logical(schema)


def _describe_named(schema: dict[str, Any], name: str) -> str:
    if schema["type"] == "fixed":
        return f"fixed {name} of {schema['size']} bytes{_describe_logical(schema)}"
    default = schema.get("default") if schema["type"] == "enum" else None
    return f"{schema['type']} {name}" + (f" with default {default}" if default is not None else "")


def _describe_logical(schema: dict[str, Any]) -> str:
    logical = schema.get("logicalType")
    if not isinstance(logical, str):
        return ""
    sizes = ",".join(render_value(schema[key]) for key in ("precision", "scale") if key in schema)
    return f" ({logical} {sizes})" if sizes else f" ({logical})"


def _inside(schema: object, path: str) -> Iterator[tuple[str, Element]]:
    """What a type defines below the path of the element that it belongs to."""
    if isinstance(schema, list):
        yield from _inside_union(schema, path)
    if not isinstance(schema, dict):
        return
    kind = schema["type"]
    if kind in _INNER:
        key, mark = _INNER[kind]
        yield from _inside(schema[key], path + mark)
    elif kind == "enum":
        for symbol in schema["symbols"]:
            yield _join(path, symbol), Element("symbol", symbol)
    elif kind in ("record", "error"):
        for field in schema["fields"]:
            own = _join(path, field["name"])
            yield own, Element("field", _summary(field), _field_notes(field))
            yield from _inside(field["type"], own)


def _inside_union(branches: list[Any], path: str) -> Iterator[tuple[str, Element]]:
    named = [branch for branch in branches if isinstance(branch, dict) and branch["type"] not in PRIMITIVES]
    for branch in named:
        label = split_name(branch["name"])[1] if branch["type"] in _NAMED and len(named) > 1 else ""
        yield from _inside(branch, _join(path, label) if label else path)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _summary(field: dict[str, Any]) -> str:
    text = describe(field["type"])
    return f"{text} = {render_value(field['default'])}" if "default" in field else text


def _field_notes(field: dict[str, Any]) -> dict[str, str]:
    own = {key: _note(field[key]) for key in field if key not in _FIELD_WORDS}
    return own | _notes(field["type"], "type ")


def _notes(schema: object, prefix: str) -> dict[str, str]:
    """Documentation, aliases and properties of a type and of the types right inside it."""
    if isinstance(schema, list):
        return {key: text for branch in schema for key, text in _notes(branch, prefix).items()}
    if not isinstance(schema, dict):
        return {}
    ignored = _TYPE_WORDS | _LOGICAL_WORDS if describe(schema).endswith(")") else _TYPE_WORDS
    notes = {prefix + key: _note(value) for key, value in schema.items() if key not in ignored}
    if schema["type"] in _INNER:
        notes |= _notes(schema[_INNER[schema["type"]][0]], "type ")
    return notes


def _note(value: object) -> str:
    return value if isinstance(value, str) else render_value(value)
