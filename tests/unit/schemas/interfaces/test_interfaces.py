"""Descriptions of interfaces: what is one, what its specification forbids, and what a person compares."""

from __future__ import annotations

import builtins
import json
from typing import Any

import pytest

from reconciler.errors import SchemaError
from reconciler.model import Dialect, DifferenceKind, Format
from reconciler.schemas import Parsed, language, parse_strictly, read
from reconciler.schemas.difference import differences

PETS = """\
{
  "openapi": "3.0.3",
  "info": {"title": "Pets", "version": "1.0.0"},
  "paths": {
    "/pets": {"get": {"responses": {"200": {"$ref": "#/components/responses/Pets"}}}}
  },
  "components": {"responses": {"Pets": {"description": "All of them."}}}
}
"""
EVENTS = """\
{
  "asyncapi": "3.0.0",
  "info": {"title": "Events", "version": "1"},
  "channels": {"orders": {"messages": {"order": {"payload": {"type": "object"}}}}},
  "operations": {"onOrder": {"action": "receive", "channel": {"$ref": "#/channels/orders"}}}
}
"""
OK = {"200": {"description": "all is well"}}
SWAGGER = '{"swagger": "2.0", "info": {"title": "Pets", "version": "1"}, "paths": {}}'
OLD_EVENTS = '{"asyncapi": "2.6.0", "info": {"title": "E", "version": "1"}, "channels": {"a": {"publish": {}}}}'


def parse(schema_format: Format, text: str, dependencies: dict[str, Parsed] | None = None) -> Parsed:
    return parse_strictly(schema_format, read(schema_format, text), dependencies or {})


def edited(text: str, **changes: Any) -> str:
    return json.dumps({**json.loads(text), **changes}, indent=1)


def deepened(text: str, levels: int, payload: dict[str, Any]) -> str:
    """A document whose message has a payload so many times within others."""
    return text.replace('{"type": "object"}', '{"not":{"items":' * levels + json.dumps(payload) + "}}" * levels)


@pytest.mark.parametrize(
    ("schema_format", "text"),
    [
        (Format.OPENAPI, PETS),
        (Format.OPENAPI, SWAGGER),
        (Format.OPENAPI, edited(PETS, openapi="3.1.0")),
        (Format.ASYNCAPI, EVENTS),
        (Format.ASYNCAPI, OLD_EVENTS),
        (Format.ASYNCAPI, edited(EVENTS, asyncapi="3.0.7")),
        (Format.ASYNCAPI, EVENTS.replace('"orders"', '"orders/{id}"').replace("/orders", "/orders~1{id}")),
        (Format.ASYNCAPI, edited(OLD_EVENTS, channels={"a": {"parameters": {"id": {"$ref": "#/info"}}}})),
    ],
)
def test_a_valid_document_is_read(schema_format: Format, text: str) -> None:
    parsed = parse(schema_format, text)

    assert parsed.violation is None
    assert json.loads(language(schema_format).canonical(parsed, Dialect.APICURIO)) == json.loads(text)


def test_what_extends_the_paths_may_be_anything() -> None:
    document = json.loads(PETS)
    document["paths"]["x-context"] = "/shop"

    assert parse(Format.OPENAPI, json.dumps(document)).violation is None


