"""Types that other texts define: what must be there, what must not, and defaults of such types."""

from __future__ import annotations

import json

import pytest
from avro_texts import canonical, field, parsed, record

from reconciler.errors import SchemaError
from reconciler.model import Format
from reconciler.schemas import Document, Parsed, avro

MONEY = record(field("amount", "long"), name="shop.Money")
ORDER = record(field("total", "Money"), name="shop.Order")
STATUS = record(
    field("state", {"type": "enum", "name": "State", "symbols": ["UP", "DOWN"]}), name="ops.Status", doc="A status"
)


def test_a_need_is_met_by_a_reference() -> None:
    order = parsed(ORDER, parsed(MONEY))

    assert list(order.dependencies) == ["shop.Money"]
    assert canonical(ORDER, parsed(MONEY)) == (
        '{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"total","type":"Money"}]}'
    )


def test_a_need_is_met_by_what_a_reference_refers_to() -> None:
    order = parsed(ORDER, parsed(MONEY))

    basket = parsed(record(field("order", "Order"), field("fee", "Money"), name="shop.Basket"), order)

    assert list(basket.dependencies) == ["shop.Order"]


def test_a_name_without_a_namespace_is_found_where_the_own_namespace_has_none() -> None:
    assert parsed(ORDER, parsed(record(name="Money"))).document.name == "Order"


def test_a_full_name_is_not_looked_for_without_its_namespace() -> None:
    with pytest.raises(SchemaError, match=r"there is no `other.Money`"):
        parsed(record(field("total", "other.Money"), name="shop.Order"), parsed(record(name="Money")))


def test_a_missing_type_is_told_with_its_place() -> None:
    with pytest.raises(SchemaError) as caught:
        parsed(ORDER)

    assert caught.value.code == "REFERENCE_MISSING"
    assert caught.value.path == "/fields/0/type"
    assert "there is no `shop.Money` and no `Money`" in caught.value.message
    assert caught.value.line == 1


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("String", "did you mean `string`?"),
        ("LONG", "did you mean `long`?"),
        ("strin", "did you mean `string`?"),
        ("integer", 'Avro has no `integer`; write "int"'),
        ("bool", 'Avro has no `bool`; write "boolean"'),
        ("DateTime", '{"type": "long", "logicalType": "timestamp-millis"}'),
        ("Mony", "did you mean `shop.Money`?"),
        ("Zebra", "define it in a schema of its own"),
    ],
)
def test_a_mistyped_name_is_answered_with_what_was_meant(name: str, suggestion: str) -> None:
    with pytest.raises(SchemaError) as caught:
        parsed(record(field("a", name), name="other.R"), parsed(MONEY))

    assert suggestion in (caught.value.fix or "")


def test_a_default_of_a_referenced_type_is_checked_against_it() -> None:
    schema = record(field("total", "Money", default={"amount": 0}), name="shop.Order")
    assert parsed(schema, parsed(MONEY)).document.name == "Order"

    wrong = record(field("total", "Money", default={"amount": "0"}), name="shop.Order")
    violation = parsed(wrong, parsed(MONEY)).violation
    assert violation and "is not of its type" in violation.message
    assert violation.path == "/fields/0/default"


def test_a_type_of_a_reference_must_not_be_defined_again() -> None:
    twice = record(field("total", record(name="Money")), field("id", "long"), name="shop.Order")

    with pytest.raises(SchemaError, match=r"`shop.Money` is defined here, and by a reference too") as caught:
        parsed(twice, parsed(MONEY))

    assert caught.value.path == "/fields/0/type"


def test_two_references_must_not_define_one_type() -> None:
    one, other = (parsed(record(field("m", record(name="shop.Money")), name=f"shop.{name}")) for name in ("A", "B"))

    with pytest.raises(SchemaError, match=r"`shop.Money` is defined by two references, `shop.A` and `shop.B`"):
        parsed(record(field("a", "A"), field("b", "B"), name="shop.C"), one, other)


def test_two_references_may_refer_to_one_text() -> None:
    money = parsed(MONEY)
    one, other = (parsed(record(field("m", "Money"), name=f"shop.{name}"), money) for name in ("A", "B"))

    assert parsed(record(field("a", "A"), field("b", "B"), name="shop.C"), one, other).document.name == "C"


def test_a_nested_type_that_a_registry_wrote_inline_is_the_reference_that_was_posted() -> None:
    app = record(field("state", "ops.State", default="UP"), field("again", "ops.State"), name="app.App")
    stored = record(
        field("state", STATUS["fields"][0]["type"] | {"namespace": "ops"}, default="UP"),
        field("again", "ops.State"),
        name="app.App",
    )

    assert canonical(stored, parsed(STATUS)) == canonical(app, parsed(STATUS))
    assert parsed(stored, parsed(STATUS)).document.defines == ("app.App",)


