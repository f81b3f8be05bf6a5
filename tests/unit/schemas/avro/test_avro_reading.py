"""Reading one Avro text: what it defines and needs, and what is said about a text that breaks a rule."""

from __future__ import annotations

import json
from typing import Any

import pytest
from avro_texts import field, raise_flaw, record

from reconciler.errors import SchemaError
from reconciler.model import Dialect, Format
from reconciler.schemas import Need, avro


def test_a_record_defines_its_name_and_those_inside_it_outermost_first() -> None:
    inner = {"type": "enum", "name": "State", "symbols": ["OPEN"]}
    text = json.dumps(record(field("state", inner), name="Order", namespace="com.acme"))

    document = avro.read(text)

    assert document.format is Format.AVRO
    assert document.definition == text
    assert document.defines == ("com.acme.Order", "com.acme.State")
    assert (document.name, document.namespace) == ("Order", "com.acme")
    assert document.needs == ()


def test_a_name_takes_the_namespace_of_the_type_around_it() -> None:
    inner = record(field("e", {"type": "fixed", "name": "E", "size": 1}), field("again", "E"), name="b.Inner")

    document = avro.read(json.dumps(record(field("x", inner), field("back", "Outer"), name="a.Outer")))

    assert document.defines == ("a.Outer", "b.Inner", "b.E")
    assert document.needs == ()


def test_what_is_not_defined_is_needed_once_with_the_place_of_its_first_use() -> None:
    document = avro.read(
        json.dumps(
            record(
                field("total", "Money"),
                field("fee", ["null", "Money"]),
                field("to", {"type": "array", "items": "geo.Address"}),
                name="shop.Order",
            )
        )
    )

    assert document.needs == (
        Need("shop.Money", "/fields/0/type", ("Money",)),
        Need("geo.Address", "/fields/2/type/items"),
    )


def test_an_explicit_empty_namespace_leaves_the_one_around() -> None:
    document = avro.read(json.dumps(record(field("x", record(name="Inner", namespace="")), name="a.Outer")))

    assert document.defines == ("a.Outer", "Inner")


@pytest.mark.parametrize(
    "text",
    [
        '"string"',
        '{"type": "long", "logicalType": "timestamp-millis"}',
        '["null", "string"]',
        '{"type": "enum", "name": "E", "symbols": ["A"]}',
        '{"type": "fixed", "name": "F", "size": 0}',
        '{"type": "array", "items": "int"}',
        '{"type": "map", "values": ["null", "int"]}',
        '{"type": "error", "name": "E", "fields": []}',
        "[]",
    ],
)
def test_a_schema_need_not_be_a_record(text: str) -> None:
    assert avro.read(text).needs == ()


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "bytes", "logicalType": "decimal"},
        {"type": "bytes", "logicalType": "decimal", "precision": 2, "scale": 5},
        {"type": "string", "logicalType": "decimal", "precision": 2},
        {"type": "int", "logicalType": 7},
        {"type": "int", "logicalType": "unheard-of"},
    ],
)
def test_a_malformed_logical_type_is_ignored(odd: dict[str, Any]) -> None:
    assert avro.read(json.dumps(odd)).definition == json.dumps(odd)


