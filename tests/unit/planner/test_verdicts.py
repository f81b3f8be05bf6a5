"""Our verdict beside the registry's: who is asked, and what a plan says where the two differ or one is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.errors import UnexpectedAnswerError
from reconciler.model import (
    Finding,
    Format,
    LiveVersion,
    Location,
    Mode,
    Outcome,
    Plan,
    ReadItem,
    Reference,
    RegisterSchema,
    Schema,
    Severity,
    Source,
    Verdict,
)
from reconciler.planner import questions_for_registries, settle_verdicts

SCHEMA = Schema(Format.JSON, '{"type": "object"}')
WORDS = Finding("TYPE_CHANGED", Severity.ERROR, Source.REGISTRY, "the type changed")


EVERYTHING = {"orders": frozenset(Format)}


def change(outcome: Outcome, mode: Mode = Mode.BACKWARD, version: int | None = 1) -> RegisterSchema:
    after = replace(SCHEMA, references=(Reference("a", "a", version),))
    verdict = Verdict(outcome, mode, (1,), basis="declared")
    return RegisterSchema("orders", "s", LiveVersion(1, SCHEMA), after, "why", Location("s.json"), verdict=verdict)


def plan(*changes: RegisterSchema, mode: Mode | None = Mode.BACKWARD) -> Plan:
    items = (ReadItem("orders", None, mode=Mode.FULL), ReadItem("orders", "s", 1, "f", mode))
    return Plan("dev", changes, (), items, (), "")


def theirs(outcome: Outcome, *findings: Finding) -> Verdict:
    return Verdict(outcome, Mode.BACKWARD, (), findings, judge="orders")


ASKED = [
    pytest.param(change(Outcome.COMPATIBLE), Mode.BACKWARD, True, id="compatible under the present mode"),
    pytest.param(change(Outcome.NOT_JUDGED), Mode.BACKWARD, True, id="not judged"),
    pytest.param(change(Outcome.INCOMPATIBLE), Mode.BACKWARD, False, id="already refused"),
    pytest.param(change(Outcome.COMPATIBLE), Mode.FORWARD, False, id="the mode changes first"),
    pytest.param(change(Outcome.COMPATIBLE, Mode.FULL), None, True, id="the registry's level"),
    pytest.param(change(Outcome.COMPATIBLE, Mode.NONE), Mode.NONE, False, id="nothing to judge"),
    pytest.param(change(Outcome.COMPATIBLE, version=None), Mode.BACKWARD, False, id="a reference is made by the plan"),
    pytest.param(replace(change(Outcome.COMPATIBLE), before=None), Mode.BACKWARD, False, id="a new subject"),
]


@pytest.mark.parametrize(("asked", "mode", "is_asked"), ASKED)
def test_a_registry_is_asked_where_its_answer_means_something(
    asked: RegisterSchema, mode: Mode | None, is_asked: bool
) -> None:
    assert bool(list(questions_for_registries(plan(asked, mode=mode)))) is is_asked


SETTLED = [
    (Outcome.COMPATIBLE, theirs(Outcome.COMPATIBLE), False, []),
    (Outcome.COMPATIBLE, theirs(Outcome.INCOMPATIBLE, WORDS), False, [("VERDICTS_DISAGREE", True)]),
    (Outcome.COMPATIBLE, None, False, []),
    (Outcome.COMPATIBLE, UnexpectedAnswerError("HTTP 500"), False, [("SERVER_VERDICT_MISSING", False)]),
    (Outcome.NOT_JUDGED, theirs(Outcome.COMPATIBLE), False, []),
    (Outcome.NOT_JUDGED, theirs(Outcome.INCOMPATIBLE, WORDS), False, [("TYPE_CHANGED", True)]),
    (Outcome.NOT_JUDGED, None, False, [("JUDGED_BY_SERVER", False)]),
    (Outcome.NOT_JUDGED, None, True, [("NOT_JUDGED", True)]),
]


@pytest.mark.parametrize(("ours", "answer", "refuses", "expected"), SETTLED)
def test_what_a_plan_says_of_two_verdicts(
    ours: Outcome, answer: Verdict | UnexpectedAnswerError | None, refuses: bool, expected: list[tuple[str, bool]]
) -> None:
    settled = settle_verdicts(
        plan(change(ours)), {0: answer} if answer else {}, {"orders"} if refuses else (), EVERYTHING
    )

    assert [(f.code, f.blocks) for f in settled.findings] == expected
    assert all((f.registry, f.subject, str(f.location)) == ("orders", "s", "s.json") for f in settled.findings)


def test_the_registrys_verdict_stands_where_we_have_none() -> None:
    settled = settle_verdicts(plan(change(Outcome.NOT_JUDGED)), {0: theirs(Outcome.COMPATIBLE)}, (), EVERYTHING)

    (registration,) = settled.changes
    assert isinstance(registration, RegisterSchema)
    assert registration.verdict == Verdict(Outcome.COMPATIBLE, Mode.BACKWARD, (1,), judge="orders", basis="declared")


def test_a_format_that_nobody_judges_is_said_to_be_so() -> None:
    settled = settle_verdicts(plan(change(Outcome.NOT_JUDGED)), {}, (), {"orders": frozenset()})

    (finding,) = settled.findings
    assert (finding.code, finding.severity) == ("JUDGED_BY_NOBODY", Severity.WARNING)
    assert settled.can_apply
