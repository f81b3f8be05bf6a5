"""Every row of the table of Avro's rules, in both directions: one YAML file a group of rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from avro_pairs import clashes, verdict

from reconciler.compatibility.avro import comparison
from reconciler.compatibility.avro.rules import PROMOTIONS, RULES
from reconciler.model import Mode, Outcome

FOLDER = Path(__file__).parent / "avro_cases"
PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
READ_BY: dict[str, list[str]] = yaml.safe_load((FOLDER / "promotions.yaml").read_text())


def load_cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{file.stem}: {case['case']}")
        for file in sorted(FOLDER.glob("*.yaml"))
        if file.stem != "promotions"
        for case in yaml.safe_load(file.read_text())
    ]


@pytest.mark.parametrize("case", load_cases())
def test_backward_finds_what_keeps_the_new_schema_from_reading_old_data(case: dict[str, Any]) -> None:
    assert clashes(case["new"], case["old"], Mode.BACKWARD) == case.get("backward", [])


@pytest.mark.parametrize("case", load_cases())
def test_forward_finds_what_keeps_the_old_schema_from_reading_new_data(case: dict[str, Any]) -> None:
    assert clashes(case["new"], case["old"], Mode.FORWARD) == case.get("forward", [])


@pytest.mark.parametrize("case", load_cases())
def test_full_is_both_directions(case: dict[str, Any]) -> None:
    found = clashes(case["new"], case["old"], Mode.FULL)

    assert found == [*case.get("backward", []), *case.get("forward", [])]
    assert (verdict(case["new"], case["old"], Mode.FULL).outcome is Outcome.COMPATIBLE) == (not found)


@pytest.mark.parametrize("writer", PRIMITIVES)
@pytest.mark.parametrize("reader", PRIMITIVES)
def test_a_primitive_reads_itself_and_what_is_promoted_to_it(reader: str, writer: str) -> None:
    old, new = ({"fields": [{"name": "a", "type": kind}]} for kind in (writer, reader))

    found = clashes(new, old, Mode.BACKWARD)

    assert found == ([] if writer in READ_BY[reader] else ["TYPE_MISMATCH /fields/0/type"])


def fails_somewhere() -> bool:
    """Whether a case, or a pair of primitives, is judged otherwise than it should be."""
    directions = ((Mode.BACKWARD, "backward"), (Mode.FORWARD, "forward"))
    return any(
        clashes(case["new"], case["old"], mode) != case.get(direction, [])
        for case in (each.values[0] for each in load_cases())
        for mode, direction in directions
    )


def test_no_case_fails_with_every_row_in_its_place() -> None:
    assert not fails_somewhere()


@pytest.mark.parametrize("key", RULES)
def test_a_rule_cannot_be_missed(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(RULES, key)

    assert fails_somewhere()


@pytest.mark.parametrize("pair", sorted(PROMOTIONS))
def test_a_promotion_cannot_be_missed(pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "_READABLE", comparison._READABLE - {pair})

    with pytest.raises(AssertionError):
        test_a_primitive_reads_itself_and_what_is_promoted_to_it(*pair)


def test_every_rule_has_a_case_in_each_direction() -> None:
    told = {
        direction: {line.split()[0] for case in load_cases() for line in case.values[0].get(direction, [])}
        for direction in ("backward", "forward")
    }

    assert told == {direction: {rule.code for rule in RULES.values()} for direction in told}