ENUM = {"type": "enum", "name": "E", "symbols": ["A", "B"]}
INNER = record(field("v", "int"), field("w", "int", default=0), name="Inner")


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        ("null", None),
        ("boolean", True),
        ("int", -(2**31)),
        ("int", 2**31 - 1),
        ("long", 2**63 - 1),
        ("float", 1),
        ("double", 1.5),
        ("double", 10**30),
        ("double", "NaN"),
        ("float", "-Infinity"),
        ({"type": "double"}, "1.5"),
        ("string", "x"),
        ("bytes", "\u00ff\u0000"),
        (["null", "int"], None),
        (["int", "null"], None),
        (["null", "int"], 3),
        (ENUM, "B"),
        ({"type": "fixed", "name": "F", "size": 2}, "ab"),
        ({"type": "array", "items": "int"}, [1, 2]),
        ({"type": "array", "items": "R"}, []),
        ({"type": "map", "values": {"type": "array", "items": "string"}}, {"k": ["v"]}),
        (INNER, {"v": 1}),
        (INNER, {"v": 1, "w": 2, "more": 3}),
        (["null", INNER], {"v": 1}),
    ],
)
def test_a_default_of_the_type_is_accepted(kind: Any, default: Any) -> None:
    assert avro.read(json.dumps(record(field("a", kind, default=default)))).violation is None


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        ("null", 0),
        ("boolean", "true"),
        ("boolean", 1),
        ("int", 2**31),
        ("int", 1.0),
        ("int", True),
        ("int", None),
        ("long", 2**63),
        ("long", "1"),
        ("double", "wide"),
        ("double", True),
        ("string", 1),
        ("string", None),
        ("bytes", "\u0100"),
        (["null", "int"], "null"),
        (["double", "null"], "NaN"),
        ([], None),
        (ENUM, "C"),
        ({"type": "fixed", "name": "F", "size": 2}, "abc"),
        ({"type": "array", "items": "int"}, ["x"]),
        ({"type": "array", "items": "int"}, {}),
        ({"type": "map", "values": "int"}, {"k": None}),
        (INNER, {}),
        (INNER, {"v": "x"}),
        (INNER, None),
        ({"type": "int", "logicalType": "date"}, "2020-01-01"),
    ],
)
def test_a_default_of_another_type_is_refused_at_its_place(kind: Any, default: Any) -> None:
    with pytest.raises(SchemaError, match=r"the default .* of field `a` is not of its type") as caught:
        raise_flaw(json.dumps(record(field("a", kind, default=default))))

    assert caught.value.path == "/fields/0/default"
    assert caught.value.line == 1


REFUSED: list[tuple[str, Any, str, str, str]] = [
    ("no type", {}, "", "has no `type`", 'add one, such as "type": "record"'),
    ("a number", 7, "", "7 is not a type", "write a type's name, an object, or a union"),
    ("null", None, "", "null is not a type", "write a type's name, an object, or a union"),
    ("type of type", {"type": {"type": "int"}}, "/type", "holds an object", "use the inner type itself"),
    ("type is a union", {"type": ["null", "int"]}, "/type", "holds a union", "use the inner type itself"),
    ("type is a number", {"type": 1}, "/type", "1 is not a type", "write a type's name"),
    ("bare kind", record(field("a", "enum")), "/fields/0/type", "`enum` is a kind", '"symbols": [...]'),
    ("array beside its name", record(field("a", "array", items="int")), "/fields/0/type", "needs an object", '"items"'),
    ("a name with a dash", record(field("a", "x-y")), "/fields/0/type", "`x-y` is no name", ""),
    ("no name", {"type": "record", "fields": []}, "", "this record has no name", 'add "name"'),
    ("name not a text", {"type": "enum", "name": 1, "symbols": []}, "", "this enum has no name", 'add "name"'),
    ("bad name", record(name="my-record"), "/name", "`my-record` is no name in Avro", "letters, digits"),
    ("digit first", record(name="1st"), "/name", "`1st` is no name", "not starting with a digit"),
    ("not ASCII", record(name="Größe"), "/name", "`Größe` is no name", "letters, digits"),
    ("bad namespace", record(name="R", namespace="a..b"), "/name", "`a..b.R` is no name", "letters, digits"),
    ("primitive", record(name="int"), "/name", "must not be called `int`", "rename it"),
    (
        "twice alike",
        record(field("a", ENUM), field("b", ENUM | {"doc": "again"})),
        "/fields/1/type/name",
        "`E` is defined twice",
        'use "E" at the second place',
    ),
    ("twice", record(field("a", record(name="R"))), "/fields/0/type/name", "`R` is defined twice", 'use "R"'),
    ("no fields", {"type": "record", "name": "R"}, "", "no list of fields", 'add "fields"'),
    ("field not an object", record("a"), "/fields/0", "field 1 of `R` needs a name and a type", "add"),
    ("field without a type", record({"name": "a"}), "/fields/0", "needs a name and a type", "add"),
    ("field without a name", record({"type": "int"}), "/fields/0", "needs a name and a type", "add"),
    ("bad field", record(field("a b", "int")), "/fields/0/name", "`a b` is no name for a field", "letters"),
    ("field twice", record(field("a", "int"), field("a", "int")), "/fields/1/name", "two fields `a`", "rename one"),
    ("bad order", record(field("a", "int", order="up")), "/fields/0/order", '"up" is no order', "ascending"),
    ("field aliases", record(field("a", "int", aliases="b")), "/fields/0/aliases", "a list of texts", "aliases"),
    ("type aliases", record(aliases=[1]), "/aliases", "must be a list of texts", "aliases"),
    ("no aliases", record(aliases=None), "/aliases", "must be a list of texts", "aliases"),
    ("bad alias", record(aliases=["x-y"]), "/aliases", "`x-y` is no name for an alias", "letters"),
    ("no symbols", {"type": "enum", "name": "E"}, "", "no list of symbols", 'add "symbols"'),
    ("bad symbol", ENUM | {"symbols": ["A-B"]}, "/symbols/0", "no name for a symbol", "letters"),
    ("symbol twice", ENUM | {"symbols": ["A", "A"]}, "/symbols/1", "`A` twice", "remove one"),
    ("enum default", ENUM | {"default": "C"}, "/default", 'default "C" of enum `E`', "use one of A, B"),
    ("enum default no text", ENUM | {"default": 1}, "/default", "default 1 of enum `E`", "use one of A, B"),
    ("dot first", record(aliases=[".x"]), "/aliases", "`.x` is no name for an alias", "letters"),
    ("no size", {"type": "fixed", "name": "F"}, "", "needs a size in bytes", 'add "size"'),
    ("size a text", {"type": "fixed", "name": "F", "size": "2"}, "/size", "needs a size", 'add "size"'),
    ("negative size", {"type": "fixed", "name": "F", "size": -1}, "/size", "needs a size", 'add "size"'),
    ("no items", {"type": "array"}, "", "has no `items`", 'add "items"'),
    ("no values", {"type": "map"}, "", "has no `values`", 'add "values"'),
    ("union in union", ["null", ["int"]], "/1", "directly inside a union", "merge"),
    ("branch twice", ["int", "null", "int"], "/2", "has int twice", "remove one"),
    ("two arrays", [{"type": "array", "items": "int"}] * 2, "/1", "has array twice", "remove one"),
    ("logical twin", ["int", {"type": "int", "logicalType": "date"}], "/1", "has int twice", "remove one"),
    ("name twice", [record(), "R"], "/1", "has R twice", "remove one"),
    (
        "used above",
        record(field("a", "X"), field("b", record(name="X")), name="n.R"),
        "/fields/0/type",
        "`n.X` is used before it is defined",
        "put its definition at this place",
    ),
]


