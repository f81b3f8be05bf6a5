"""Schemas that refer to other documents: what is referred to is compared where it is used."""

from __future__ import annotations

from typing import Any

import pytest
from generated_json import edited, schemas
from hypothesis import given, settings
from hypothesis import strategies as st
from json_pairs import ADDRESSES, breaking, differences, parsed

from reconciler.compatibility.json_schema import compare
from reconciler.compatibility.json_schema.loading import prepare
from reconciler.schemas import json_schema

MONEY = {"type": "object", "properties": {"cents": {"type": "integer"}}, "additionalProperties": False}
MONEY_IN_EUROS = {"type": "object", "properties": {"cents": {"type": "string"}}, "additionalProperties": False}
ORDER = {"type": "object", "properties": {"total": {"$ref": "money.json"}}}


def order(money: Any, schema: Any = ORDER) -> Any:
    return parsed(schema, dependencies={"money.json": parsed(money)})


def test_a_change_of_what_is_referred_to_is_told_where_it_is_used() -> None:
    assert differences(order(MONEY_IN_EUROS), order(MONEY)) == ["TYPE_CHANGED #/properties/total/properties/cents"]


def test_a_reference_to_the_same_schema_is_no_difference() -> None:
    assert differences(order(MONEY), order(MONEY)) == []


def test_writing_a_referenced_schema_out_is_no_difference() -> None:
    written_out = parsed({"type": "object", "properties": {"total": MONEY}})

    assert differences(written_out, order(MONEY)) == []


def test_a_place_within_another_document() -> None:
    schema = {"type": "object", "properties": {"cents": {"$ref": "money.json#/properties/cents"}}}

    found = differences(order(MONEY_IN_EUROS, schema), order(MONEY, schema))

    assert found == ["TYPE_CHANGED #/properties/cents"]


def test_documents_that_refer_to_others() -> None:
    price = {"type": "object", "properties": {"money": {"$ref": "money.json"}}}
    item = {"type": "array", "items": {"$ref": "price.json"}}
    old, new = (
        parsed(item, dependencies={"price.json": parsed(price, dependencies={"money.json": parsed(money)})})
        for money in (MONEY, MONEY_IN_EUROS)
    )

    assert differences(new, old) == ["TYPE_CHANGED #/items/properties/money/properties/cents"]


def test_a_document_without_a_draft_is_read_in_that_of_whoever_refers_to_it() -> None:
    pair = {"type": "array", "prefixItems": [{"type": "string"}]}
    wider = {"type": "array", "prefixItems": [{"type": "string"}, {"type": "string"}]}
    new, old = (
        parsed({"$ref": "pair.json"}, draft, {"pair.json": parsed(schema)})
        for draft, schema in (("2020-12", wider), ("2020-12", pair))
    )

    assert differences(new, old) == ["ITEM_ADDED_TO_OPEN_CONTENT_MODEL #/items/1"]
    assert differences(parsed(wider), parsed(pair)) == []


def test_a_schema_is_prepared_once_and_stays_equal_to_what_it_was() -> None:
    compared, untouched = (json_schema.parse(json_schema.read('{"type": "string"}'), {}) for _ in range(2))

    shape = prepare(compared)

    assert prepare(compared) is shape
    assert compared == untouched


def once(new: Any, old: Any) -> list[str]:
    """What people are told, as the other functions tell it."""
    found = compare(parsed(new), parsed(old))
    return sorted(f"{clash.rule.code} {clash.path}" for clash in found)


TREE = {"type": "object", "properties": {"value": {"type": "string"}, "next": {"$ref": "#"}}}


@pytest.mark.parametrize("draft", ADDRESSES.values())
def test_people_are_told_once_what_differs_in_a_schema_that_holds_itself(draft: str) -> None:
    old, new = ({"$schema": draft, **TREE, "title": title} for title in ("a", "b"))
    new["properties"] = {**TREE["properties"], "value": {"type": "integer"}}

    assert once(new, old) == ["TITLE_CHANGED #/", "TYPE_CHANGED #/properties/value"]


def test_people_are_told_once_of_definitions_that_hold_each_other() -> None:
    def lists(kind: str) -> Any:
        a = {"properties": {"b": {"$ref": "#/definitions/b"}}}
        b = {"properties": {"a": {"$ref": "#/definitions/a"}, "x": {"type": kind}}}
        return {"definitions": {"a": a, "b": b}, "$ref": "#/definitions/a"}

    assert once(lists("integer"), lists("string")) == ["TYPE_CHANGED #/properties/b/properties/x"]


def test_what_breaks_deep_within_breaks_an_alternative_for_people_too() -> None:
    def tree(kind: str) -> Any:
        node = {"properties": {"k": {"type": kind}, "n": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}}
        return {"type": "object", **node}

    assert once(tree("integer"), tree("string")) == [
        "COMBINED_TYPE_SUBSCHEMAS_CHANGED #/properties/n",
        "TYPE_CHANGED #/properties/k",
    ]


@settings(deadline=None)
@given(schemas().flatmap(lambda schema: st.tuples(st.just(schema), edited(schema))))
def test_telling_it_again_changes_no_verdict(pair: tuple[Any, Any]) -> None:
    old, new = (
        {"type": "object", "properties": {"value": schema, "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}}
        for schema in pair
    )

    again = differences(parsed(new), parsed(old))

    assert bool(breaking(again)) == any(clash.rule.breaks for clash in compare(parsed(new), parsed(old)))
    assert {line.strip("()") for line in again} >= set(once(new, old))
