"""Every row of what differs between Avro schemas and does no harm, in both directions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from avro_pairs import in_full, parsed
from generated_schemas import edited, schemas
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.compatibility import Judged, check
from reconciler.compatibility.avro.more_rules import MORE_RULES
from reconciler.compatibility.places import find_place
from reconciler.model import Finding, Format, Mode, Severity
from reconciler.schemas import avro

CASES = yaml.safe_load((Path(__file__).parent / "avro_harmless.yaml").read_text())
DIRECTIONS = ((Mode.BACKWARD, "backward"), (Mode.FORWARD, "forward"))


def harmless(case: dict[str, Any], mode: Mode) -> Sequence[Finding]:
    findings = check(parsed(case["new"]), [Judged(4, parsed(case["old"]))], mode, tells_all=True).findings
    return [finding for finding in findings if not finding.blocks]


def told(case: dict[str, Any], mode: Mode) -> list[str]:
    return [f"{finding.code} {finding.path}" for finding in harmless(case, mode)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_what_does_no_harm_is_told(case: dict[str, Any]) -> None:
    for mode, direction in DIRECTIONS:
        assert told(case, mode) == case.get(direction, [])


@pytest.mark.parametrize("case", [case for case in CASES if "words" in case], ids=lambda case: str(case["case"]))
def test_it_is_said_in_words_that_know_which_schema_is_new(case: dict[str, Any]) -> None:
    findings = [finding for mode, _ in DIRECTIONS for finding in harmless(case, mode)]

    assert [finding.message for finding in findings] == case["words"]
    assert {(finding.severity, finding.fix) for finding in findings} == {(Severity.INFO, None)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_it_is_told_where_somebody_asks_for_it_only(case: dict[str, Any]) -> None:
    verdict = check(parsed(case["new"]), [Judged(4, parsed(case["old"]))], Mode.FULL)

    assert [finding for finding in verdict.findings if not finding.blocks] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["case"]))
def test_it_has_a_place_in_the_new_text(case: dict[str, Any]) -> None:
    new, old = (json.dumps(in_full(case[side])) for side in ("new", "old"))

    for mode, _ in DIRECTIONS:
        for finding in harmless(case, mode):
            place = find_place(finding, Format.AVRO, new, {4: old})
            assert place is not None
            assert avro.locate(new, place)


@pytest.mark.parametrize(("mode", "direction"), DIRECTIONS)
@pytest.mark.parametrize("key", MORE_RULES)
def test_a_row_cannot_be_missed(key: str, mode: Mode, direction: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(MORE_RULES, key)

    assert any(told(case, mode) != case.get(direction, []) for case in CASES)


@settings(deadline=None)
@given(schemas().flatmap(lambda schema: st.tuples(st.just(schema), edited(schema))), st.sampled_from(Mode))
def test_it_changes_no_verdict(pair: tuple[Any, Any], mode: Mode) -> None:
    old, new = map(parsed, pair)

    plain, more = (check(new, [Judged(4, old)], mode, tells_all=tells_all) for tells_all in (False, True))

    assert plain.outcome is more.outcome
    assert plain.findings == tuple(finding for finding in more.findings if finding.blocks)


@settings(deadline=None)
@given(schemas())
def test_nothing_differs_between_a_schema_and_itself(schema: Any) -> None:
    assert check(parsed(schema), [Judged(4, parsed(schema))], Mode.FULL, tells_all=True).findings == ()