@pytest.mark.parametrize(
    ("schema", "path", "message", "fix"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_broken_rule_is_told_with_its_place_and_what_would_be_right(
    schema: Any, path: str, message: str, fix: str
) -> None:
    with pytest.raises(SchemaError) as caught:
        raise_flaw(json.dumps(schema, indent=1))

    assert message in caught.value.message
    assert caught.value.path == path
    assert (caught.value.line, caught.value.column) == avro.locate(json.dumps(schema, indent=1), path)
    assert fix in (caught.value.fix or "")


def test_an_error_names_line_and_column() -> None:
    text = '{"type": "record",\n "name": "R",\n "fields": [\n    {"name": "a", "type": "int", "default": "x"}\n]}'

    with pytest.raises(SchemaError) as caught:
        raise_flaw(text)

    assert (caught.value.line, caught.value.column) == (4, 34)


def test_two_fixed_of_one_simple_name_are_two_branches() -> None:
    branches = [{"type": "fixed", "name": f"{space}.F", "size": 1} for space in ("a", "b")]

    assert avro.read(json.dumps(branches)).defines == ("a.F", "b.F")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[" * 10_000,
        "[" * 10_000 + "]" * 10_000,
        '{"type":"array","items":' * 10_000 + '"int"' + "}" * 10_000,
        '{"type":"array","items":' * 200 + '"int"' + "}" * 200,
        json.dumps(record(field("a", "string", default="x"))).replace('"x"', "[" * 450 + "]" * 450),
        '{"type": "record", "name": "R", "fields": [{"name": "a", "type": "double", "default": NaN}]}',
        '{"type": "fixed", "name": "F", "size": 1e400}',
        '{"type": "fixed", "name": "F", "size": ' + "9" * 5000 + "}",
    ],
)
def test_hostile_text_is_an_error_and_never_a_crash(text: str) -> None:
    with pytest.raises(SchemaError):
        raise_flaw(text)


def test_deep_properties_are_kept() -> None:
    text = '{"type": "int", "x": ' + "[" * 450 + "]" * 450 + "}"

    assert avro.read(text).definition == text


def test_half_a_surrogate_and_control_characters_pass() -> None:
    text = '{"type": "record", "name": "R", "doc": "\\ud800 \\u0000 \\u001f", "fields": []}'

    assert avro.canonical(avro.parse(avro.read(text), {}), Dialect.CONFLUENT).startswith('{"type":"record"')
