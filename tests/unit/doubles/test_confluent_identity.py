"""When the registry takes two texts for the same schema."""

from __future__ import annotations

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry

_ENUM = '{"type":"enum","name":"E","symbols":["X","Y"]}'
_FIELDS = f'[{{"name":"a","type":"int"}},{{"name":"b","type":{_ENUM}}}]'
_AVRO = f'{{"type":"record","name":"n.R","aliases":["A","B"],"fields":{_FIELDS}}}'
_JSON = '{"type":"object","properties":{"a":{"type":"integer","maximum":1},"b":{"enum":[1,2]}}}'
_JSON_REORDERED = _JSON.replace('"type":"integer","maximum":1', '"maximum":1,"type":"integer"')
_PROTO = 'syntax = "proto3"; import "google/protobuf/any.proto"; option a = "x"; message M { int32 a = 1; M b = 2; }'

# format, first text, second text, same, same with normalize=true
CASES = (
    ("AVRO", "white space", _AVRO, _AVRO.replace(",", ",\n  "), True, True),
    ("AVRO", "key order", _AVRO, _AVRO.replace('"name":"a","type":"int"', '"type":"int","name":"a"'), True, True),
    ("AVRO", "primitive as object", _AVRO, _AVRO.replace('"int"', '{"type":"int"}'), True, True),
    ("AVRO", "name form", _AVRO, _AVRO.replace('"n.R"', '"R","namespace":"n"'), True, True),
    ("AVRO", "inner name form", _AVRO, _AVRO.replace('"name":"E"', '"name":"n.E"'), True, True),
    ("AVRO", "ascending", _AVRO, _AVRO.replace('"type":"int"', '"type":"int","order":"ascending"'), True, True),
    ("AVRO", "alias order", _AVRO, _AVRO.replace('["A","B"]', '["B","A"]'), True, True),
    ("AVRO", "doc", _AVRO, _AVRO.replace('"type":"int"', '"type":"int","doc":"d"'), False, False),
    ("AVRO", "alias", _AVRO, _AVRO.replace('["A","B"]', '["A"]'), False, False),
    ("AVRO", "default", _AVRO, _AVRO.replace('"type":"int"', '"type":"int","default":0'), False, False),
    ("AVRO", "enum default", _AVRO, _AVRO.replace('["X","Y"]', '["X","Y"],"default":"X"'), False, False),
    ("AVRO", "property", _AVRO, _AVRO.replace('"int"', '{"type":"int","unit":"s"}'), False, False),
    ("AVRO", "logical type", _AVRO, _AVRO.replace('"int"', '{"type":"int","logicalType":"date"}'), False, False),
    ("AVRO", "descending", _AVRO, _AVRO.replace('"type":"int"', '"type":"int","order":"descending"'), False, False),
    ("JSON", "white space", _JSON, _JSON.replace(",", ", "), True, True),
    ("JSON", "key order", _JSON, _JSON_REORDERED, False, True),
    ("JSON", "array order", _JSON, _JSON.replace("[1,2]", "[2,1]"), False, False),
    ("JSON", "number form", _JSON, _JSON.replace('"maximum":1', '"maximum":1.0'), False, False),
    ("JSON", "annotation", _JSON, _JSON.replace('"maximum":1', '"maximum":1,"title":"t"'), False, False),
    ("PROTOBUF", "layout", _PROTO, _PROTO.replace(";", ";\n"), True, True),
    ("PROTOBUF", "comments", _PROTO, f"// head\n{_PROTO.replace('{', '{ /* body */')}", True, True),
    ("PROTOBUF", "field order", _PROTO, _PROTO.replace("int32 a = 1; M b = 2;", "M b = 2; int32 a = 1;"), False, True),
    ("PROTOBUF", "field name", _PROTO, _PROTO.replace("int32 a", "int32 c"), False, False),
)  # fmt: skip


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("case", CASES, ids=[f"{case[0]} {case[1]}" for case in CASES])
def test_identity(case: tuple[str, str, str, str, bool, bool], normalize: bool) -> None:
    schema_type, _, first, second, same, same_normalized = case
    query = "?normalize=true" if normalize else ""
    assert first != second
    with ConfluentDouble() as double:
        registry = RawRegistry(double.url)
        registry.set_compatibility("s", "NONE")
        for text in (first, second):
            body = {"schema": text, "schemaType": schema_type}
            assert registry.send("POST", f"/subjects/s/versions{query}", body).status == 200

        versions = registry.read_versions("s")

        assert (len(versions) == 1) is (same_normalized if normalize else same)


def test_stored_avro_is_written_anew() -> None:
    sent = '{ "fields": [{"type": {"type": "int"}, "name": "a"}], "name": "n.R", "type": "record" }'
    with ConfluentDouble() as double:
        double.register("s", sent)

        text = RawRegistry(double.url).read_version("s").text

        assert text == '{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":"int"}]}'


def test_stored_protobuf_has_no_comments() -> None:
    body = "map<string, int32> a = 1 [deprecated = true]; oneof o { M m = 2; }"
    sent = f'syntax = "proto3";\n// why\nmessage M {{ {body} }}'
    with ConfluentDouble() as double:
        double.register("s", sent, schemaType="PROTOBUF")

        lines = RawRegistry(double.url).read_version("s").text.splitlines()

        assert lines == [
            'syntax = "proto3";',
            "message M {",
            "  map<string, int32> a = 1 [deprecated = true];",
            "  oneof o {",
            "    M m = 2;",
            "  }",
            "}",
        ]


# format, old, new, compatible: the small rules of the double itself
JUDGED = (
    ("JSON", '{"type":"integer"}', '{"type":"number"}', True),
    ("JSON", '{"type":"integer"}', '{"type":"string"}', False),
    ("JSON", '{"properties":{"a":{"type":"string"}}}', '{"properties":{"a":{"type":["string","null"]}}}', True),
    ("JSON", '{"properties":{"a":{"type":"string"}}}', '{"properties":{"a":{"type":"null"}}}', False),
    ("JSON", '{"items":{"type":"string"}}', '{"items":{"type":"integer"}}', False),
    ("PROTOBUF", "message M { int32 a = 1; }", "message M { uint64 b = 1; string c = 2; }", True),
    ("PROTOBUF", "message M { int32 a = 1; }", "message M { string a = 1; }", False),
    ("PROTOBUF", "message M { E a = 1; } enum E { Z = 0; }", "message M { int32 a = 1; }", True),
    ("PROTOBUF", "message M { message N { } }", "message M { }", False),
    ("PROTOBUF", "package a; message M { }", "package b; message M { }", False),
)


@pytest.mark.parametrize(("schema_type", "old", "new", "compatible"), JUDGED)
def test_small_rules_of_the_double(schema_type: str, old: str, new: str, compatible: bool) -> None:
    with ConfluentDouble() as double:
        double.register("s", old, schemaType=schema_type)
        body = {"schema": new, "schemaType": schema_type}

        answer = RawRegistry(double.url).send("POST", "/compatibility/subjects/s/versions/latest", body)

        assert answer.body == {"is_compatible": compatible}
