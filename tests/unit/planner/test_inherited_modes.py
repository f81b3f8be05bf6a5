"""Where parts of a registry have levels of their own, a subject is judged by that of its part."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sides import applied_as, avro, desired, desired_subject, live, plan_one, record

from reconciler.model import Mode, RegisterSchema, ResetCompatibility
from reconciler.planner.sides import Live

OLD, NEW = avro(record("id")), avro(record())
"""Who reads by the new schema misses nothing; who reads by the old one misses `id`."""


def with_level(present: Live, inherited: Mode, own: Mode | None = None) -> Live:
    subject = replace(present.state.subjects["order"], mode=own, inherited=inherited)
    return present.with_subjects({"order": subject})


@pytest.mark.parametrize(("inherited", "passes"), [(Mode.BACKWARD, True), (Mode.FORWARD, False), (Mode.NONE, True)])
def test_a_change_is_judged_by_what_the_subject_inherits(inherited: Mode, passes: bool) -> None:
    present = with_level(live(("order", [OLD]), default_mode=Mode.FULL), inherited)

    part = plan_one(desired(desired_subject("order", NEW)), present)

    (change,) = part.changes
    assert isinstance(change, RegisterSchema)
    assert change.verdict is not None
    assert (change.verdict.mode, change.verdict.basis) == (inherited, "what the subject inherits in the registry")
    assert (not any(finding.blocks for finding in part.findings)) is passes


def test_a_mode_of_its_own_counts_before_it() -> None:
    present = with_level(live(("order", [OLD])), Mode.FORWARD, own=Mode.BACKWARD)

    (change,) = plan_one(desired(desired_subject("order", NEW)), present).changes

    assert isinstance(change, RegisterSchema)
    assert change.verdict is not None
    assert change.verdict.mode is Mode.BACKWARD


def test_before_a_mode_is_taken_away_it_lets_through_what_is_inherited_would_not() -> None:
    present = with_level(live(("order", [OLD])), Mode.FORWARD, own=Mode.BACKWARD)

    part = plan_one(desired(desired_subject("order", NEW)), present, applied_as(present, mode=Mode.BACKWARD))

    assert [type(change) for change in part.changes] == [RegisterSchema, ResetCompatibility]
    assert not any(finding.blocks for finding in part.findings)


def test_a_plan_rests_on_what_is_inherited() -> None:
    """Whoever changes it makes the plan a stale one."""
    rests = [
        plan_one(desired(desired_subject("order", NEW)), with_level(live(("order", [OLD])), level)).read_set
        for level in (Mode.BACKWARD, Mode.NONE)
    ]

    assert rests[0] != rests[1]
