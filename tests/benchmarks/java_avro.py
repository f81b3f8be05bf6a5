"""Avro text in the order of keys in which Avro's Java library writes it: what a Confluent-like registry stores.

Only for the schemas of the measurements; the test double of the registry has the whole of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_FIELD_KEYS = ("name", "type", "doc", "default")
_NAMED_KEYS: Mapping[str, tuple[str, ...]] = {"record": ("doc", "fields"), "enum": ("doc", "symbols", "default")}
_NESTED_KEYS: Mapping[str, tuple[str, ...]] = {"array": ("type", "items"), "map": ("type", "values")}


def make_java_text(schema: Mapping[str, Any]) -> str:
    return json.dumps(_order(schema), separators=(",", ":"), ensure_ascii=False)


def _order(node: Any) -> Any:
    match node:
        case {"type": "record" | "enum" as kind}:
            keys = [key for key in ("type", "name", "namespace", *_NAMED_KEYS[kind]) if key in node]
            ordered = {key: node[key] for key in keys}
            if kind == "record":
                ordered["fields"] = [_order_field(field) for field in node["fields"]]
            return ordered
        case {"type": "array" | "map" as kind}:
            return {key: _order(node[key]) for key in _NESTED_KEYS[kind]}
        case {"type": str() as kind}:
            return {"type": kind, **{key: node[key] for key in sorted(node.keys() - {"type"})}}
        case list():
            return [_order(branch) for branch in node]
        case _:
            return node


def _order_field(field: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _order(field[key]) if key == "type" else field[key] for key in _FIELD_KEYS if key in field}