VIOLATIONS = {
    "nothing that it must have": (Format.OPENAPI, edited(PETS, info={"title": "Pets"}), "/info", '"version"'),
    "a key that there is not": (Format.OPENAPI, edited(PETS, path={}), "", "'path'"),
    "a version that there is not": (Format.OPENAPI, edited(PETS, openapi="5.0.0"), "/openapi", "no version"),
    "two operations of one id": (
        Format.OPENAPI,
        edited(PETS, paths={p: {"get": {"operationId": "same", "responses": OK}} for p in ("/a", "/b")}),
        "",
        "same",
    ),
    "a parameter of the path that is not declared": (
        Format.OPENAPI,
        edited(PETS, paths={"/pets/{id}": {"get": {"responses": {"200": {"description": "one"}}}}}),
        "",
        "'id'",
    ),
    "a reference to nothing": (
        Format.OPENAPI,
        PETS.replace("responses/Pets", "responses/Dogs"),
        "/paths/~1pets/get/responses/200/$ref",
        "leads nowhere",
    ),
    "another file": (
        Format.OPENAPI,
        PETS.replace("#/components/responses/Pets", "pets.json#/all"),
        "/paths/~1pets/get/responses/200/$ref",
        "another file",
    ),
    "an operation without a channel": (
        Format.ASYNCAPI,
        edited(EVENTS, operations={"a": {"action": "send"}}),
        "/operations/a",
        "AsyncAPI 3.0.0",
    ),
    "a key of a message that there is not": (
        Format.ASYNCAPI,
        edited(EVENTS, channels={"orders": {"messages": {"order": {"contentTyp": "text/plain"}}}}),
        "/channels/orders/messages/order",
        "contentTyp",
    ),
    "a payload that is no JSON Schema": (
        Format.ASYNCAPI,
        EVENTS.replace('"object"', '"objekt"'),
        "/channels/orders/messages/order/payload/type",
        "objekt",
    ),
    "a binding of another type": (
        Format.ASYNCAPI,
        edited(EVENTS, channels={"orders": {"bindings": {"kafka": {"topic": 1}}}}),
        "/channels/orders/bindings/kafka/topic",
        'not of type "string"',
    ),
    "a tag without a name in 2.x": (
        Format.ASYNCAPI,
        edited(OLD_EVENTS, channels={"a": {"publish": {"message": {"tags": [{"nam": "x"}]}}}}),
        "/channels/a/publish/message/tags/0",
        '"name"',
    ),
    "a key that there is not, beside a reference": (
        Format.ASYNCAPI,
        edited(EVENTS, channels={"orders": {"adress": "x", "servers": [{"$ref": "#/info"}]}}),
        "/channels/orders",
        "adress",
    ),
    "a key that there is not, around a reference": (
        Format.ASYNCAPI,
        edited(
            OLD_EVENTS,
            channels={"a": {"publish": {"message": {"contentTyp": "x", "externalDocs": {"$ref": "#/info"}}}}},
        ),
        "/channels/a/publish/message",
        "contentTyp",
    ),
    "a reference in place of the whole": (Format.ASYNCAPI, edited(EVENTS, **{"$ref": "#/info"}), "", "$ref"),
    "too deep to tell where": (
        Format.ASYNCAPI,
        EVENTS.replace(
            '{"type": "object"}', '{"not":{"items":' * 200 + f'{{"type":1,"title":"{"x" * 1000}"}}' + "}}" * 200
        ),
        "",
        "too deep to tell where",
    ),
    "too large to tell where": (
        Format.ASYNCAPI,
        EVENTS.replace(
            '{"type": "object"}', '{"not":{"items":' * 20 + f'{{"type":1,"title":"{"x" * 100_000}"}}' + "}}" * 20
        ),
        "",
        "too large and too deep",
    ),
    "an action that there is not": (
        Format.ASYNCAPI,
        EVENTS.replace('"receive"', '"recieve"'),
        "/operations/onOrder/action",
        "recieve",
    ),
    "no channels in 2.x": (Format.ASYNCAPI, edited(EVENTS, asyncapi="2.6.0"), "", "operations"),
    "no AsyncAPI that is known": (Format.ASYNCAPI, edited(EVENTS, asyncapi="7.0.0"), "/asyncapi", "no version"),
}


@pytest.mark.parametrize("case", VIOLATIONS)
def test_what_the_specification_forbids_is_told_with_its_place(case: str) -> None:
    schema_format, text, path, words = VIOLATIONS[case]
    with pytest.raises(SchemaError) as raised:
        parse(schema_format, text)

    assert words in raised.value.message
    assert (raised.value.path or "").startswith(path)
    assert raised.value.line > 0
    assert raised.value.fix


def test_the_place_is_the_line_of_the_text() -> None:
    with pytest.raises(SchemaError) as raised:
        parse(Format.OPENAPI, PETS.replace("responses/Pets", "responses/Dogs"))

    assert (raised.value.line, raised.value.code) == (5, "REFERENCE_MISSING")


def test_other_documents_are_not_fetched() -> None:
    text = PETS.replace("#/components/responses/Pets", "http://127.0.0.1:1/pets.json#/all")

    assert parse(Format.OPENAPI, text).violation is None
    assert read(Format.OPENAPI, text).needs == ()


def test_a_declared_file_is_no_violation() -> None:
    text = PETS.replace("#/components/responses/Pets", "./pets.json")
    pets = parse(Format.JSON, '{"type": "object"}')

    assert parse(Format.OPENAPI, text, {"./pets.json": pets}).violation is None


@pytest.mark.parametrize("schema_format", [Format.OPENAPI, Format.ASYNCAPI])
def test_what_says_no_version_is_no_document(schema_format: Format) -> None:
    with pytest.raises(SchemaError, match="nothing says its version"):
        read(schema_format, '{"type": "object"}')


def test_without_the_package_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "openapi_spec_validator":
            raise ModuleNotFoundError(name=name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SchemaError) as raised:
        parse(Format.OPENAPI, edited(PETS, info={"title": "Another", "version": "1"}))

    assert "schemafed[openapi]" in (raised.value.fix or "")


def test_white_space_is_no_difference_and_a_description_is_one() -> None:
    knows = language(Format.OPENAPI)
    first, laid_out = parse(Format.OPENAPI, PETS), parse(Format.OPENAPI, knows.pretty(PETS))
    other = parse(Format.OPENAPI, PETS.replace("All of them.", "Some of them."))

    assert knows.canonical(first, Dialect.APICURIO) == knows.canonical(laid_out, Dialect.APICURIO)
    assert knows.canonical(first, Dialect.APICURIO) != knows.canonical(other, Dialect.APICURIO)
    (difference,) = differences(knows.outline(first), knows.outline(other))
    assert (difference.kind, difference.path) == (DifferenceKind.CHANGED, "components.responses.Pets")


def test_operations_and_channels_are_told_one_by_one() -> None:
    pets, events = parse(Format.OPENAPI, PETS), parse(Format.ASYNCAPI, EVENTS)

    assert "paths./pets.get" in language(Format.OPENAPI).outline(pets)
    assert {"channels.orders", "operations.onOrder"} <= set(language(Format.ASYNCAPI).outline(events))
