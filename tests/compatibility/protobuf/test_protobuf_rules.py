"""Every row of the table of Protobuf's rules, in both directions: one YAML file a group of rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from protobuf_pairs import differences, load_cases, parsed, sides, verdict

from reconciler.compatibility.protobuf.rules import RULES, SCALAR_GROUPS
from reconciler.model import Mode, Outcome

GROUPS: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "scalar_groups.yaml").read_text())
CASES = load_cases()

BREAKING = frozenset(
    {
        "PACKAGE_CHANGED",
        "MESSAGE_REMOVED",
        "REQUIRED_FIELD_ADDED",
        "REQUIRED_FIELD_REMOVED",
        "FIELD_KIND_CHANGED",
        "FIELD_SCALAR_KIND_CHANGED",
        "FIELD_NAMED_TYPE_CHANGED",
        "FIELD_NUMERIC_LABEL_CHANGED",
        "ONEOF_FIELD_REMOVED",
        "MULTIPLE_FIELDS_MOVED_TO_ONEOF",
        "FIELD_MOVED_TO_EXISTING_ONEOF",
    }
)


def outcome(expected: list[str]) -> Outcome:
    is_broken = any(difference.split()[0] in BREAKING for difference in expected)
    return Outcome.INCOMPATIBLE if is_broken else Outcome.COMPATIBLE


@pytest.mark.parametrize("case", CASES)
def test_backward_finds_how_the_new_schema_differs_from_the_old_one(case: dict[str, Any]) -> None:
    old, new = sides(case)
    expected = case.get("backward", [])

    assert differences(new, old, Mode.BACKWARD) == expected
    assert verdict(new, old, Mode.BACKWARD).outcome is outcome(expected)


@pytest.mark.parametrize("case", CASES)
def test_forward_finds_how_the_old_schema_differs_from_the_new_one(case: dict[str, Any]) -> None:
    old, new = sides(case)
    expected = case.get("forward", [])

    assert differences(new, old, Mode.FORWARD) == expected
    assert verdict(new, old, Mode.FORWARD).outcome is outcome(expected)


@pytest.mark.parametrize("case", CASES)
def test_full_is_both_directions(case: dict[str, Any]) -> None:
    old, new = sides(case)
    expected = sorted([*case.get("backward", []), *case.get("forward", [])])

    assert differences(new, old, Mode.FULL) == expected
    assert verdict(new, old, Mode.FULL).outcome is outcome(expected)


@pytest.mark.parametrize("writer", GROUPS)
@pytest.mark.parametrize("reader", GROUPS)
def test_a_scalar_reads_those_of_its_group(reader: str, writer: str) -> None:
    old, new = (parsed(f"message M {{ {kind} a = 1; }} enum E {{ X = 0; }}") for kind in (writer, reader))

    found = differences(new, old, Mode.BACKWARD)

    assert found == ([] if reader in GROUPS[writer] else ["FIELD_SCALAR_KIND_CHANGED #/M/1"])


def fails_somewhere() -> bool:
    cases = [case.values[0] for case in CASES]
    for case in cases:
        old, new = sides(case)
        if differences(new, old, Mode.BACKWARD) != case.get("backward", []):
            return True
        if differences(new, old, Mode.FORWARD) != case.get("forward", []):
            return True
    return False


def test_no_case_fails_with_every_row_in_its_place() -> None:
    assert not fails_somewhere()


@pytest.mark.parametrize("row", RULES)
def test_a_rule_cannot_be_missed(row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(RULES, row)

    assert fails_somewhere()


@pytest.mark.parametrize("row", SCALAR_GROUPS)
def test_a_scalar_cannot_be_missed(row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(SCALAR_GROUPS, row)

    assert fails_somewhere()


def test_the_rows_say_which_differences_break() -> None:
    assert {rule.code for rule in RULES.values() if rule.breaks} == BREAKING


def test_every_row_of_the_table_has_a_case_in_each_direction() -> None:
    told = {
        direction: {text.split()[0] for case in CASES for text in case.values[0].get(direction, [])}
        for direction in ("backward", "forward")
    }

    assert told == {direction: {rule.code for rule in RULES.values()} for direction in told}
