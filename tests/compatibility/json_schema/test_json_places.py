"""The line of the new schema that a finding points at, which is not where its path would lead."""

from __future__ import annotations

import json
from typing import Any

import pytest
from json_pairs import ADDRESSES, parsed, verdict

from reconciler.compatibility.places import find_place
from reconciler.model import Finding, Format, Mode, Severity, Source
from reconciler.schemas.json_positions import locate

NEWEST = {"$schema": ADDRESSES["2020-12"]}


def places(old: Any, new: Any, mode: Mode = Mode.BACKWARD) -> dict[str, str]:
    """By code and path of each finding, the line of the new text that it stands at."""
    before, after = (json.dumps(schema, indent=1) for schema in (old, new))
    found = {}
    for finding in verdict(parsed(after), parsed(before), mode).findings:
        path = find_place(finding, Format.JSON, after, {4: before})
        line, column = locate(after, path or "") or (0, 0)
        found[f"{finding.code} {finding.path}"] = after.splitlines()[line - 1][column - 1 :].rstrip(",")
    return found


@pytest.mark.parametrize(
    ("old", "new", "where", "line"),
    [
        (
            {"properties": {"a": {"type": "string", "title": "A"}}},
            {"properties": {"a": {"title": "A", "type": "integer"}}},
            "TYPE_CHANGED #/properties/a",
            '"type": "integer"',
        ),
        ({"type": "string"}, {"type": "string", "title": "A"}, "TITLE_CHANGED #/", '"title": "A"'),
        (
            {"properties": {"a": {"type": "string"}}},
            {"properties": {"a": {"type": "string"}}, "required": ["b", "a"]},
            "REQUIRED_ATTRIBUTE_ADDED #/required/a",
            '"a"',
        ),
        (
            {"properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"properties": {"a": {"type": "string"}}},
            "REQUIRED_ATTRIBUTE_REMOVED #/required/a",
            '"a": {',
        ),
        (
            {"properties": {"a/b": {"type": "string", "maxLength": 5}, "a": {"type": "null"}}},
            {"properties": {"a/b": {"type": "string", "maxLength": 3}, "a": {"type": "null"}}},
            "MAX_LENGTH_DECREASED #/properties/a/b/maxLength",
            '"maxLength": 3',
        ),
        (
            {**NEWEST, "prefixItems": [{"type": "null"}, {"type": "string"}]},
            {**NEWEST, "prefixItems": [{"type": "null"}, {"type": "string", "maxLength": 3}]},
            "MAX_LENGTH_ADDED #/items/1/maxLength",
            '"maxLength": 3',
        ),
        (
            {**NEWEST, "prefixItems": [{"type": "null"}]},
            {**NEWEST, "prefixItems": [{"type": "null"}], "items": False},
            "ADDITIONAL_ITEMS_REMOVED #/additionalItems",
            '"items": false',
        ),
        ({"items": [{"type": "null"}]}, {"items": {"type": "null"}}, "SCHEMA_ADDED #/items", '"items": {'),
        ({"items": {"type": "null"}}, {"items": [{"type": "null"}]}, "SCHEMA_REMOVED #/items", "{"),
        (
            {**NEWEST, "type": "object"},
            {**NEWEST, "type": "object", "dependentRequired": {"a": ["b"]}},
            "DEPENDENCY_ARRAY_ADDED #/dependencies/a",
            '"a": [',
        ),
        (
            {**NEWEST, "type": "object"},
            {**NEWEST, "type": "object", "dependentSchemas": {"a": True}},
            "DEPENDENCY_SCHEMA_ADDED #/dependencies/a",
            '"a": true',
        ),
        (
            {"properties": {"a": {"type": "string", "enum": ["x"]}}},
            {"properties": {"a": {"type": "string", "enum": ["x", "y"]}}},
            "ENUM_ARRAY_EXTENDED #/properties/a/allOf/0/enum",
            '"enum": [',
        ),
        (
            {"definitions": {"d": {"type": "string"}}, "properties": {"a": {"$ref": "#/definitions/d"}}},
            {
                "definitions": {"d": {"type": "string", "minLength": 1}},
                "properties": {"a": {"$ref": "#/definitions/d"}},
            },
            "MIN_LENGTH_ADDED #/properties/a/minLength",
            '"minLength": 1',
        ),
        (
            {"definitions": {"d": {"type": "string"}}, "properties": {"a": {"$ref": "#/definitions/d"}}},
            {"definitions": {"d": {"type": "integer"}}, "properties": {"a": {"$ref": "#/definitions/d"}}},
            "TYPE_CHANGED #/properties/a",
            '"$ref": "#/definitions/d"',
        ),
        (
            {"type": "string", "maxLength": 5},
            {"anyOf": [{"type": "null"}, {"type": "string", "maxLength": 9}]},
            "MAX_LENGTH_INCREASED #/maxLength",
            '"maxLength": 9',
        ),
        (
            {"anyOf": [{"type": "null"}, {"type": "string", "enum": ["x"]}]},
            {"anyOf": [{"type": "null"}, {"type": "string", "enum": ["x", "y"]}]},
            "ENUM_ARRAY_EXTENDED #/anyOf/0/allOf/0/enum",
            '"enum": [',
        ),
        (
            {"anyOf": [{"type": "integer"}, {"type": "string", "enum": ["x"]}]},
            {"anyOf": [{"type": "number"}, {"type": "string", "enum": ["x"]}]},
            "TYPE_EXTENDED #/anyOf/1",
            '"type": "number"',
        ),
        (
            {**NEWEST, "anyOf": [{"type": "string", "enum": ["x"]}, {"type": "integer"}]},
            {**NEWEST, "anyOf": [{"type": "string", "enum": ["x"]}, {"type": "number"}]},
            "TYPE_EXTENDED #/anyOf/2",
            '"type": "number"',
        ),
        (
            {"type": "object", "oneOf": [{"required": ["a"]}, {"minProperties": 2}]},
            {"type": "object", "oneOf": [{"required": ["a"]}, {"minProperties": 1}]},
            "MIN_PROPERTIES_DECREASED #/allOf/0/oneOf/1/minProperties",
            '"minProperties": 1',
        ),
        (
            {"anyOf": [{"type": "null"}, {}]},
            {"oneOf": [{"type": "null"}, {}]},
            "COMBINED_TYPE_CHANGED #/",
            '"oneOf": [',
        ),
        (
            {"type": "object", "additionalProperties": False},
            {"type": "object", "properties": {"a": True}, "additionalProperties": False},
            "OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL #/properties/a",
            '"a": true',
        ),
        (
            {"type": "object", "properties": {"a": True, "b": True}, "additionalProperties": False},
            {"type": "object", "properties": {"b": True}, "additionalProperties": False},
            "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/a",
            '"properties": {',
        ),
        (
            {"properties": {"value": {"type": "string"}, "next": {"$ref": "#"}}},
            {"properties": {"value": {"type": "integer"}, "next": {"$ref": "#"}}},
            "TYPE_CHANGED #/properties/next/properties/value",
            '"type": "integer"',
        ),
        (
            {"properties": {"a": {"type": "string"}, "next": {"$ref": "#"}}},
            {"required": ["a"], "properties": {"a": {"type": "string"}, "next": {"$ref": "#"}}},
            "REQUIRED_ATTRIBUTE_ADDED #/properties/next/required/a",
            '"a"',
        ),
    ],
)
def test_a_finding_points_at_what_was_changed(old: Any, new: Any, where: str, line: str) -> None:
    assert places(old, new)[where] == line


def test_branches_are_found_by_what_is_written_where_their_numbers_moved() -> None:
    old = {"anyOf": [{"type": "integer"}, {"type": "string", "not": {"const": "x"}}]}
    new = {"anyOf": [{"type": "boolean"}, {"type": "integer"}, {"type": "string", "not": {"const": "x"}}]}

    assert places(old, new)["NOT_TYPE_NARROWED #/anyOf/0/allOf/0/not"] == '"not": {'


def test_branches_are_counted_in_the_new_schema_when_the_old_one_reads() -> None:
    old = {"anyOf": [{"type": "number"}]}
    new = {"anyOf": [{"type": "boolean"}, {"type": "integer"}, {"type": "string", "not": {"const": "x"}}]}

    assert places(old, new, Mode.FORWARD)["TYPE_EXTENDED #/anyOf/2"] == '"type": "integer"'


@pytest.mark.parametrize("mode", [Mode.BACKWARD, Mode.FORWARD])
def test_references_that_go_round_end(mode: Mode) -> None:
    def rounds(kind: str) -> Any:
        chain = {"anyOf": [{"$ref": "#/definitions/d"}, {"type": kind}]}
        return {"definitions": {"d": chain}, "properties": {"a": {"$ref": "#/definitions/d"}}}

    found = places(rounds("string"), rounds("integer"), mode)

    assert found["COMBINED_TYPE_SUBSCHEMAS_CHANGED #/properties/a"] == '"$ref": "#/definitions/d"'


def test_a_schema_in_another_format_has_no_place_of_its_own() -> None:
    finding = Finding("FORMAT_CHANGED", Severity.ERROR, Source.COMPATIBILITY, "", path="/", against=4)

    assert find_place(finding, Format.JSON, "{}", {4: 'syntax = "proto3";'}) == "/"
