"""Schemas that are as people write them, and the words that are put where they do not belong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reconciler.model import Format

_ORDER: dict[str, Any] = {
    "type": "record",
    "name": "Order",
    "namespace": "com.example.shop",
    "doc": "What somebody bought.",
    "fields": [
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["NEW", "PAID"], "default": "NEW"}},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "lines", "type": {"type": "array", "items": {"type": "record", "name": "Line", "fields": []}}},
        {"name": "parent", "type": ["null", "Order"], "default": None, "aliases": ["origin"]},
        {"name": "labels", "type": {"type": "map", "values": ["null", "long", "com.example.Label"]}, "default": {}},
        {"name": "hash", "type": {"type": "fixed", "name": "Hash", "size": 16}, "order": "ignore"},
        {"name": "rate", "type": "double", "default": 1e-3},
    ],
}
_PERSON: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.com/person.json",
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 80, "pattern": "^\\S+( \\S+)*$"},
        "age": {"type": "integer", "minimum": 0, "exclusiveMaximum": 150},
        "contact": {"oneOf": [{"$ref": "#/$defs/mail"}, {"$ref": "#/$defs/phone"}]},
        "children": {"type": "array", "items": {"$ref": "#"}, "uniqueItems": True},
        "address": {"$ref": "address.json#/$defs/street"},
    },
    "patternProperties": {"^x-": {}},
    "required": ["name"],
    "additionalProperties": False,
    "$defs": {
        "mail": {"type": "object", "properties": {"mail": {"type": "string", "format": "email"}}, "required": ["mail"]},
        "phone": {"$anchor": "phone", "type": ["string", "null"], "enum": ["1", None]},
    },
}
_OLDER: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "id": "http://example.com/thing",
    "allOf": [{"required": ["a", "b"]}, {"not": {"type": "null"}}],
    "properties": {"a": {"type": "number", "minimum": 1, "exclusiveMinimum": True, "multipleOf": 0.01}},
    "dependencies": {"a": ["b"], "c": {"maxProperties": 4}},
    "items": [{"type": "boolean"}, {"const": {"x": [1, 2.50]}}],
    "additionalItems": {"anyOf": [{"enum": [1, "1"]}, {"type": "array"}]},
    "definitions": {"t": {"title": "T", "default": 1}},
}
_PROTO3 = """// Orders.
syntax = "proto3";
package com.example.shop;
import "google/protobuf/timestamp.proto";
option java_package = "com.example.shop";
/* What somebody bought. */
message Order {
  string id = 1;
  repeated Line lines = 2 [deprecated = true];
  map<string, int64> counts = 3;
  oneof payment { Card card = 4; string voucher = 5; }
  google.protobuf.Timestamp at = 6;
  enum State { STATE_UNKNOWN = 0; PAID = 1; reserved 5 to 9; }
  State state = 7;
  reserved 10 to 12, 15;
  reserved "old";
  message Line { optional uint32 count = 1; Order parent = 2; }
}
message Card { bytes number = 1; }
service Orders { rpc Get (Card) returns (stream Order); }
"""
_PROTO2 = """syntax = 'proto2';
import public "money.proto";
message Account {
  required int32 id = 0x1;
  optional string name = 2 [default = "a\\n\\x41\\"b", json_name = "n"];
  optional group Detail = 3 { optional float rate = 1 [default = -inf]; }
  extensions 100 to max;
}
extend Account { optional sint64 extra = 100; }
"""

SEEDS: Mapping[Format, tuple[str, ...]] = {
    Format.AVRO: (
        json.dumps(_ORDER),
        json.dumps(_ORDER, indent=2),
        '["null", {"type": "error", "name": "a.b.E", "fields": []}, "long"]',
        '"string"',
        json.dumps({"type": "array", "items": {"type": "map", "values": "com.example.Label"}}),
    ),
    Format.JSON: (json.dumps(_PERSON), json.dumps(_OLDER, indent=1), "true", '{"type": ["object", "null"]}'),
    Format.PROTOBUF: (
        _PROTO3,
        _PROTO2,
        'edition = "2023"; option features.field_presence = IMPLICIT; message M { M m = 1; }',
        "message M { optional M a = 1; }",
    ),
}

_ANYWHERE = (
    *("\0", "\ufeff", "\ud800", "\\ud800", "\u2028", "\U0001f600", "é", "\\u0000", "\\", '"', "'", "\r\n", "\x7f"),
    *("1e400", "-1e400", "1e-400", "9" * 400, "9" * 5_000, "-0", "0.1e+1", "NaN", "Infinity", "true", "null", "{}"),
    *("[]", "{", "}", "[", "]", ",", ":", "[" * 600, '{"a":' * 600, "%s", "{0}", "${A}", "~1", "#"),
    *("(a+)+$", "(?:(?:a|a)*)*b", "(?P<", "[", "(?=a)*+"),
)
_OF_AVRO = """
    "type" "record" "enum" "fixed" "union" "fields" "items" "name" "Order" "Line" "default" "aliases" "namespace"
    "size" "symbols" "logicalType" "com.example.Label" "" "." ["null","null"] [[]] {"type":"Order"} "decimal"
    "precision" "order" ".Order" "values" "array" "map" "long" "bytes"
"""
_OF_JSON = """
    "$ref" "#" "#/" "#/$defs/mail" "$id" "$anchor" "$dynamicRef" "$recursiveRef" "$schema" "type" "object" "allOf"
    "anyOf" "oneOf" "not" "items" "prefixItems" "const" "enum" "properties" "patternProperties" "additionalProperties"
    "unevaluatedProperties" "contains" "if" "dependentRequired" "dependentSchemas" "http://[::1" "//" "#/%zz"
    "#/properties/%7E" "multipleOf" "http://json-schema.org/draft-07/schema#" {"$ref":"#"} {"not":{}} "integer"
"""
_OF_PROTOBUF = """
    message enum oneof map< group extend extensions reserved to max import public weak option returns stream rpc service
    required optional repeated syntax edition = ; < > ( ) // /* */ 0x 0xFFFFFFFFFFFFFFFFFFFF -1 536870912 19000 .. Order
    .com.example.shop.Order "money.proto" "../../etc/passwd" "/dev/stdin" export local inf int32 string [packed=true]
"""
WORDS: Mapping[Format, tuple[str, ...]] = {
    Format.AVRO: (*_ANYWHERE, *_OF_AVRO.split()),
    Format.JSON: (*_ANYWHERE, *_OF_JSON.split()),
    Format.PROTOBUF: (*_ANYWHERE, *_OF_PROTOBUF.split()),
}
"""What is put into texts, by format."""
