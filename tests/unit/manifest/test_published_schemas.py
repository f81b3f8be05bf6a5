"""The JSON Schemas that editors use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from reconciler.errors import UsageError
from reconciler.operations.schema import PUBLISHED, make_schema, render_schema

OURS = ("schemafed", "defaults", "sidecar", "waivers")


def properties(schema: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield from schema.get("properties", {}).items()
        for value in schema.values():
            yield from properties(value)


@pytest.mark.parametrize("name", PUBLISHED)
def test_is_a_json_schema_with_an_address_of_its_own(name: str) -> None:
    schema = json.loads(render_schema(name))

    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:schemafed:{name}:1"


@pytest.mark.parametrize("name", OURS)
def test_every_key_says_what_it_does(name: str) -> None:
    undescribed = [key for key, value in properties(make_schema(name)) if not value.get("description")]

    assert undescribed == []


@pytest.mark.parametrize(
    ("name", "value", "is_valid"),
    [
        ("schemafed", {"version": 1, "registries": {"r": {"kind": "local", "path": "x"}}}, True),
        ("schemafed", {"version": 1, "registrys": {}}, False),
        ("defaults", {"files": {"*.avro": "avro", "x/**": {"register": False}}, "compatibility": "FULL"}, True),
        ("defaults", {"files": {"*.avro": "avrp"}}, False),
        ("sidecar", {"references": [{"name": "a", "subject": "b", "version": 3, "file": "c"}]}, True),
        ("sidecar", {"compatibility": "BACKWRD"}, False),
    ],
)
def test_tells_good_from_bad(name: str, value: object, is_valid: bool) -> None:
    assert jsonschema.Draft202012Validator(make_schema(name)).is_valid(value) == is_valid


def test_unknown_name() -> None:
    with pytest.raises(UsageError, match="did you mean `sidecar`"):
        make_schema("sidecars")
