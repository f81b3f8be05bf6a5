"""Every row of the table of JSON Schema's rules, in both directions: one YAML file a group of rules.

What does no harm stands in brackets.
"""

from __future__ import annotations

from typing import Any

import pytest
from json_pairs import breaking, differences, findings, load_cases, parsed, sides, verdict

from reconciler.compatibility.json_schema.rules import RULES
from reconciler.compatibility.terms import Policy
from reconciler.model import Mode, Outcome

CASES = load_cases()
STRICT_CASES = [case for case in CASES if "policy" not in case.values[0]]

BREAKING = frozenset(
    {
        "SCHEMA_ADDED",
        "TYPE_NARROWED",
        "TYPE_CHANGED",
        *(
            f"MAX_{noun}_{how}"
            for noun in ("LENGTH", "PROPERTIES", "ITEMS", "CONTAINS")
            for how in ("ADDED", "DECREASED")
        ),
        *(
            f"MIN_{noun}_{how}"
            for noun in ("LENGTH", "PROPERTIES", "ITEMS", "CONTAINS")
            for how in ("ADDED", "INCREASED")
        ),
        *(f"{noun}_{how}" for noun in ("MAXIMUM", "EXCLUSIVE_MAXIMUM") for how in ("ADDED", "DECREASED")),
        *(f"{noun}_{how}" for noun in ("MINIMUM", "EXCLUSIVE_MINIMUM") for how in ("ADDED", "INCREASED")),
        "PATTERN_ADDED",
        "PATTERN_CHANGED",
        "MULTIPLE_OF_ADDED",
        "MULTIPLE_OF_EXPANDED",
        "MULTIPLE_OF_CHANGED",
        "REQUIRED_ATTRIBUTE_ADDED",
        "DEPENDENCY_ARRAY_ADDED",
        "DEPENDENCY_ARRAY_EXTENDED",
        "DEPENDENCY_ARRAY_CHANGED",
        "DEPENDENCY_SCHEMA_ADDED",
        "REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL",
        "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL",
        "UNIQUE_ITEMS_ADDED",
        "ADDITIONAL_ITEMS_REMOVED",
        "ADDITIONAL_ITEMS_NARROWED",
        "UNEVALUATED_ITEMS_REMOVED",
        "UNEVALUATED_ITEMS_NARROWED",
        "ITEM_ADDED_TO_OPEN_CONTENT_MODEL",
        "ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
        "ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
        "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL",
        "ENUM_ARRAY_NARROWED",
        "ENUM_ARRAY_CHANGED",
        "COMBINED_TYPE_CHANGED",
        "COMBINED_TYPE_SUBSCHEMAS_CHANGED",
        "PRODUCT_TYPE_EXTENDED",
        "SUM_TYPE_NARROWED",
        "NOT_TYPE_EXTENDED",
    }
)
BREAKING_UNLESS_LENIENT = frozenset(
    {
        "ADDITIONAL_PROPERTIES_REMOVED",
        "ADDITIONAL_PROPERTIES_NARROWED",
        "UNEVALUATED_PROPERTIES_REMOVED",
        "UNEVALUATED_PROPERTIES_NARROWED",
        "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL",
        "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL",
        "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
        "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
        "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL",
    }
)
TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


@pytest.mark.parametrize("case", CASES)
def test_backward_finds_how_the_new_schema_differs_from_the_old_one(case: dict[str, Any]) -> None:
    old, new = sides(case)

    assert differences(new, old, Policy(case.get("policy", "STRICT"))) == case.get("backward", [])


@pytest.mark.parametrize("case", CASES)
def test_forward_finds_how_the_old_schema_differs_from_the_new_one(case: dict[str, Any]) -> None:
    old, new = sides(case)

    assert differences(old, new, Policy(case.get("policy", "STRICT"))) == case.get("forward", [])


@pytest.mark.parametrize("case", STRICT_CASES)
def test_full_is_both_directions(case: dict[str, Any]) -> None:
    old, new = sides(case)
    expected = [*case.get("backward", []), *case.get("forward", [])]

    assert findings(new, old, Mode.FULL) == sorted(expected)
    assert (verdict(new, old, Mode.FULL).outcome is Outcome.COMPATIBLE) == (not breaking(expected))


@pytest.mark.parametrize("writer", TYPES)
@pytest.mark.parametrize("reader", TYPES)
def test_a_type_accepts_itself_and_a_number_integers(reader: str, writer: str) -> None:
    found = differences(parsed({"type": reader}), parsed({"type": writer}))

    expected = {
        (reader, reader): [],
        ("number", "integer"): ["(TYPE_EXTENDED #/)"],
        ("integer", "number"): ["TYPE_NARROWED #/"],
    }
    assert found == expected.get((reader, writer), ["TYPE_CHANGED #/"])


def test_the_rules_say_which_differences_break() -> None:
    breaks = {policy: {rule.code for rule in RULES[policy].values() if rule.breaks} for policy in Policy}

    assert breaks == {Policy.STRICT: BREAKING | BREAKING_UNLESS_LENIENT, Policy.LENIENT: BREAKING}


def test_every_rule_has_a_case_in_each_direction() -> None:
    told = {
        direction: {line.strip("()").split()[0] for case in CASES for line in case.values[0].get(direction, [])}
        for direction in ("backward", "forward")
    }

    assert told == {direction: {rule.code for rule in RULES[Policy.STRICT].values()} for direction in told}


@pytest.mark.parametrize("key", RULES[Policy.STRICT])
def test_a_rule_cannot_be_missed(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code = RULES[Policy.STRICT][key].code
    concerned = [
        case.values[0] for case in STRICT_CASES if any(code in line for line in case.values[0].get("backward", []))
    ]
    assert all(differences(new, old) == case["backward"] for case in concerned for old, new in [sides(case)])

    monkeypatch.delitem(RULES[Policy.STRICT], key)

    assert any(differences(new, old) != case["backward"] for case in concerned for old, new in [sides(case)])
