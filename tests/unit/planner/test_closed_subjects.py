"""A subject may take no new version at all; and its modes may compare with a version that is not the latest."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sides import EVERYTHING, applied_as, avro, desired, desired_subject, live, plan_one, record

from reconciler.model import Dialect, Mode, RegisterSchema, SetCompatibility, Severity
from reconciler.planner import RegistryPart
from reconciler.planner.sides import Live

OLD, NEW = avro(record("id")), avro(record("id", {"name": "note", "type": "string", "default": ""}))


def closed(present: Live, word: str = "DISABLED") -> Live:
    subject = replace(present.state.subjects["order"], mode=None, closing=word)
    return present.with_subjects({"order": subject})


def codes(part: RegistryPart) -> list[tuple[str, Severity]]:
    return [(f.code, f.severity) for f in part.findings]


def test_a_new_version_of_a_closed_subject_blocks() -> None:
    part = plan_one(desired(desired_subject("order", NEW)), closed(live(("order", [OLD]))))

    assert codes(part) == [("SUBJECT_CLOSED", Severity.ERROR)]
    assert "DISABLED" in part.findings[0].message


def test_a_closed_subject_that_is_as_declared_is_left_alone() -> None:
    part = plan_one(desired(desired_subject("order", OLD)), closed(live(("order", [OLD]))))

    assert (part.changes, part.findings) == ((), ())


def test_a_declared_mode_opens_it_before_the_version() -> None:
    part = plan_one(desired(desired_subject("order", NEW, mode=Mode.NONE)), closed(live(("order", [OLD]))))

    opened, registered = part.changes
    assert isinstance(opened, SetCompatibility)
    assert opened.reason == "the mode is declared; until now the subject takes no new version (DISABLED)"
    assert isinstance(registered, RegisterSchema)
    assert not part.findings


def test_somebody_who_closes_what_was_open_has_drifted_it() -> None:
    present = closed(live(("order", [OLD])))
    part = plan_one(
        desired(desired_subject("order", OLD, mode=Mode.FULL)), present, applied_as(present, mode=Mode.FULL)
    )

    assert part.changes[0].reason == "it overwrites drift: schemafed had set FULL, and someone else made it DISABLED"


@pytest.mark.parametrize(("checkpoint", "versions"), [(1, (1,)), (2, (2,)), (None, (1,))])
def test_a_mode_compares_with_the_checkpoint_where_the_registry_has_one(
    checkpoint: int | None, versions: tuple[int, ...]
) -> None:
    present = live(("order", [OLD, avro(record("id", "name"))]), capabilities=replace(EVERYTHING, dialect=Dialect.GLUE))
    subject = replace(present.state.subjects["order"], checkpoint=checkpoint)
    part = plan_one(desired(desired_subject("order", NEW)), present.with_subjects({"order": subject}))

    (change,) = part.changes
    assert isinstance(change, RegisterSchema)
    assert change.verdict and change.verdict.versions == versions
