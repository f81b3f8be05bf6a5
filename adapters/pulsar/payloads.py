"""Pulsar's types of schemas: which are schemas of ours, and how ours are written there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from adapters.pulsar.descriptors import decode_descriptors, encode_descriptors
from reconciler.errors import SchemaError, UnexpectedAnswerError
from reconciler.model import Format, LiveVersion, Schema

AVRO, JSON, NATIVE = "AVRO", "JSON", "PROTOBUF_NATIVE"
_FORMATS: Mapping[str, Format] = {AVRO: Format.AVRO, JSON: Format.AVRO, NATIVE: Format.PROTOBUF}
"""By type, the format that describes it. Data of the type JSON is described in Avro."""
_FIRST = 1
"""Our number of the version that Pulsar calls 0."""


def make_version(row: Mapping[str, Any], registry: str | None, subject: str) -> LiveVersion:
    """A version from its row in an answer.

    Raises:
        UnexpectedAnswerError: the row is none, or its schema is none of ours; the message says why.
    """
    if not isinstance(row.get("version"), int) or not isinstance(row.get("type"), str):
        detail = json.dumps(row)[:200]
        raise UnexpectedAnswerError("a version was expected", registry=registry, subject=subject, detail=detail)
    try:
        return LiveVersion(number_of(row), read_schema(row))
    except SchemaError as error:
        words = f"version {number_of(row)} cannot be read"
        raise UnexpectedAnswerError(words, registry=registry, subject=subject, detail=error.message) from error


def number_of(row: Mapping[str, Any]) -> int:
    """Our number of a version: Pulsar counts from 0."""
    return int(row["version"]) + _FIRST


def read_schema(row: Mapping[str, Any]) -> Schema:
    """The schema that a version holds.

    Raises:
        SchemaError: it is none of ours; the message is a sentence that says why.
    """
    kind, text = row.get("type"), row.get("data")
    if not isinstance(kind, str) or kind not in _FORMATS:
        raise SchemaError(f"Its schema is of Pulsar's type {kind}, which is shown and not managed.")
    if not isinstance(text, str):
        raise SchemaError("Its schema has no text.")
    if kind == JSON and not _is_record(text):
        raise SchemaError("Its schema is of Pulsar's type JSON and no Avro record, as clients before 2.2 wrote it.")
    if kind != NATIVE:
        return Schema(_FORMATS[kind], text)
    try:
        return decode_descriptors(text)
    except SchemaError as error:
        raise SchemaError(f"Its schema is of Pulsar's type {kind}, and {error.message}.") from error


def make_payload(schema: Schema, present: Mapping[str, Any] | None, *, is_json: bool) -> dict[str, Any]:
    """What is posted for a schema.

    Args:
        schema: the schema.
        present: the row of the topic's latest version; a topic keeps its type, and what clients wrote beside it.
        is_json: whether a first schema in Avro describes data in JSON.

    Raises:
        SchemaError: a Protobuf schema that has no descriptor, or no message.
    """
    properties = (present or {}).get("properties") or {}
    if schema.format is Format.PROTOBUF:
        return {"type": NATIVE, "schema": encode_descriptors(schema), "properties": properties}
    kind = present["type"] if present and present.get("type") in (AVRO, JSON) else JSON if is_json else AVRO
    return {"type": kind, "schema": schema.definition, "properties": properties}


def _is_record(text: str) -> bool:
    try:
        content = json.loads(text)
    except ValueError:
        return False
    return isinstance(content, dict) and content.get("type") == "record"
