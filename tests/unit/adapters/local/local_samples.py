"""Schemas and registries that the tests of the `local` kind share."""

from __future__ import annotations

import json
from pathlib import Path

from adapters.local import LocalRegistry
from reconciler.model import Format, Reference, Schema
from reconciler.registry import RegistrySettings


def open_registry(root: Path, **options: object) -> LocalRegistry:
    return LocalRegistry(RegistrySettings("laptop", "local", root, {"path": "registry.db", **options}))


def make_record(*fields: str, name: str = "com.acme.Order", doc: str = "") -> Schema:
    """An Avro record of strings with empty defaults: any two of the same name read each other's data."""
    definition: dict[str, object] = {"type": "record", "name": name}
    if doc:
        definition["doc"] = doc
    definition["fields"] = [{"name": field, "type": "string", "default": ""} for field in fields]
    return Schema(Format.AVRO, json.dumps(definition))


def make_number_record(name: str = "com.acme.Order") -> Schema:
    """Like `make_record("a")`, but neither reads the other's data."""
    fields = [{"name": "a", "type": "int", "default": 0}]
    return Schema(Format.AVRO, json.dumps({"type": "record", "name": name, "fields": fields}))


def make_user_of(reference: Reference, name: str = "com.acme.Basket") -> Schema:
    """An Avro record with one field of the type that a reference names."""
    fields = [{"name": "item", "type": reference.name}]
    definition = json.dumps({"type": "record", "name": name, "fields": fields})
    return Schema(Format.AVRO, definition, (reference,))
