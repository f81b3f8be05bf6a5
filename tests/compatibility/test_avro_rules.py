"""Every row of the table of Avro's rules, in both directions: one YAML file a group of rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from avro_pairs import clashes, verdict

from reconciler.model import Mode, Outcome

FOLDER = Path(__file__).parent / "avro_cases"
PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
PROMOTIONS: dict[str, list[str]] = yaml.safe_load((FOLDER / "promotions.yaml").read_text())


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

    assert found == ([] if writer in PROMOTIONS[reader] else ["TYPE_MISMATCH /fields/0/type"])
