"""A schema's elements in the words that a person compares, and its text laid out."""

from __future__ import annotations

import json

from avro_texts import canonical, field, parsed, record
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.schemas import Element, avro

ADDRESS = record(field("zip", "string"), field("country", "string", default="DE"), name="Address", doc="Where")
CUSTOMER = record(
    field("email", ["null", "string"], default=None, doc="For receipts"),
    field("address", ADDRESS),
    field("old", "Address"),
    field("state", {"type": "enum", "name": "State", "symbols": ["NEW", "OLD"], "default": "NEW"}),
    field("lines", {"type": "array", "items": record(field("sku", "string"), name="Line")}),
    field("tags", {"type": "map", "values": ["null", record(field("v", "int"), name="Tag")]}),
    field("at", {"type": "long", "logicalType": "timestamp-millis"}),
    field("price", {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}),
    field("hash", {"type": "fixed", "name": "Md5", "size": 16}),
    field("pick", [record(field("a", "int"), name="A"), record(field("a", "int"), name="B")]),
    name="shop.Customer",
    doc="A customer",
)


def test_an_outline_lists_every_element_by_its_dotted_path_in_order() -> None:
    outline = avro.outline(parsed(CUSTOMER))

    assert {path: (element.kind, element.summary) for path, element in outline.items()} == {
        "$": ("schema", "record shop.Customer"),
        "email": ("field", "union null | string = null"),
        "address": ("field", "record Address"),
        "address.zip": ("field", "string"),
        "address.country": ("field", 'string = "DE"'),
        "old": ("field", "Address"),
        "state": ("field", "enum State with default NEW"),
        "state.NEW": ("symbol", "NEW"),
        "state.OLD": ("symbol", "OLD"),
        "lines": ("field", "array of record Line"),
        "lines[].sku": ("field", "string"),
        "tags": ("field", "map of union null | record Tag"),
        "tags{}.v": ("field", "int"),
        "at": ("field", "long (timestamp-millis)"),
        "price": ("field", "bytes (decimal 9,2)"),
        "hash": ("field", "fixed Md5 of 16 bytes"),
        "pick": ("field", "union record A | record B"),
        "pick.A.a": ("field", "int"),
        "pick.B.a": ("field", "int"),
    }
    assert list(outline)[:3] == ["$", "email", "address"]


def test_notes_hold_what_does_not_change_data() -> None:
    schema = record(
        field("a", {"type": "string", "pii": True}, doc="d", aliases=["b"], order="ignore"),
        field("c", ADDRESS),
        field("e", {"type": "int", "logicalType": "date", "unit": "days"}),
        aliases=["Q"],
        owner="me",
    )

    outline = avro.outline(parsed(schema))

    assert outline["$"].notes == {"aliases": '["Q"]', "owner": "me"}
    assert outline["a"].notes == {"doc": "d", "aliases": '["b"]', "order": "ignore", "type pii": "true"}
    assert outline["c"].notes == {"type doc": "Where"}
    assert outline["e"].notes == {"type unit": "days"}


def test_a_recursive_schema_has_a_finite_outline() -> None:
    outline = avro.outline(parsed(record(field("next", ["null", "R"]), field("kids", {"type": "array", "items": "R"}))))

    assert list(outline) == ["$", "next", "kids"]


def test_a_bare_enum_and_a_bare_primitive_have_an_outline() -> None:
    enum = avro.outline(parsed({"type": "enum", "name": "E", "namespace": "n", "symbols": ["A"]}))

    assert enum == {"$": Element("schema", "enum n.E"), "A": Element("symbol", "A")}
    assert avro.outline(parsed('"string"')) == {"$": Element("schema", "string")}


def test_pretty_puts_each_field_on_its_line() -> None:
    text = json.dumps(record(field("id", "long"), field("note", ["null", "string"], default=None), doc="Ä"))

    assert avro.pretty(text) == (
        "{\n"
        '  "type": "record",\n'
        '  "name": "R",\n'
        '  "doc": "Ä",\n'
        '  "fields": [\n'
        '    {"name": "id", "type": "long"},\n'
        '    {"name": "note", "type": ["null", "string"], "default": null}\n'
        "  ]\n"
        "}\n"
    )


def test_pretty_opens_records_and_what_is_too_long_for_a_line() -> None:
    inner = field("deep", record(field("a", "int"), name="Inner"))
    long = field("long", "string", doc="x" * 100)

    assert avro.pretty(json.dumps(record(inner, long))) == (
        "{\n"
        '  "type": "record",\n'
        '  "name": "R",\n'
        '  "fields": [\n'
        "    {\n"
        '      "name": "deep",\n'
        '      "type": {\n'
        '        "type": "record",\n'
        '        "name": "Inner",\n'
        '        "fields": [\n'
        '          {"name": "a", "type": "int"}\n'
        "        ]\n"
        "      }\n"
        "    },\n"
        "    {\n"
        '      "name": "long",\n'
        '      "type": "string",\n'
        f'      "doc": "{"x" * 100}"\n'
        "    }\n"
        "  ]\n"
        "}\n"
    )


def test_pretty_keeps_numbers_and_key_order_as_written() -> None:
    text = '{"z": 1.50, "type": "int", "a": 1e3}'

    assert avro.pretty(text) == '{\n  "z": 1.50,\n  "type": "int",\n  "a": 1e3\n}\n'
    assert avro.pretty('"string"') == '"string"\n'


names = st.sampled_from(["a", "b", "c"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(names, json_values), st.text(max_size=8), st.integers(0, 4))
def test_layout_and_key_order_never_change_the_canonical_text(
    properties: dict[str, object], doc: str, indent: int
) -> None:
    schema = record(field("x", "int", doc=doc, **properties), doc=doc, **properties)
    text = json.dumps(schema)
    turned = json.dumps(dict(reversed(schema.items())), indent=indent, ensure_ascii=False)

    expected = canonical(text)

    assert canonical(turned) == expected
    assert canonical(avro.pretty(text)) == expected
    assert avro.pretty(avro.pretty(text)) == avro.pretty(text)
    assert canonical(expected) == expected


@settings(deadline=None)
@given(st.text(alphabet='{}[]",:/~ \\antype0', max_size=40), st.text(alphabet="/~01afieldstype#", max_size=20))
def test_locate_never_fails(text: str, path: str) -> None:
    place = avro.locate(text, path)

    assert place is None or min(place) >= 1
