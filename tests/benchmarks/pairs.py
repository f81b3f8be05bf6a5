"""Schemas and their next versions in three formats, for measuring how quickly one is judged against the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from reconciler.model import Format

Make = Callable[[int, int, int], str]
"""From the number of a subject, its fields in version 1, and a version to a text; each may follow all before it."""

_AVRO_TYPES: tuple[object, ...] = (
    "string",
    ["null", "string"],
    "long",
    {"type": "long", "logicalType": "timestamp-millis"},
    "double",
    ["null", "int"],
    {"type": "array", "items": "string"},
    "boolean",
    {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2},
    {"type": "map", "values": "long"},
)
_JSON_TYPES: tuple[dict[str, Any], ...] = (
    {"type": "string", "maxLength": 80},
    {"type": "integer", "minimum": 0},
    {"type": ["string", "null"]},
    {"type": "string", "format": "date-time"},
    {"type": "number", "exclusiveMinimum": 0},
    {"type": "array", "items": {"type": "string"}, "maxItems": 20},
    {"type": "boolean"},
    {"enum": ["NEW", "OPEN", "DONE"]},
    {"type": "object", "properties": {"latitude": {"type": "number"}, "longitude": {"type": "number"}}},
    {"type": "string", "pattern": "^[A-Z]{3}$"},
)
_PROTOBUF_TYPES = (
    "string",
    "int64",
    "repeated string",
    "bool",
    "double",
    "State",
    "bytes",
    "Place",
    "map<string, int32>",
    "optional uint32",
)


def make_avro(subject: int, fields: int, version: int) -> str:
    """A record of that many fields; every version has one more, which is optional."""
    return json.dumps({"type": "record", "name": f"Event{subject}", "fields": list(_avro_fields(fields, version))})


def make_nested_avro(subject: int, fields: int, version: int) -> str:
    """A record of records of 30 fields, that many together; every version has one more in each, which is optional."""
    groups = [
        {
            "name": f"group_{group}",
            "type": {"type": "record", "name": f"Group{group}", "fields": list(_avro_fields(30, version))},
        }
        for group in range(fields // 30)
    ]
    return json.dumps({"type": "record", "name": f"Event{subject}", "namespace": "com.acme", "fields": groups})


def _avro_fields(fields: int, version: int) -> Iterator[dict[str, Any]]:
    for index in range(fields - 1):
        yield {"name": f"field_{index}", "type": _AVRO_TYPES[index % len(_AVRO_TYPES)], "doc": f"Field {index}."}
    for index in range(version):
        yield {"name": f"added_{index}", "type": ["null", "string"], "default": None}


def make_json(subject: int, fields: int, version: int) -> str:
    """A closed object of that many properties; a version describes more of them, which anyone may."""
    properties = {f"property_{index}": dict(_JSON_TYPES[index % len(_JSON_TYPES)]) for index in range(fields)}
    for index in range(version):
        properties[f"property_{index}"]["description"] = f"Described in version {index}."
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"Event {subject}",
        "type": "object",
        "properties": properties,
        "required": ["property_0", "property_1"],
        "additionalProperties": False,
    }
    return json.dumps(schema)


def make_changed_json(subject: int, fields: int, version: int) -> str:
    """The same, where a version describes every property anew."""
    schema = json.loads(make_json(subject, fields, 0))
    for name, described in schema["properties"].items():
        described["description"] = f"{name} as of version {version}."
    return json.dumps(schema)


def make_protobuf(subject: int, fields: int, version: int) -> str:
    """A file with a message of that many fields; every version has one more."""
    lines = [f"  {_PROTOBUF_TYPES[i % len(_PROTOBUF_TYPES)]} field_{i} = {i + 1};" for i in range(fields - 1)]
    lines += [f"  string added_{index} = {1000 + index};" for index in range(version)]
    return "\n".join(
        (
            'syntax = "proto3";',
            f"package com.acme.event{subject};",
            "enum State { STATE_UNKNOWN = 0; STATE_OPEN = 1; STATE_DONE = 2; }",
            "message Place { double latitude = 1; double longitude = 2; }",
            "message Event {",
            *lines,
            "}\n",
        )
    )


MAKERS: Mapping[Format, Make] = {Format.AVRO: make_avro, Format.JSON: make_json, Format.PROTOBUF: make_protobuf}
