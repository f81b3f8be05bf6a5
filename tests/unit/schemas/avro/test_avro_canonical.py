"""When two Avro texts are the same schema: as Confluent's registry and as Karapace see it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from avro_texts import canonical, field, record

from reconciler.model import Dialect

SAME: list[tuple[str, Any, Any]] = [
    ("white space", '{"type":"record","name":"R","fields":[]}', '{ "type": "record",\n "name": "R", "fields": [ ] }'),
    ("key order", '{"type":"record","name":"R","fields":[]}', '{"fields":[],"name":"R","type":"record"}'),
    (
        "key order of a field",
        '{"type":"record","name":"R","fields":[{"type":"int","name":"a"}]}',
        record(field("a", "int")),
    ),
    ("a primitive in an object", {"type": "int"}, '"int"'),
    (
        "a primitive in an object, inside",
        record(field("a", ["null", {"type": "int"}])),
        record(field("a", ["null", "int"])),
    ),
    ("name with and without namespace", record(name="n.R"), record(name="R", namespace="n")),
    ("a dotted name ignores the namespace", record(name="n.R", namespace="m"), record(name="n.R")),
    ("an empty namespace", record(namespace=""), record()),
    (
        "short and full names",
        record(field("a", ["null", "n.R"]), name="n.R"),
        record(field("a", ["null", "R"]), name="n.R"),
    ),
    ("the default order", record(field("a", "int", order="ascending")), record(field("a", "int"))),
    ("order in capitals", record(field("a", "int", order="IGNORE")), record(field("a", "int", order="ignore"))),
    ("order of aliases", record(aliases=["A", "B"]), record(aliases=["B", "A"])),
    ("short and full aliases", record(name="n.R", aliases=["A"]), record(name="n.R", aliases=["n.A"])),
    (
        "order of a field's aliases",
        record(field("a", "int", aliases=["b", "c"])),
        record(field("a", "int", aliases=["c", "b"])),
    ),
    ("no aliases", record(aliases=[]), record()),
    ("order of properties", record(x=1, y=2), record(y=2, x=1)),
    ("order in a property", record(x={"a": 1, "b": 2}), record(x={"b": 2, "a": 1})),
    ("text of a number", '{"type":"int","x":1e3}', '{"type":"int","x":1000.0}'),
    ("a number as text", record(field("a", "double", default="1.5")), record(field("a", "double", default=1.5))),
    ("documentation of a primitive", {"type": "int", "doc": "no"}, '"int"'),
    (
        "a defined name in an object",
        record(field("x", record(name="X")), field("b", {"type": "X", "p": 1}, default={}), name="n.R"),
        record(field("x", record(name="X")), field("b", "X", default={}), name="n.R"),
    ),
    ("documentation that is no text", record(field("a", "int", doc=1)), record(field("a", "int"))),
    ("escapes", '{"type":"int","x":"\\u00e9\\/"}', '{"type":"int","x":"é/"}'),
]

DIFFERENT: list[tuple[str, Any, Any]] = [
    ("documentation", record(doc="a"), record(doc="b")),
    ("empty documentation", record(doc=""), record()),
    ("documentation of a field", record(field("a", "int", doc="x")), record(field("a", "int"))),
    ("alias", record(aliases=["A"]), record()),
    ("alias of a field", record(field("a", "int", aliases=["b"])), record(field("a", "int"))),
    ("default", record(field("a", "int", default=1)), record(field("a", "int", default=2))),
    ("no default", record(field("a", "int", default=1)), record(field("a", "int"))),
    ("null as the default", record(field("a", ["null", "int"], default=None)), record(field("a", ["null", "int"]))),
    ("1 and 1.0", record(field("a", "double", default=1)), record(field("a", "double", default=1.0))),
    (
        "default of an enum",
        {"type": "enum", "name": "E", "symbols": ["A"], "default": "A"},
        {"type": "enum", "name": "E", "symbols": ["A"]},
    ),
    ("order of symbols", *({"type": "enum", "name": "E", "symbols": list(s)} for s in ("AB", "BA"))),
    ("order of fields", record(field("a", "int"), field("b", "int")), record(field("b", "int"), field("a", "int"))),
    ("order of branches", ["null", "int"], ["int", "null"]),
    ("property", record(x=1), record(x=2)),
    ("property of a field", record(field("a", "int", x=1)), record(field("a", "int"))),
    ("logical type", {"type": "long", "logicalType": "timestamp-millis"}, '"long"'),
    (
        "scale 0 and no scale",
        {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 0},
        {"type": "bytes", "logicalType": "decimal", "precision": 4},
    ),
    ("order of sorting", record(field("a", "int", order="ignore")), record(field("a", "int"))),
    ("size", *({"type": "fixed", "name": "F", "size": size} for size in (1, 2))),
    ("namespace", record(name="a.R"), record(name="b.R")),
    ("record and error", {"type": "error", "name": "R", "fields": []}, record()),
    ("items", *({"type": "array", "items": kind} for kind in ("int", "long"))),
]


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_confluent_takes_these_for_one_schema(one: Any, other: Any) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in DIFFERENT], ids=[row[0] for row in DIFFERENT])
def test_confluent_takes_these_for_two_schemas(one: Any, other: Any) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize("schema", [row[i] for row in SAME + DIFFERENT for i in (1, 2)])
def test_a_canonical_text_is_its_own_canonical_text(schema: Any) -> None:
    text = canonical(schema)

    assert canonical(text) == text


JAVA: list[tuple[Any, str]] = [
    (
        record(
            field("a", "int", order="descending", aliases=["z"], foo={"b": 1}, default=1, doc="dd"),
            name="R",
            namespace="n",
            aliases=["x.B"],
            foo=1,
            doc="D",
        ),
        '{"type":"record","name":"R","namespace":"n","doc":"D","fields":[{"name":"a","type":"int","doc":"dd","default":1,'
        '"order":"descending","aliases":["z"],"foo":{"b":1}}],"foo":1,"aliases":["x.B"]}',
    ),
    (
        {"type": "enum", "name": "E", "aliases": ["Q"], "default": "A", "doc": "d", "symbols": ["A", "B"]},
        '{"type":"enum","name":"E","doc":"d","symbols":["A","B"],"default":"A","aliases":["Q"]}',
    ),
    (
        {"type": "fixed", "size": 1, "name": "F", "doc": "d", "default": "x", "aliases": ["b"]},
        '{"type":"fixed","name":"F","doc":"d","size":1,"default":"x","aliases":["b"]}',
    ),
    (
        record(
            field("q", record(field("b", "R"), field("d", {"type": "enum", "name": "o.E", "symbols": []}), name="Q")),
            field("e", "o.E"),
            name="n.R",
        ),
        '{"type":"record","name":"R","namespace":"n","fields":[{"name":"q","type":{"type":"record","name":"Q","fields":['
        '{"name":"b","type":"R"},{"name":"d","type":{"type":"enum","name":"E","namespace":"o","symbols":[]}}]}},'
        '{"name":"e","type":"o.E"}]}',
    ),
    (
        record(field("q", record(name="Q", namespace="")), name="n.R"),
        '{"type":"record","name":"R","namespace":"n","fields":[{"name":"q","type":{"type":"record","name":"Q",'
        '"namespace":"","fields":[]}}]}',
    ),
    (
        record(field("a", record(name="n.int")), field("b", "n.int"), field("c", "int"), name="n.M"),
        '{"type":"record","name":"M","namespace":"n","fields":[{"name":"a","type":{"type":"record","name":"int",'
        '"fields":[]}},{"name":"b","type":"n.int"},{"name":"c","type":"int"}]}',
    ),
    (
        '{"scale":2,"precision":4,"logicalType":"decimal","type":"bytes"}',
        '{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}',
    ),
    (
        '{"type":"array","items":"int","name":"n","default":7,"order":1,"size":3}',
        '{"type":"array","items":"int","default":7,"order":1}',
    ),
]


@pytest.mark.parametrize(("schema", "text"), JAVA)
def test_the_text_is_the_one_that_avros_java_library_writes(schema: Any, text: str) -> None:
    assert canonical(schema) == text


@pytest.mark.parametrize(
    ("written", "canonical_text"),
    [
        ("1e10", "1.0E10"),
        ("0.1", "0.1"),
        ("1E-5", "1.0E-5"),
        ("-0.0", "-0.0"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1.7976931348623157e308", "1.7976931348623157E308"),
        ("1e400", '"Infinity"'),
        ('"NaN"', '"NaN"'),
        ('"-Infinity"', '"-Infinity"'),
        ('" 1f "', "1.0"),
        ("0.001", "0.001"),
        ("1234567.5", "1234567.5"),
        ("12345678.5", "1.23456785E7"),
        ("1.50", "1.5"),
    ],
)
def test_numbers_are_written_as_java_writes_them(written: str, canonical_text: str) -> None:
    text = f'{{"type":"record","name":"R","fields":[{{"name":"a","type":"double","default":{written}}}]}}'

    assert canonical(text) == text.replace(written, canonical_text)


def test_karapace_sorts_keys_and_nothing_else() -> None:
    def karapace(schema: Any) -> str:
        return canonical(schema, dialect=Dialect.KARAPACE)

    assert karapace('{"type": "record", "name": "R", "fields": []}') == '{"fields":[],"name":"R","type":"record"}'
    assert karapace('{"name": "R", "fields": [], "type": "record"}') == '{"fields":[],"name":"R","type":"record"}'
    assert karapace(record(name="n.R")) != karapace(record(name="R", namespace="n"))
    assert karapace('{"type": "string"}') != karapace('"string"')
    assert json.loads(karapace(record(field("a", "int")))) == record(field("a", "int"))
