"""Schemas of every format that the suite registers, and how their texts are compared without the product's code.

Avro texts are written as registries write them anew (keys in Avro's own order, short names within a namespace), so
that JSON equality is enough to tell that a registry holds what was sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.model import Format, Reference, Schema
from tests.raw_registry import RawVersion


@dataclass(frozen=True)
class Sample:
    """Four texts of one format: what comes after the first is compatible or not in every direction."""

    first: Schema
    same: Schema
    compatible: Schema
    incompatible: Schema


def make_avro(*fields: tuple[str, str], name: str = "Order", doc: str | None = None) -> Schema:
    """A record with fields of (name, type); every field has a default, so that more or fewer are compatible."""
    defaults: dict[str, object] = {"string": "", "int": 0, "boolean": False}
    record: dict[str, object] = {"type": "record", "name": name, "namespace": "com.acme"}
    if doc is not None:
        record["doc"] = doc
    record["fields"] = [{"name": n, "type": t} | ({"default": defaults[t]} if t in defaults else {}) for n, t in fields]
    return Schema(Format.AVRO, json.dumps(record, separators=(",", ":"), ensure_ascii=False))


def make_json(**properties: str) -> Schema:
    """A closed object with optional properties of simple types."""
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in properties.items()},
        "additionalProperties": False,
    }
    return Schema(Format.JSON, json.dumps(schema, separators=(",", ":")))


def make_protobuf(*fields: str) -> Schema:
    lines = ('syntax = "proto3";', "package com.acme;", "", "message Order {", *(f"  {f};" for f in fields), "}", "")
    return Schema(Format.PROTOBUF, "\n".join(lines))


A = make_avro(("a", "string"))
AB = make_avro(("a", "string"), ("b", "string"))
ABC = make_avro(("a", "string"), ("b", "string"), ("c", "int"))

SAMPLES = {
    Format.AVRO: Sample(
        first=A,
        same=Schema(Format.AVRO, json.dumps(dict(sorted(json.loads(A.definition).items())), indent=4)),
        compatible=AB,
        incompatible=make_avro(("a", "int")),
    ),
    Format.JSON: Sample(
        first=make_json(a="string"),
        same=Schema(Format.JSON, json.dumps(json.loads(make_json(a="string").definition), indent=4)),
        compatible=make_json(a="string", b="string"),
        incompatible=make_json(a="integer"),
    ),
    Format.PROTOBUF: Sample(
        first=make_protobuf("string a = 1"),
        same=Schema(
            Format.PROTOBUF, make_protobuf("string a = 1").definition.replace("  ", "\t").replace(" = ", " =  ")
        ),
        compatible=make_protobuf("string a = 1", "string b = 2"),
        incompatible=make_protobuf("int32 a = 1"),
    ),
}

TEXTS = {
    Format.OPENAPI: '{"openapi":"3.0.3","info":{"title":"Pets","version":"1"},"paths":{}}',
    Format.ASYNCAPI: '{"asyncapi":"2.6.0","info":{"title":"Orders","version":"1"},"channels":{}}',
    Format.GRAPHQL: "type Query { pet: String }",
    Format.XSD: '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>',
    Format.WSDL: '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" name="Shop" targetNamespace="urn:shop"/>',
    Format.XML: "<note>ä</note>",
    Format.KCONNECT: '{"type":"struct","name":"Row","optional":false,"fields":[]}',
}
"""Of the formats that only some registries have."""
INVALID = {
    "an unknown type": Schema(Format.AVRO, '{"type":"record","name":"R","fields":[{"name":"a","type":"strin"}]}'),
    "half a JSON": Schema(Format.AVRO, '{"type":"record"'),
    "an unknown JSON Schema type": Schema(
        Format.JSON, '{"$schema":"http://json-schema.org/draft-07/schema#","type":"objekt"}'
    ),
    "half a message": Schema(Format.PROTOBUF, 'syntax = "proto3";\nmessage Order {\n'),
}


def make_chain(schema_format: Format, subjects: Sequence[str]) -> list[Schema]:
    """Three schemas under three subjects, each but the first referring to version 1 of the one before."""
    return {Format.AVRO: _avro_chain, Format.JSON: _json_chain, Format.PROTOBUF: _protobuf_chain}[schema_format](
        subjects
    )


def is_same_text(schema: Schema, raw: RawVersion) -> bool:
    """Whether a registry holds the text that was sent, whatever white space it keeps."""
    if raw.schema_type != schema.format:
        return False
    if schema.format is Format.PROTOBUF:
        return _squeeze(raw.text) == _squeeze(schema.definition)
    return bool(json.loads(raw.text) == json.loads(schema.definition))


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _avro_chain(subjects: Sequence[str]) -> list[Schema]:
    money = make_avro(("amount", "string"), name="Money")
    line = make_avro(("price", "Money"), name="Line")
    order = make_avro(("line", "Line"), name="Order")
    return [money, _refer(line, "com.acme.Money", subjects[0]), _refer(order, "com.acme.Line", subjects[1])]


def _json_chain(subjects: Sequence[str]) -> list[Schema]:
    def make(**properties: object) -> Schema:
        schema = {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object",
            "properties": properties,
        }
        return Schema(Format.JSON, json.dumps(schema))

    money = make(amount={"type": "string"})
    line = make(price={"$ref": "money.json"})
    order = make(line={"$ref": "line.json"})
    return [money, _refer(line, "money.json", subjects[0]), _refer(order, "line.json", subjects[1])]


def _protobuf_chain(subjects: Sequence[str]) -> list[Schema]:
    def make(message: str, field: str, imported: str = "") -> Schema:
        imports = f'import "{imported}";\n\n' if imported else ""
        text = f'syntax = "proto3";\npackage com.acme;\n\n{imports}message {message} {{\n  {field} = 1;\n}}\n'
        return Schema(Format.PROTOBUF, text)

    money = make("Money", "string amount")
    line = make("Line", "Money price", "money.proto")
    order = make("Order", "Line line", "line.proto")
    return [money, _refer(line, "money.proto", subjects[0]), _refer(order, "line.proto", subjects[1])]


def _refer(schema: Schema, name: str, subject: str) -> Schema:
    return Schema(schema.format, schema.definition, (Reference(name, subject, 1),))
