"""Schemas that nobody means well with: an answer, or a SchemaError, never a crash and never a hasty compatible.

That the answers come in bounded time is what the limits are for; the tests would not end without them.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from json_pairs import breaking, differences, parsed

from reconciler.errors import SchemaError


def nested(levels: int, innermost: Any) -> Any:
    schema = innermost
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def test_nesting_of_real_schemas_many_times_over_is_compared() -> None:
    found = differences(parsed(nested(100, {"type": "string"})), parsed(nested(100, {"type": "integer"})))

    assert found == ["TYPE_CHANGED #" + "/properties/a" * 100]


@pytest.mark.parametrize("wrap", ["items", "not", "additionalProperties"])
def test_nesting_as_deep_as_is_read_is_compared_or_refused(wrap: str) -> None:
    opening = '{"' + wrap + '":'
    old, new = (opening * 480 + f'{{"type": "{kind}"}}' + "}" * 480 for kind in ("string", "integer"))

    try:
        found = differences(parsed(new), parsed(old))
    except SchemaError as error:
        assert error.fix
    else:
        assert breaking(found)


def test_a_long_chain_of_references_is_followed() -> None:
    def chain(end: str) -> Any:
        links = {f"d{i}": {"$ref": f"#/definitions/d{i + 1}"} for i in range(500)}
        return {"definitions": {**links, "d500": {"type": end}}, "$ref": "#/definitions/d0"}

    assert differences(parsed(chain("string")), parsed(chain("integer"))) == ["TYPE_CHANGED #/"]


def test_a_long_chain_of_objects_behind_references_is_compared_or_refused() -> None:
    def chain(end: str) -> Any:
        links = {f"d{i}": {"properties": {"a": {"$ref": f"#/definitions/d{i + 1}"}}} for i in range(500)}
        return {"definitions": {**links, "d500": {"type": end}}, "$ref": "#/definitions/d0"}

    with pytest.raises(SchemaError, match="too deeply"):
        differences(parsed(chain("string")), parsed(chain("integer")))


RING = {f"d{i}": {"$ref": f"#/definitions/d{(i + 1) % 50}"} for i in range(50)}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"$ref": "#/definitions/d0", "definitions": RING},
        {"properties": {"a": {"$ref": "#/definitions/d7"}}, "definitions": RING},
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "$dynamicRef": "#"},
    ],
    ids=["itself", "ring", "leads into a ring", "newer draft"],
)
def test_references_that_lead_to_nothing_but_themselves_are_an_error(schema: Any) -> None:
    for new, old in ((schema, {}), ({}, schema), (schema, schema)):
        with pytest.raises(SchemaError, match="lead back to themselves"):
            differences(parsed(new), parsed(old))


def test_references_in_a_circle_that_nothing_uses_do_not_matter() -> None:
    old, new = ({"definitions": RING, "type": "object", "properties": {"b": b}} for b in (True, False))

    assert differences(parsed(new), parsed(old)) == ["TYPE_CHANGED #/properties/b"]


def test_references_to_references_in_a_long_chain_end() -> None:
    def chain(kind: str) -> Any:
        links = {f"d{i}": {"$ref": f"#/definitions/d{i + 1}"} for i in range(3_000)}
        return {"definitions": {**links, "d3000": {"type": kind}}, "$ref": "#/definitions/d0"}

    assert differences(parsed(chain("string")), parsed(chain("integer"))) == ["TYPE_CHANGED #/"]


def test_definitions_that_all_refer_to_all_others_end() -> None:
    def web(kind: str) -> Any:
        names = [f"d{i}" for i in range(12)]
        definitions = {
            name: {
                "anyOf": [
                    {"type": kind},
                    *({"properties": {other: {"$ref": f"#/definitions/{other}"}}} for other in names),
                ]
            }
            for name in names
        }
        return {"definitions": definitions, "$ref": "#/definitions/d0"}

    found = differences(parsed(web("string")), parsed(web("integer")))

    assert breaking(found) == ["COMBINED_TYPE_SUBSCHEMAS_CHANGED #/"]


def test_hundreds_of_alternatives_that_all_differ() -> None:
    def alternatives(sign: int) -> Any:
        return {"oneOf": [{"properties": {"k": {"const": i * sign}, "x": {"type": "string"}}} for i in range(1, 201)]}

    found = differences(parsed(alternatives(1)), parsed(alternatives(-1)))

    assert found == ["COMBINED_TYPE_SUBSCHEMAS_CHANGED #/"]


def test_hundreds_of_alternatives_that_fit_each_other() -> None:
    old, new = ({"oneOf": [{"type": "string", "maxLength": n + i} for i in range(200)]} for n in (1, 500))

    assert breaking(differences(parsed(new), parsed(old))) == []


def test_thousands_of_alternatives_are_given_up_and_not_called_compatible() -> None:
    old, new = ({"anyOf": [{"const": [sign, i]} for i in range(1000)]} for sign in (0, 1))

    with pytest.raises(SchemaError, match="given up"):
        differences(parsed(new), parsed(old))


def test_alternatives_in_alternatives_are_given_up_or_judged() -> None:
    def tower(kind: str) -> Any:
        schema: Any = {"type": kind}
        for level in range(20):
            schema = (
                {"anyOf": [schema, {"allOf": [schema, {"minLength": level}]}]} if level < 8 else {"oneOf": [schema]}
            )
        return schema

    try:
        found = differences(parsed(tower("string")), parsed(tower("integer")))
    except SchemaError as error:
        assert "given up" in str(error)
    else:
        assert breaking(found)


def test_a_huge_enumeration() -> None:
    old, new = ({"enum": list(range(start, 20_000))} for start in (0, 1))

    assert differences(parsed(new), parsed(old)) == ["ENUM_ARRAY_NARROWED #/enum"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("1e400", "1e500", "(MAXIMUM_INCREASED #/maximum)"),
        ("-1e400", "-1e500", "MAXIMUM_DECREASED #/maximum"),
        ("1e-500", "2e-500", "(MAXIMUM_INCREASED #/maximum)"),
        ("1e99999999999999999999", "1", "MAXIMUM_DECREASED #/maximum"),
        ("9" * 4000, "9" * 4001, "(MAXIMUM_INCREASED #/maximum)"),
    ],
)
def test_numbers_beyond_a_double_are_compared_exactly(old: str, new: str, code: str) -> None:
    sides = [parsed(f'{{"type": "number", "maximum": {number}}}') for number in (old, new)]

    assert differences(sides[1], sides[0]) == [code]


@pytest.mark.parametrize(("old", "new"), [("1e500", "1e499"), ("3", "1e999999999"), ("1e500", "3")])
def test_factors_beyond_reason_are_not_called_multiples(old: str, new: str) -> None:
    sides = [parsed(f'{{"type": "number", "multipleOf": {number}}}') for number in (old, new)]

    assert differences(sides[1], sides[0]) == ["MULTIPLE_OF_CHANGED #/multipleOf"]


def test_half_a_surrogate_pair() -> None:
    old, new = (
        r'{"properties": {"a\ud800": {"const": "\udfff", "type": ' + f'"{kind}"' + '}}, "patternProperties": {"a": {}}}'
        for kind in ("string", "integer")
    )

    assert breaking(differences(parsed(new), parsed(old))) == ["COMBINED_TYPE_SUBSCHEMAS_CHANGED #/properties/a\ud800"]
    assert differences(parsed('{"patternProperties": {"a": {}}}'), parsed(old)) == [
        "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/a\ud800"
    ]


def test_patterns_of_strings_are_never_run() -> None:
    old, new = ({"type": "string", "pattern": pattern} for pattern in ("^(a+)+$", "^(a|a)*$("))

    assert differences(parsed(new), parsed(old)) == ["PATTERN_CHANGED #/pattern"]


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|aa)+$", "^(?=(a+)+$)x", "^(a+)+\\1$"])
def test_patterns_that_would_backtrack_for_ages_are_stopped(pattern: str) -> None:
    name = "a" * 60 + "!"
    old, new = ({"patternProperties": {pattern: {}}, "properties": inner} for inner in ({}, {name: {"type": "string"}}))

    assert breaking(differences(parsed(new), parsed(old))) == []


def test_a_pattern_that_is_none_is_refused() -> None:
    old, new = ({"patternProperties": {"(": {}}, "properties": inner} for inner in ({}, {"a": {}}))

    with pytest.raises(SchemaError, match="not a regular expression"):
        differences(parsed(new), parsed(old))


def test_thousands_of_properties() -> None:
    old = {"type": "object", "properties": {f"p{i}": {"type": "string"} for i in range(5000)}}
    new = json.loads(json.dumps(old).replace('"p4999": {"type": "string"}', '"p4999": {"type": "null"}'))

    assert differences(parsed(new), parsed(old)) == ["TYPE_CHANGED #/properties/p4999"]
