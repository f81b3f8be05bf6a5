"""What the broker takes for the same: descriptors byte by byte, Avro as its Java library compares schemas."""

from __future__ import annotations

import json
from typing import Any

from reconciler.model import Dialect, Format, Schema
from reconciler.schemas.resolved import SchemaSet

_INNER = ("items", "values")


def is_same(one: Schema, other: Schema) -> bool:
    """Whether two schemas are one by the canonical form; by their texts where one cannot be read."""
    return SchemaSet(lambda reference: None).is_same(one, other, Dialect.PULSAR)


def is_same_for_broker(one: Schema, other: Schema) -> bool:
    """Whether the broker answers one with the version of the other.

    ``Schema.equals`` of Avro's Java library sees neither documentation nor aliases, nor the default of an enum.
    """
    if Format.AVRO in (one.format, other.format):
        try:
            return is_same(_without_unseen(one), _without_unseen(other))
        except ValueError:
            return False
    return is_same(one, other)


def _without_unseen(schema: Schema) -> Schema:
    if schema.format is not Format.AVRO:
        return schema
    return Schema(schema.format, json.dumps(_strip(json.loads(schema.definition))))


def _strip(node: Any) -> Any:
    """A type without what is not seen; properties and defaults of fields stay as they are."""
    if isinstance(node, list):
        return [_strip(branch) for branch in node]
    if not isinstance(node, dict):
        return node
    unseen = {"doc", "aliases"} | ({"default"} if node.get("type") == "enum" else set())
    seen = {key: value for key, value in node.items() if key not in unseen}
    for key in ("type", *_INNER):
        if key in seen:
            seen[key] = _strip(seen[key])
    if isinstance(seen.get("fields"), list):
        seen["fields"] = [_strip(field) for field in seen["fields"]]
    return seen
