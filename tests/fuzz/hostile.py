"""Texts that were thought of rather than found: each is a way in which a reader of schemas may be led astray."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.model import Format

_DEEP = 3_000
_MANY = 2_000


def _avro(*fields: dict[str, Any], name: str = "R") -> str:
    return json.dumps({"type": "record", "name": name, "fields": list(fields)})


def _with_default(kind: str, default: str) -> str:
    """A default as it is written, since Python would write another number."""
    return _avro({"name": "a", "type": kind, "default": 0}).replace("0}", default + "}")


def _proto3(text: str) -> str:
    return f'syntax = "proto3"; {text}'


def _message(members: Iterable[str]) -> str:
    return _proto3(f"message M {{ {' '.join(members)} }}")


def _nested_avro(depth: int) -> str:
    kind: Any = "int"
    for number in range(depth):
        kind = {"type": "record", "name": f"N{number}", "fields": [{"name": "a", "type": kind}]}
    return json.dumps(kind)


def _crossing_json(count: int) -> str:
    """Schemas that all may be each other, so that the ways through them have no end."""
    refs = [{"$ref": f"#/$defs/d{n}"} for n in range(count)]
    definitions = {f"d{n}": {"anyOf": refs, "minLength": n} for n in range(count)}
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": definitions, "anyOf": refs})


def _crossing_protobuf(count: int) -> str:
    fields = " ".join(f"M{n} f{n} = {n + 1};" for n in range(count))
    return _proto3(" ".join(f"message M{n} {{ {fields} }}" for n in range(count)))


def _json_chain(count: int) -> str:
    definitions: dict[str, Any] = {f"d{n}": {"$ref": f"#/definitions/d{n + 1}"} for n in range(count)}
    definitions[f"d{count}"] = {"type": "string"}
    return json.dumps({"$ref": "#/definitions/d0", "definitions": definitions})


HOSTILE: Mapping[Format, Mapping[str, str]] = {
    Format.AVRO: {
        "no text": "",
        "a mark of byte order": '\ufeff"int"',
        "NUL": '{"type": "record", "name": "R\0", "fields": []}',
        "NUL as an escape": json.dumps({"type": "enum", "name": "E", "symbols": ["A\0"]}),
        "half a pair": '{"type": "record", "name": "R", "doc": "\ud800", "fields": []}',
        "half a pair as an escape": '{"type": "record", "name": "R", "doc": "\\ud800", "fields": [], "x\\udfff": 1}',
        "a default without end": _with_default("double", "1e400"),
        "a default of thousands of digits": _with_default("long", "9" * 5_000),
        "a huge size": '{"type": "fixed", "name": "F", "size": 1' + "0" * 4_000 + "}",
        "a size that is none": '{"type": "fixed", "name": "F", "size": -1e309}',
        "brackets without end": "[" * 10_000,
        "lists without end": "[" * _DEEP + "]" * _DEEP,
        "arrays without end": '{"type": "array", "items": ' * _DEEP + '"int"' + "}" * _DEEP,
        "records as deep as they may be": _nested_avro(99),
        "records too deep": _nested_avro(150),
        "a record of itself": _avro({"name": "a", "type": "R"}),
        "a union of itself": _avro({"name": "a", "type": ["null", "R", {"type": "array", "items": ["R", "null"]}]}),
        "a union in a union": '["null", ["null", "int"]]',
        "a type of a type of a type": '{"type": ' * 400 + '"int"' + "}" * 400,
        "thousands of fields": _avro(
            *({"name": f"f{n}", "type": ["null", "string"], "default": None} for n in range(_MANY))
        ),
        "thousands of branches": json.dumps([{"type": "record", "name": f"R{n}", "fields": []} for n in range(1_000)]),
        "thousands of symbols": json.dumps({"type": "enum", "name": "E", "symbols": [f"S{n}" for n in range(_MANY)]}),
        "thousands of aliases": _avro({"name": "a", "type": "int", "aliases": [f"b{n}" for n in range(_MANY)]}),
        "a name of a million letters": json.dumps({"type": "record", "name": "R" * 1_000_000, "fields": []}),
        "a name of a hundred thousand dots": json.dumps({"type": "record", "name": "a" + ".a" * 10_000, "fields": []}),
        "the same key a thousand times": '{"type": "record", "name": "R", "fields": []' + ', "name": "S"' * 1_000 + "}",
        "two texts": '"int" "int"',
        "orders that are none": _avro({"name": "a", "type": "int", "order": ["ignore"]}),
    },
    Format.JSON: {
        "no text": " \n",
        "NUL": '{"title": "\0"}',
        "NUL as an escape": '{"properties": {"\\u0000": {"pattern": "\\u0000"}}}',
        "half a pair": '{"title": "\udfff"}',
        "half a pair as an escape": '{"properties": {"\\ud800": {}}, "required": ["\\ud800"], "enum": ["\\udc00"]}',
        "a bound without end": '{"type": "number", "maximum": 1e400, "multipleOf": 1e-400}',
        "a bound of thousands of digits": '{"type": "integer", "minimum": ' + "9" * 5_000 + "}",
        "a bound of a few thousand digits": '{"type": "integer", "minimum": ' + "9" * 4_000 + ', "multipleOf": 1e308}',
        "a length of a hundred digits": '{"maxLength": 1' + "0" * 100 + ', "minItems": 1e100}',
        "brackets without end": '{"not":' * 10_000,
        "as deep as it may be": '{"not":' * 490 + "{}" + "}" * 490,
        "items as deep as they may be": '{"items":' * 490 + "{}" + "}" * 490,
        "too deep": '{"items":' * _DEEP + "{}" + "}" * _DEEP,
        "a reference to itself": '{"$ref": "#"}',
        "a circle of references": (
            '{"$ref": "#/definitions/a",'
            ' "definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}}}'
        ),
        "a reference to itself in all ways": (
            '{"$schema": "https://json-schema.org/draft/2020-12/schema",'
            ' "allOf": [{"$ref": "#"}], "anyOf": [{"$ref": "#"}], "not": {"$ref": "#"}}'
        ),
        "a long chain of references": _json_chain(1_000),
        "schemas that are each other": _crossing_json(12),
        "many schemas that are each other": _crossing_json(30),
        "addresses that are none": json.dumps({"$id": "http://[::1", "$ref": "//[", "$schema": "#\0"}),
        "a pattern that is none": '{"pattern": "(?P<", "patternProperties": {"[": {}, "(?z)": {}}}',
        "patterns that go back and forth": json.dumps(
            {
                "patternProperties": {"^(a+)+$": {"type": "string"}, "^(?:(?:a|a)*)*b$": {}, "(.*)*(.*)*x": {}},
                "properties": {"a" * 60: {"type": "integer"}, "a" * 5_000 + "!": {}},
                "additionalProperties": False,
            }
        ),
        "thousands of properties": json.dumps({"properties": {f"p{n}": {"type": "string"} for n in range(_MANY)}}),
        "hundreds of branches": json.dumps(
            {"oneOf": [{"type": "object", "properties": {f"p{n}": {}}} for n in range(300)]}
        ),
        "thousands of values": json.dumps({"enum": [{"a": n} for n in range(_MANY)]}),
        "thousands of types": json.dumps({"type": ["string"] * _MANY}),
        "keys that are pointers": (
            '{"properties": {"": {}, "/": {}, "~0": {}, "~": {}, "%2F": {}, "#": {}, "$ref": {"type": "string"}}}'
        ),
    },
    Format.PROTOBUF: {
        "no text": "",
        "only a comment": "// nothing",
        "NUL": 'syntax = "proto3"; message M\0 { int32 a = 1; }',
        "NUL in a comment before the syntax": '//\0\nsyntax = "proto3"; message M {}',
        "NUL in a long comment before the syntax": '/* \0 */ syntax = "proto3"; message M {}',
        "half a pair": 'syntax = "proto3"; message M { string a = 1; } // \ud800',
        "a line of another kind first": '\u2028syntax = "proto3"; message M {}',
        "the syntax second": 'message M {} syntax = "proto3";',
        "two syntaxes": 'syntax = "proto3"; syntax = "proto2"; message M {}',
        "messages without end": "message M {" * 10_000,
        "messages as deep as they may be": "message M { " * 30 + "}" * 30,
        "brackets without end": 'syntax = "proto3"; option (a) = ' + "{a: " * _DEEP + "1" + "}" * _DEEP + ";",
        "options without end": 'syntax = "proto3"; message M { int32 a = 1 ' + "[" * _DEEP + "]" * _DEEP + "; }",
        "comments that never end": "/*" * 50_000,
        "comments that nearly end": "/" + "* /" * 50_000,
        "text that never ends": 'syntax = "proto3',
        "a number of thousands of digits": 'syntax = "proto3"; message M { int32 a = ' + "9" * 5_000 + "; }",
        "a default without end": 'syntax = "proto2"; message M { optional double a = 1 [default = 1e400]; }',
        "a message of itself": 'syntax = "proto3"; message M { M m = 1; map<string, M> n = 2; oneof o { M p = 3; } }',
        "messages that are each other": _crossing_protobuf(40),
        "an import of itself": 'syntax = "proto3"; import "__schema__.proto"; message M {}',
        "an import of what compiles it": 'syntax = "proto3"; import "__entry__.proto"; message M {}',
        "an import from outside": _proto3('import "../../../../etc/passwd"; import "/dev/stdin"; message M {}'),
        "thousands of fields": _message(f"string f{n} = {n};" for n in range(1, _MANY)),
        "thousands of messages": _proto3(" ".join(f"message M{n} {{ M{n} m = 1; }}" for n in range(2_000))),
        "a name of a million letters": 'syntax = "proto3"; message ' + "M" * 1_000_000 + " {}",
        "a package of thousands of dots": 'syntax = "proto3"; package a' + ".a" * 10_000 + "; message M { M m = 1; }",
        "reserved without end": _message(["reserved " + ", ".join(map(str, range(1, _MANY))) + ";"]),
    },
}
"""By format and by what they do."""
