"""What a finding says: what differs, for whom, and how to mend it."""

from __future__ import annotations

from typing import Any

import pytest
from json_pairs import load_cases, parsed, sides, verdict

from reconciler.compatibility.clash import Rule, make_finding
from reconciler.compatibility.json_schema import compare
from reconciler.compatibility.json_schema.rules import RULES
from reconciler.compatibility.terms import Policy, Terms
from reconciler.model import Direction, Finding, Mode, Severity, Source
from reconciler.schemas import json_schema

CASES = [case.values[0] for case in load_cases()]


def finding(old: Any, new: Any, code: str, mode: Mode = Mode.BACKWARD) -> Finding:
    return next(f for f in verdict(parsed(new), parsed(old), mode).findings if f.code == code)


def test_a_finding_says_what_breaks_and_how_to_mend_it() -> None:
    old = {"type": "object", "properties": {"tags": {"type": "array", "items": {"type": "string", "maxLength": 9}}}}
    new = {"type": "object", "properties": {"tags": {"type": "array", "items": {"type": "string", "maxLength": 5}}}}

    found = finding(old, new, "MAX_LENGTH_DECREASED")

    assert (
        found.message
        == "`tags[]` now has `maxLength` 5 and had 9 in version 4, so data of version 4 may be invalid now"
    )
    assert found.fix == "keep `maxLength` 9, or loosen it"
    assert (found.severity, found.source) == (Severity.ERROR, Source.COMPATIBILITY)
    assert (found.path, found.direction, found.against) == ("#/properties/tags/items/maxLength", Direction.BACKWARD, 4)


def test_a_forward_finding_speaks_of_the_new_schema() -> None:
    found = finding({"type": "string", "maxLength": 5}, {"type": "string"}, "MAX_LENGTH_ADDED", Mode.FORWARD)

    assert found.message == (
        "the schema itself has no `maxLength` now and has 5 in version 4,"
        " so consumers with version 4 may refuse data of this schema"
    )
    assert found.fix == "keep `maxLength` 5, or choose a mode that looks backward only, such as BACKWARD"


def test_a_harmless_difference_is_told_and_asks_for_nothing() -> None:
    found = finding({"type": "integer"}, {"type": "number"}, "TYPE_EXTENDED")

    assert (found.severity, found.fix) == (Severity.INFO, None)
    assert found.message.startswith("the schema itself is number now and was integer in version 4")


def test_an_open_content_model_is_explained() -> None:
    old, new = {"type": "object"}, {"type": "object", "properties": {"email": {"type": "string"}}}

    found = finding(old, new, "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL")

    assert found.message == (
        "`email` was added, and since version 4 allows anything else (an open content model), its data may already"
        " have it with another type"
    )
    assert found.fix == ("add it with the schema `true`, or choose a mode that looks forward only, such as FORWARD")


def test_lost_values_are_named() -> None:
    found = finding({"enum": ["a", "b", 3]}, {"enum": ["a"]}, "ENUM_ARRAY_NARROWED")

    assert found.message == (
        'the schema itself no longer allows "b", 3, which version 4 did, so data of version 4 may be invalid now'
    )
    assert found.fix == 'keep the values: "b", 3'


def test_alternatives_are_named() -> None:
    found = finding({"type": ["string", "null"]}, {"type": "string"}, "TYPE_CHANGED")

    assert found.message == (
        "the schema itself is string now and was anyOf of string, null in version 4,"
        " so data of version 4 may be invalid now"
    )


def test_the_branch_that_comes_closest_is_told() -> None:
    found = finding(
        {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        {"anyOf": [{"type": "integer"}, {"type": "string", "maxLength": 5}]},
        "COMBINED_TYPE_SUBSCHEMAS_CHANGED",
    )

    assert found.message == (
        "the schema itself is anyOf of integer, string now, and was anyOf of integer, string in version 4,"
        " of which one is not accepted as a whole any more: where it comes closest, it now has `maxLength` 5 and had"
        " none in version 4, so data of version 4 may be invalid now"
    )


def test_the_reason_within_a_branch_names_its_place_from_the_root() -> None:
    def schema(limits: dict[str, int]) -> Any:
        name = {"type": "string", **limits}
        owner = {"allOf": [{"type": "object", "properties": {"name": name}}, {"type": "object", "minProperties": 1}]}
        return {"type": "object", "properties": {"owner": owner}}

    found = finding(schema({}), schema({"maxLength": 5}), "COMBINED_TYPE_SUBSCHEMAS_CHANGED")

    assert "`owner` is allOf of object, object now" in found.message
    assert ": where it comes closest, `owner.name` now has `maxLength` 5 and had none" in found.message


def test_of_combinations_within_combinations_the_innermost_reason_is_told() -> None:
    def schema(*required: str) -> Any:
        facet = {"allOf": [{"type": "object", "required": list(required), "properties": {"name": {}}}, {"maximum": 9}]}
        return {"allOf": [facet, {"type": "object", "minProperties": 1}]}

    found = finding(schema(), schema("name"), "COMBINED_TYPE_SUBSCHEMAS_CHANGED")

    assert found.message.endswith(
        ": where it comes closest, `name` is required now and was optional in version 4,"
        " so data of version 4 may lack it"
    )


def test_a_keyword_that_was_not_there_is_called_absent() -> None:
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}

    found = finding(draft, {**draft, "unevaluatedProperties": False}, "UNEVALUATED_PROPERTIES_REMOVED")

    assert found.message.startswith("`unevaluatedProperties` of the schema itself is false now and was absent")
    assert found.fix == "keep `unevaluatedProperties` absent"


def test_long_values_are_cut() -> None:
    found = finding({"enum": list(range(500))}, {"enum": [0]}, "ENUM_ARRAY_NARROWED")

    assert len(found.message) < 250
    assert "..." in found.message


@pytest.mark.parametrize("rule", RULES[Policy.STRICT].values(), ids=lambda rule: rule.code)
def test_what_breaks_has_a_remedy_and_what_does_not_has_none(rule: Rule) -> None:
    assert bool(rule.backward.fix) is rule.breaks
    assert bool(rule.forward.fix) is rule.breaks
    assert rule.backward.message
    assert rule.forward.message


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_every_difference_can_be_said_and_found_in_the_text(case: dict[str, Any]) -> None:
    old, new = sides(case)

    for direction, pair in ((Direction.BACKWARD, (new, old)), (Direction.FORWARD, (old, new))):
        for clash in compare(*pair, Terms(policy=Policy(case.get("policy", "STRICT")), tells_again=True)):
            found = make_finding(clash, direction, 4)
            assert "{" not in found.message.replace("{}", "")
            assert "  " not in found.message
            assert "`nothing`" not in found.message
            assert json_schema.locate(new.document.definition, found.path or "")