def test_nested_types_written_inline_inside_arrays_unions_and_maps_are_found_too() -> None:
    inline = STATUS["fields"][0]["type"] | {"namespace": "ops"}
    kinds = [{"type": "array", "items": ["null", inline]}, {"type": "map", "values": inline}, [inline, {"type": "int"}]]
    named = json.loads(json.dumps(kinds).replace(json.dumps(inline), '"ops.State"'))

    for kind, by_name in zip(kinds, named, strict=True):
        stored, posted = (record(field("s", k), field("n", "int"), name="app.App") for k in (kind, by_name))
        assert canonical(stored, parsed(STATUS)) == canonical(posted, parsed(STATUS))


def test_a_nested_type_written_inline_otherwise_is_refused() -> None:
    changed = {"type": "enum", "name": "ops.State", "symbols": ["UP"]}

    with pytest.raises(SchemaError, match=r"`ops.State` is defined here, and by a reference too"):
        parsed(record(field("state", changed), name="app.App"), parsed(STATUS))


def test_a_reference_to_another_format_is_refused() -> None:
    proto = Parsed(Document(Format.PROTOBUF, "", ("shop.Money",), ()), {})

    with pytest.raises(SchemaError, match="is PROTOBUF, and Avro can only use Avro") as caught:
        avro.parse(avro.read(json.dumps(ORDER)), {"shop.Money": proto})

    assert caught.value.code == "REFERENCE_INVALID"


def test_a_schema_may_be_nothing_but_a_reference() -> None:
    assert canonical('"shop.Money"', parsed(MONEY)) == '"shop.Money"'
    assert canonical('["null", "shop.Money"]', parsed(MONEY)) == '["null","shop.Money"]'


def test_inlined_dependencies_make_one_text_that_needs_none() -> None:
    money = parsed(MONEY)
    order = parsed(ORDER, money)
    basket = parsed(
        record(
            field("fee", "shop.Money"), field("orders", {"type": "array", "items": "shop.Order"}), name="web.Basket"
        ),
        order,
        money,
    )

    text = avro.bundle(basket, frozenset({"shop.Order", "shop.Money"}))

    assert avro.read(text).needs == ()
    assert json.loads(text) == record(
        field("fee", {"type": "record", "name": "Money", "namespace": "shop", "fields": [field("amount", "long")]}),
        field(
            "orders",
            {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "Order",
                    "namespace": "shop",
                    "fields": [field("total", "shop.Money")],
                },
            },
        ),
        name="web.Basket",
    )


def test_a_dependency_that_stays_a_reference_is_not_inlined_through_another() -> None:
    money = parsed(MONEY)
    basket = parsed(
        record(field("fee", "shop.Money"), field("order", "shop.Order"), name="web.Basket"), parsed(ORDER, money), money
    )

    text = avro.bundle(basket, frozenset({"shop.Order"}))

    assert [need.name for need in avro.read(text).needs] == ["shop.Money"]
    assert avro.read(text).defines == ("web.Basket", "shop.Order")


def test_a_nested_type_is_inlined_where_it_is_used_first() -> None:
    app = parsed(
        record(
            field("s", ["null", "ops.State"]), field("status", {"type": "map", "values": "ops.Status"}), name="app.App"
        ),
        parsed(STATUS),
    )

    text = avro.bundle(app, frozenset({"ops.Status"}))

    assert avro.read(text).defines == ("app.App", "ops.State", "ops.Status")
    assert avro.read(text).needs == ()


def test_a_name_in_an_object_is_inlined_like_the_name() -> None:
    order = record(field("total", {"type": "Money"}), field("fee", ["null", {"type": "Money"}]), name="shop.Order")

    text = avro.bundle(parsed(order, parsed(MONEY)), frozenset({"shop.Money"}))

    assert avro.read(text).defines == ("shop.Order", "shop.Money")


def test_a_bundle_of_recursive_types_ends() -> None:
    node = parsed(record(field("next", ["null", "Node"]), field("v", {"type": "bytes", "x": 1}), name="g.Node"))

    text = avro.bundle(parsed(record(field("head", "g.Node"), name="g.List"), node), frozenset({"g.Node"}))

    assert avro.read(text).defines == ("g.List", "g.Node")


def test_a_type_without_a_namespace_is_inlined_into_one() -> None:
    inner = parsed(record(field("e", {"type": "enum", "name": "E", "symbols": ["A"]}), field("f", "E"), name="Inner"))

    text = avro.bundle(parsed(record(field("i", "Inner"), name="n.Outer"), inner), frozenset({"Inner"}))

    assert avro.read(text).defines == ("n.Outer", "Inner", "E")
    assert avro.read(text).needs == ()


def test_a_chain_of_hundreds_of_references_is_inlined_or_refused_but_never_crashes() -> None:
    link = parsed(record(name="n.L0"))
    for number in range(1, 500):
        link = parsed(record(field("next", f"L{number - 1}"), name=f"n.L{number}"), link)

    with pytest.raises(SchemaError, match="too long a chain"):
        avro.bundle(link, frozenset({"n.L498"}))
