"""Between the interface's JSON and our values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.confluent.probing import _make_findings
from adapters.confluent.wire import WireError, make_body, make_mode, make_plain_metadata, make_version
from reconciler.model import Format, LiveVersion, Metadata, Mode, Reference, Schema

ITEMS = [
    ({"version": 2, "id": 7, "schema": '"int"'}, LiveVersion(2, Schema(Format.AVRO, '"int"'), 7)),
    ({"version": 2, "schema": "{}", "schemaType": "JSON"}, LiveVersion(2, Schema(Format.JSON, "{}"))),
    (
        {"version": 1, "id": 1, "schema": "x", "schemaType": "PROTOBUF", "references": [], "metadata": None},
        LiveVersion(1, Schema(Format.PROTOBUF, "x"), 1),
    ),
    (
        {
            "version": 1,
            "id": 1,
            "schema": '"M"',
            "references": [{"name": "M", "subject": "money", "version": 4}],
            "metadata": {"properties": {"a": "b", "confluent:version": "3"}, "tags": {"x": ["B", "A"]}},
        },
        LiveVersion(
            1,
            Schema(Format.AVRO, '"M"', (Reference("M", "money", 4),), Metadata({"a": "b"}, {"x": ("A", "B")})),
            1,
        ),
    ),
    (
        {"version": 1, "id": 1, "schema": '"int"', "metadata": {"properties": {"confluent:version": "3"}}},
        LiveVersion(1, Schema(Format.AVRO, '"int"'), 1),
    ),
]


@pytest.mark.parametrize(("item", "version"), ITEMS)
def test_a_version_is_read(item: dict[str, Any], version: LiveVersion) -> None:
    assert make_version(item) == version


@pytest.mark.parametrize(
    "part",
    [{"references": [{"name": "M"}]}, {"references": 3}, {"metadata": [1]}, {"metadata": {"tags": {"x": 1}}}],
)
def test_parts_of_another_shape_are_said(part: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        make_version({"version": 1, "schema": '"int"', **part})


def test_a_schema_is_written_with_what_it_has_only() -> None:
    assert json.loads(make_body(Schema(Format.AVRO, '"int"'))) == {"schemaType": "AVRO", "schema": '"int"'}


def test_references_and_metadata_are_written() -> None:
    schema = Schema(
        Format.JSON,
        "{}",
        (Reference("a.json", "a", 3), Reference("b.json", "b")),
        Metadata({"k": "v"}, {"p": ("B", "A")}, ("k",)),
    )

    assert json.loads(make_body(schema)) == {
        "schemaType": "JSON",
        "schema": "{}",
        "references": [
            {"name": "a.json", "subject": "a", "version": 3},
            {"name": "b.json", "subject": "b", "version": -1},
        ],
        "metadata": {"properties": {"k": "v"}, "tags": {"p": ["A", "B"]}, "sensitive": ["k"]},
    }


@pytest.mark.parametrize("metadata", [None, Metadata()])
def test_empty_metadata_is_none(metadata: Metadata | None) -> None:
    assert make_plain_metadata(metadata) == {}


@pytest.mark.parametrize(
    ("content", "mode"),
    [
        ({"compatibilityLevel": "FULL_TRANSITIVE"}, Mode.FULL_TRANSITIVE),
        ({"compatibility": "NONE"}, Mode.NONE),
        ({"alias": "x"}, None),
    ],
)
def test_a_mode_is_read(content: object, mode: Mode | None) -> None:
    assert make_mode(content) is mode


@pytest.mark.parametrize("content", [[], "BACKWARD", {"compatibilityLevel": "SIDEWAYS"}])
def test_what_is_no_mode_is_said(content: object) -> None:
    with pytest.raises(WireError, match="compatibility mode"):
        make_mode(content)


MESSAGES = [
    ("{errorType:'X', description:'words'}", ("X", None, "words")),
    (
        "{errorType:'TYPE_MISMATCH', description:'The type (path '/fields/0/type') isn't', additionalInfo:'reader'}",
        ("TYPE_MISMATCH", None, "The type (path '/fields/0/type') isn't"),
    ),
    (
        '{errorType:"FIELD_REMOVED", description:"A field at path \'#/A/1\' went", additionalInfo:""}',
        ("FIELD_REMOVED", "#/A/1", "A field at path '#/A/1' went"),
    ),
    (
        "Found incompatible change: Difference{x}",
        ("REGISTRY_REFUSES", None, "Found incompatible change: Difference{x}"),
    ),
]


@pytest.mark.parametrize(("message", "expected"), MESSAGES)
def test_messages_become_findings(message: str, expected: tuple[str, str | None, str | None]) -> None:
    (finding,) = _make_findings([message, "{oldSchemaVersion: 3}", "{compatibility: 'BACKWARD'}"], "orders", "s", 3)

    assert (finding.code, finding.path, finding.message) == (expected[0], expected[1], expected[2] or message)
    assert finding.against == 3
