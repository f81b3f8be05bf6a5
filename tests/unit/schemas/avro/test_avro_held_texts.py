"""What registries hold and files must not have: read and compared, and told as a violation."""

from __future__ import annotations

from typing import Any

import pytest
from avro_texts import canonical, field, parsed, record

from reconciler.errors import SchemaError
from reconciler.model import Dialect
from reconciler.schemas import avro, raise_if_unfit

ENUM = {"type": "enum", "name": "E", "symbols": ["A", "B"]}
FIXED = {"type": "fixed", "name": "F", "size": 2}

TAKEN: list[tuple[str, Any]] = [
    ("a name in another alphabet", record(name="Größe")),
    ("digits of another alphabet", record(name="a\u0660")),
    ("a field in another alphabet", record(field("名", "int"))),
    ("a symbol in another alphabet", ENUM | {"symbols": ["Ü"]}),
    ("an alias in another alphabet", record(aliases=["é"])),
    ("an alias in a namespace that is none", record(aliases=["1a.b"])),
    ("a namespace with a dash", record(namespace="com.my-company")),
    ("a use of such a name", record(field("next", ["null", "com.my-company.R"]), namespace="com.my-company")),
    ("an enum whose default is no text", ENUM | {"default": 1}),
    ("an enum twice, word for word", record(field("a", ENUM), field("b", ENUM))),
    ("a record twice, word for word", record(field("a", record(name="P")), field("b", record(name="P")))),
    ("a name above its definition", record(field("a", "P"), field("b", record(name="P")))),
    ("a default that is no symbol", record(field("a", ENUM, default="C"))),
    ("a default of another size", record(field("a", FIXED, default="abc"))),
    ("a default of more than bytes", record(field("a", "bytes", default="\u0100"))),
]


@pytest.mark.parametrize("schema", [row[1] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_what_the_java_library_takes_is_read_and_told(schema: Any) -> None:
    read = parsed(schema)

    assert read.document.violation
    assert read.unfit is None
    assert parsed(canonical(schema)).document.defines == read.document.defines


REFUSED: list[tuple[str, Any]] = [
    ("a dash in a name", record(name="a-b")),
    ("a character beyond 16 bits", record(name="\U0001d400")),
    ("a power in a name", record(name="a\u00b2")),
    ("a dash in an alias", record(aliases=["x.a-b"])),
    ("a quote in a namespace", record(namespace='a"b')),
    ("a line end in a namespace", record(namespace="a\nb")),
    ("an enum twice with other symbols", record(field("a", ENUM), field("b", ENUM | {"symbols": ["A"]}))),
    ("a record within itself", record(field("a", record()))),
    (
        "a name without a namespace above its definition",
        record(field("a", "P"), field("b", record(name="P", namespace="")), name="x.R"),
    ),
    ("text for a number", record(field("a", "float", default="many"))),
]


@pytest.mark.parametrize("schema", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_the_java_library_refuses_is_not_read(schema: Any) -> None:
    with pytest.raises(SchemaError):
        parsed(schema)


def test_a_default_of_another_type_is_unfit_for_a_new_version() -> None:
    read = parsed(record(field("a", "int", default="x")))

    with pytest.raises(SchemaError, match=r"the default \"x\" of field `a`") as caught:
        raise_if_unfit(read)
    assert (caught.value.path, caught.value.line) == ("/fields/0/default", 1)
    assert read.document.violation is read.unfit


def test_a_default_whose_type_another_text_defines_is_unfit_too() -> None:
    money = parsed(record(field("amount", "long"), name="Money"))

    assert parsed(record(field("a", "Money", default=None)), money).unfit
    assert not parsed(record(field("a", "Money", default={"amount": 1})), money).unfit


def test_what_refers_to_an_unfit_text_is_unfit() -> None:
    money = parsed(record(field("amount", "long", default="1"), name="Money"))
    line = parsed(record(field("m", "Money"), name="Line"), money)

    assert parsed(record(field("l", "Line")), line).unfit is money.unfit


def test_many_that_refer_to_each_other_are_asked_once_each() -> None:
    both = [parsed(record(name="L0")), parsed(record(name="M0"))]
    for i in range(1, 300):
        fields = [field("l", f"L{i - 1}"), field("m", f"M{i - 1}")]
        both = [parsed(record(*fields, name=f"{kind}{i}"), *both) for kind in "LM"]

    assert both[0].unfit is None


COMMENTED = """// an order
{"type": "record", "name": "R", /* the fields: */ "fields": [
  {"name": "url", "type": "string", "default": "http://x/*.*"}, // not a comment
  {"name": "b", "type": "int", "default": "x"}
]}"""


def test_comments_are_passed_over_and_places_stay() -> None:
    document = avro.read(COMMENTED)

    assert document.violation
    assert (document.violation.line, document.violation.column) == (1, 1)
    assert "a comment" in document.violation.message
    assert '"default":"http://x/*.*"' in avro.canonical(avro.parse(document, {}), Dialect.CONFLUENT)
    assert avro.locate(COMMENTED, "/fields/1/default") == (4, 32)


def test_the_place_of_what_is_wrong_beside_a_comment() -> None:
    unfit = avro.parse(avro.read(COMMENTED), {}).unfit

    assert unfit
    assert (unfit.line, unfit.column) == (4, 32)


@pytest.mark.parametrize("text", ['"int" /* open', "/" * 100_000, "/*" * 100_000, '{"a" // }'])
def test_comments_do_not_make_json_of_what_is_none(text: str) -> None:
    with pytest.raises(SchemaError):
        avro.read(text)
