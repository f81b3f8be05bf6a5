"""Semantics 2, 4 and 8: modes from what is declared, live and set by schemafed; temporary ones end first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.applied import AppliedRegistry
from reconciler.model import (
    LiveSubject,
    Mode,
    OnDrift,
    RegisterSchema,
    ResetCompatibility,
    SetCompatibility,
    SetDefaultCompatibility,
    Severity,
    TemporaryMode,
)
from reconciler.planner import Live, RegistryPart, Rules
from tests.unit.planner.sides import EVERYTHING, applied_as, avro, desired, desired_subject, live, plan_one, record

V1 = avro(record("id"))
V2 = avro(record("id", {"name": "note", "type": ["null", "string"], "default": None}))
BREAKING = avro(record("id", "amount"))
FULL, NONE, BACKWARD, FORWARD = Mode.FULL, Mode.NONE, Mode.BACKWARD, Mode.FORWARD


def plan_modes(
    declared: Mode | None, own: Mode | None, ours: Mode | None, rule: OnDrift = OnDrift.OVERWRITE
) -> RegistryPart:
    present = live(("orders", [V1]), modes={"orders": own} if own else {})
    wanted = replace(desired(desired_subject("orders", V1, mode=declared)), rules=Rules(on_mode_drift=rule))
    return plan_one(wanted, present, applied_as(present, mode=ours))


CASES = [
    # declared, live, set by us, the change to, findings, what the ledger is told
    pytest.param(None, None, None, "", [], "same", id="4: nothing declared, nothing set"),
    pytest.param(None, FULL, None, "", [], "same", id="4: a mode that is not ours is left alone"),
    pytest.param(FULL, None, None, "FULL", [], "same", id="4: declared is set"),
    pytest.param(FULL, FULL, None, "", [], "FULL", id="3: declared and live is ours"),
    pytest.param(FULL, FULL, FULL, "", [], "same", id="4: as applied"),
    pytest.param(FULL, BACKWARD, BACKWARD, "FULL", [], "same", id="2: pending"),
    pytest.param(None, FULL, FULL, "reset", [], "same", id="2: a line that was removed is reverted"),
    pytest.param(None, NONE, FULL, "", ["MODE_LEFT"], "None", id="2: not if someone else changed it"),
    pytest.param(None, None, FULL, "", [], "None", id="2: someone else reverted it already"),
]


@pytest.mark.parametrize(("declared", "own", "ours", "change", "found", "noted"), CASES)
def test_semantics_2_4_modes_three_ways(
    declared: Mode | None, own: Mode | None, ours: Mode | None, change: str, found: list[str], noted: str
) -> None:
    part = plan_modes(declared, own, ours)

    changes = [c.after if isinstance(c, SetCompatibility) else "reset" for c in part.changes]
    assert changes == ([change] if change else [])
    assert [f.code for f in part.findings] == found
    assert [str(n.entry and n.entry.mode) for n in part.notes] == ([] if noted == "same" else [noted])


DRIFT = [
    pytest.param(OnDrift.OVERWRITE, 1, [], id="overwrite"),
    pytest.param(OnDrift.BLOCK, 1, [("MODE_DRIFTED", Severity.ERROR)], id="block"),
    pytest.param(OnDrift.KEEP, 0, [("MODE_DRIFT_KEPT", Severity.INFO)], id="keep"),
]


@pytest.mark.parametrize("declared", [FULL, BACKWARD])
@pytest.mark.parametrize(("rule", "changes", "found"), DRIFT)
def test_semantic_2_a_mode_of_ours_that_drifted_follows_the_rule(
    declared: Mode, rule: OnDrift, changes: int, found: list[tuple[str, Severity]]
) -> None:
    part = plan_modes(declared, NONE, FULL, rule)

    assert len(part.changes) == changes
    assert [(f.code, f.severity) for f in part.findings] == found
    assert part.notes == ()


def test_semantic_2_overwriting_a_mode_says_so() -> None:
    (change,) = plan_modes(FULL, NONE, FULL).changes

    assert change.reason == "it overwrites drift: schemafed had set FULL, and someone else made it NONE"


def test_semantic_2_a_schema_is_judged_by_the_mode_that_drifted_and_is_kept() -> None:
    present = live(("orders", [V1]), modes={"orders": FULL})
    wanted = replace(desired(desired_subject("orders", BREAKING, mode=NONE)), rules=Rules(on_mode_drift=OnDrift.KEEP))

    part = plan_one(wanted, present, applied_as(present, mode=NONE))

    assert [type(c) for c in part.changes] == [RegisterSchema]
    assert [f.severity for f in part.findings] == [Severity.INFO, Severity.ERROR]


@pytest.mark.parametrize(
    ("own", "level", "is_first"),
    [pytest.param(FULL, NONE, True, id="loosening first"), pytest.param(NONE, FULL, False, id="tightening last")],
)
def test_semantic_5_a_mode_that_is_taken_away_moves_as_one_that_is_set(own: Mode, level: Mode, is_first: bool) -> None:
    present = live(("orders", [V1]), modes={"orders": own}, default_mode=level)

    part = plan_one(desired(desired_subject("orders", BREAKING)), present, applied_as(present, mode=own))

    expected = [ResetCompatibility, RegisterSchema]
    assert [type(c) for c in part.changes] == (expected if is_first else expected[::-1])
    assert [f for f in part.findings if f.blocks] == []


def test_semantic_1_where_no_mode_can_be_taken_away_it_stays_and_is_said() -> None:
    present = live(("orders", [V1]), modes={"orders": FULL}, capabilities=replace(EVERYTHING, resets_modes=False))

    part = plan_one(desired(desired_subject("orders", V1)), present, applied_as(present, mode=FULL))

    assert part.changes == ()
    assert [f.code for f in part.findings] == ["MODE_LEFT"]


# The registry's own level.

LEVELS = [
    # declared, live, set by us, rule, changes, findings, noted
    pytest.param(FULL, BACKWARD, None, OnDrift.BLOCK, 1, [], 0, id="4: declared is set"),
    pytest.param(FULL, FULL, None, OnDrift.BLOCK, 0, [], 1, id="3: equal is ours"),
    pytest.param(FULL, NONE, FULL, OnDrift.OVERWRITE, 1, [], 0, id="2: drift is overwritten"),
    pytest.param(FULL, NONE, FULL, OnDrift.BLOCK, 1, ["MODE_DRIFTED"], 0, id="2: drift blocks"),
    pytest.param(FULL, NONE, FULL, OnDrift.KEEP, 0, ["MODE_DRIFT_KEPT"], 0, id="2: drift is kept"),
    pytest.param(None, FULL, FULL, OnDrift.BLOCK, 0, ["LEVEL_LEFT"], 0, id="4: nothing to go back to"),
    pytest.param(None, NONE, FULL, OnDrift.BLOCK, 0, [], 0, id="4: not declared, not ours"),
]


@pytest.mark.parametrize(("declared", "level", "ours", "rule", "changes", "found", "noted"), LEVELS)
def test_semantics_2_4_the_level_three_ways(
    declared: Mode | None, level: Mode, ours: Mode | None, rule: OnDrift, changes: int, found: list[str], noted: int
) -> None:
    present = live(("orders", [V1]), default_mode=level)
    wanted = replace(desired(desired_subject("orders", V1), default_mode=declared), rules=Rules(on_mode_drift=rule))

    part = plan_one(wanted, present, replace(applied_as(present), default_mode=ours))

    assert [type(c) for c in part.changes] == [SetDefaultCompatibility] * changes
    assert [f.code for f in part.findings] == found
    assert [(n.subject, n.default_mode) for n in part.notes] == [(None, declared)] * noted


# Semantic 10: a mode that is left of a subject which somebody deleted softly.


@pytest.mark.parametrize(
    ("declared", "kinds"),
    [
        (None, [RegisterSchema, ResetCompatibility]),
        (FULL, [RegisterSchema]),
        (BACKWARD, [SetCompatibility, RegisterSchema]),
    ],
)
def test_semantic_10_a_mode_of_ours_that_outlived_its_subject(declared: Mode | None, kinds: list[type]) -> None:
    before = live(("orders", [V1]), modes={"orders": FULL})
    deleted = live().with_subjects({"orders": LiveSubject("orders", None, FULL)})
    wanted = replace(desired(desired_subject("orders", V1, mode=declared)), rules=Rules(recreate=("orders",)))

    part = plan_one(wanted, deleted, applied_as(before, mode=FULL))

    assert sorted(type(c).__name__ for c in part.changes) == sorted(kind.__name__ for kind in kinds)
    assert [f.code for f in part.findings if f.blocks] == []


def test_semantic_10_a_mode_that_is_not_ours_stays_when_its_subject_is_created_again() -> None:
    before = live(("orders", [V1]))
    deleted = live().with_subjects({"orders": LiveSubject("orders", None, FORWARD)})
    wanted = replace(desired(desired_subject("orders", V1)), rules=Rules(recreate=("orders",)))

    part = plan_one(wanted, deleted, applied_as(before))

    assert [type(c) for c in part.changes] == [RegisterSchema]


# Semantic 8: a temporary mode that was left behind.


def left_behind(restores: Mode | None, *subjects: str) -> AppliedRegistry:
    present = live(("orders", [V1]), modes={"orders": NONE})
    return replace(applied_as(present, mode=restores), temporary_modes=dict.fromkeys(subjects, restores))


def test_semantic_8_a_temporary_mode_is_restored_before_anything_else() -> None:
    present = live(("orders", [V1]), ("other", [V1]), modes={"orders": NONE})
    applied = replace(applied_as(present, mode=None), temporary_modes={"orders": FORWARD})

    part = plan_one(desired(desired_subject("other", V2), desired_subject("orders", V1)), present, applied)

    first, second = part.changes
    assert isinstance(first, SetCompatibility)
    assert (first.subject, first.before, first.after) == ("orders", NONE, FORWARD)
    assert "cut off" in first.reason
    assert second.subject == "other"  # type: ignore[union-attr]


def test_semantic_8_a_subject_that_inherited_inherits_again() -> None:
    present = live(("orders", [V1]), modes={"orders": NONE})

    part = plan_one(desired(desired_subject("orders", V1)), present, left_behind(None, "orders"))

    assert [type(c) for c in part.changes] == [ResetCompatibility]


def test_semantic_8_what_comes_after_is_judged_by_the_restored_mode() -> None:
    present = live(("orders", [V1]), modes={"orders": NONE})

    part = plan_one(
        desired(desired_subject("orders", BREAKING, mode=BACKWARD)), present, left_behind(BACKWARD, "orders")
    )

    assert [type(c) for c in part.changes] == [SetCompatibility, RegisterSchema]
    assert any(f.blocks for f in part.findings)


def test_semantic_8_a_subject_that_nobody_declares_any_more_is_restored_too() -> None:
    present = live(("orders", [V1]), ("other", [V1]), modes={"orders": NONE})

    part = plan_one(desired(desired_subject("other", V1)), present, left_behind(BACKWARD, "orders"))

    assert isinstance(part.changes[0], SetCompatibility)


@pytest.mark.parametrize("own", [FULL, None])
def test_semantic_8_a_mode_that_is_not_none_any_more_is_left(own: Mode | None) -> None:
    present = live(("orders", [V1]), modes={"orders": own} if own else {})

    part = plan_one(desired(desired_subject("orders", V1)), present, left_behind(BACKWARD, "orders"))

    assert [c for c in part.changes if "cut off" in c.reason] == []


def test_semantic_8_none_that_git_declares_is_left() -> None:
    present = live(("orders", [V1]), modes={"orders": NONE})

    part = plan_one(desired(desired_subject("orders", V1, mode=NONE)), present, left_behind(BACKWARD, "orders"))

    assert part.changes == ()


# Semantic 8: a temporary mode that came back late, after everything was done.


def broken(present: Live, restores: Mode | None) -> AppliedRegistry:
    """The ledger after an intended break: it remembers the mode NONE until a later run has seen it gone."""
    return applied_as(present, mode=restores, temporary=TemporaryMode(restores))


@pytest.mark.parametrize(("restores", "kind"), [(None, ResetCompatibility), (FORWARD, SetCompatibility)])
@pytest.mark.parametrize("on_drift", list(OnDrift))
def test_semantic_8_a_temporary_mode_that_came_late_is_taken_back(
    restores: Mode | None, kind: type, on_drift: OnDrift
) -> None:
    present = live(("orders", [V1]), modes={"orders": NONE})
    wanted = replace(desired(desired_subject("orders", V1, mode=restores)), rules=Rules(on_mode_drift=on_drift))

    part = plan_one(wanted, present, broken(present, restores))

    assert [type(c) for c in part.changes] == [kind]
    assert "came late" in part.changes[0].reason
    assert part.findings == ()
    assert part.notes == (), "as long as it is only planned, it is remembered"


@pytest.mark.parametrize("restores", [None, FORWARD])
def test_semantic_8_a_temporary_mode_that_is_seen_gone_is_forgotten(restores: Mode | None) -> None:
    present = live(("orders", [V1]), modes={"orders": restores} if restores else {})

    part = plan_one(desired(desired_subject("orders", V1, mode=restores)), present, broken(present, restores))

    assert part.changes == ()
    (note,) = part.notes
    assert note.entry is not None and note.entry.temporary is None


def test_semantic_8_what_comes_after_a_late_mode_is_judged_by_the_restored_one() -> None:
    present = live(("orders", [V1]), modes={"orders": NONE}, default_mode=BACKWARD)

    part = plan_one(desired(desired_subject("orders", BREAKING)), present, broken(present, None))

    assert [type(c) for c in part.changes] == [ResetCompatibility, RegisterSchema]
    assert any(f.blocks for f in part.findings)


# What someone else changed is looked up in the history: it may have a second owner.


@pytest.mark.parametrize("rule", list(OnDrift))
def test_a_mode_and_a_level_that_drifted_are_told_among_what_did(rule: OnDrift) -> None:
    present = live(("orders", [V1]), modes={"orders": NONE}, default_mode=NONE)
    subject = desired_subject("orders", V1, mode=FULL)
    wanted = replace(desired(subject, default_mode=FULL), rules=Rules(on_mode_drift=rule))

    drifted = plan_one(wanted, present, replace(applied_as(present, mode=FULL), default_mode=FULL)).drifted
    pending = plan_one(wanted, present, replace(applied_as(present, mode=NONE), default_mode=NONE)).drifted

    assert (drifted, pending) == ((None, "orders"), ())


def test_what_vanished_is_told_among_what_drifted() -> None:
    before = live(("orders", [V1]))

    part = plan_one(desired(desired_subject("orders", V1)), live(), applied_as(before))

    assert part.drifted == ("orders",)
