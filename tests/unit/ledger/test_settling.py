"""What an apply that was cut off has done is told by what is live."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.applied import AppliedRegistry, AppliedSubject, IntendedChange
from reconciler.model import (
    Dialect,
    Format,
    LiveState,
    LiveSubject,
    LiveVersion,
    Location,
    Mode,
    Reference,
    Schema,
    TemporaryMode,
)
from reconciler.planner.settling import settle_intent
from reconciler.planner.sides import Live
from reconciler.registry import Capabilities
from reconciler.schemas.resolved import SchemaSet

HERE = Location("schemas/order.avsc")
OLD = Schema(Format.AVRO, '{"type": "record", "name": "Order", "fields": []}')
NEW = Schema(
    Format.AVRO, '{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "int", "default": 0}]}'
)
NEW_FINGERPRINT = SchemaSet(lambda reference: None).fingerprint(NEW, Dialect.CONFLUENT)
BEFORE = AppliedSubject("c1", HERE, "old", 1, mode=Mode.FULL)
APPLIED = AppliedRegistry({"order": BEFORE})
REGISTER = IntendedChange(
    "register_schema", "orders", "order", version=1, entry=AppliedSubject("c2", HERE, NEW_FINGERPRINT)
)
SET = IntendedChange("set_compatibility", "orders", "order", mode=Mode.BACKWARD, entry=AppliedSubject("c2", HERE))
RESET = replace(SET, kind="reset_compatibility", mode=None)
DELETE = IntendedChange("delete_subject", "orders", "order", version=1)
LEVEL = IntendedChange("set_default_compatibility", "orders", None, mode=Mode.FULL)
WAIVED = replace(REGISTER, is_temporary=True, restores_mode=Mode.FULL)


def read(version: int = 1, schema: Schema = OLD, mode: Mode | None = Mode.FULL, level: Mode | None = None) -> Live:
    """A registry that holds the one subject."""
    subject = LiveSubject("order", LiveVersion(version, schema), mode)
    return Live(LiveState({"order": subject}, level), Capabilities(formats=frozenset(Format)))


@pytest.mark.parametrize(
    ("change", "live"),
    [
        (REGISTER, read()),
        (REGISTER, read(2, OLD)),
        (REGISTER, read(1, NEW)),
        (REGISTER, read(2, replace(NEW, references=(Reference("x", "y", 1),)))),
        (SET, read(mode=Mode.FULL)),
        (RESET, read(mode=Mode.FULL)),
        (DELETE, read()),
        (LEVEL, read(level=Mode.NONE)),
    ],
)
def test_a_change_that_is_not_live_was_not_made(change: IntendedChange, live: Live) -> None:
    assert settle_intent(APPLIED, [change], live) == APPLIED


def test_a_schema_that_is_live_is_ours_with_the_number_it_got() -> None:
    settled = settle_intent(APPLIED, [REGISTER], read(4, NEW))

    assert settled.subjects == {"order": AppliedSubject("c2", HERE, NEW_FINGERPRINT, 4, mode=Mode.FULL)}


def test_references_that_followed_the_repository_have_the_versions_that_are_live() -> None:
    reference = Reference("x", "y", 7)
    entry = replace(REGISTER, entry=AppliedSubject("c2", HERE, "?", references=(Reference("x", "y"),)))
    live = read(4, replace(NEW, references=(reference,)))
    money = Schema(Format.AVRO, '{"type": "record", "name": "Money", "fields": []}')
    live = replace(live, histories={"y": (LiveVersion(7, money),)})
    content = SchemaSet(live.find_schema).fingerprint(replace(NEW, references=(reference,)), Dialect.CONFLUENT)
    assert entry.entry is not None

    settled = settle_intent(APPLIED, [replace(entry, entry=replace(entry.entry, fingerprint=content))], live)

    assert settled.subjects["order"].references == (reference,)


@pytest.mark.parametrize(
    ("change", "live", "mode"),
    [(SET, read(mode=Mode.BACKWARD), Mode.BACKWARD), (RESET, read(mode=None), None)],
)
def test_a_mode_that_is_live_is_ours_and_the_schema_stays(change: IntendedChange, live: Live, mode: Mode) -> None:
    settled = settle_intent(APPLIED, [change], live)

    assert settled.subjects == {"order": replace(BEFORE, commit="c2", mode=mode)}


def test_a_subject_that_is_gone_is_forgotten() -> None:
    gone = Live(LiveState({}, None), Capabilities(formats=frozenset(Format)))

    assert settle_intent(APPLIED, [DELETE], gone).subjects == {}


def test_the_level_that_is_live_is_ours() -> None:
    assert settle_intent(APPLIED, [LEVEL], read(level=Mode.FULL)).default_mode is Mode.FULL


def test_schema_and_mode_of_one_subject_settle_together() -> None:
    settled = settle_intent(APPLIED, [SET, REGISTER], read(2, NEW, Mode.BACKWARD))

    assert settled.subjects == {"order": AppliedSubject("c2", HERE, NEW_FINGERPRINT, 2, mode=Mode.BACKWARD)}


def test_a_temporary_mode_that_is_still_live_is_remembered() -> None:
    assert settle_intent(APPLIED, [WAIVED], read(mode=Mode.NONE)).temporary_modes == {"order": Mode.FULL}
    assert settle_intent(APPLIED, [WAIVED], read(mode=Mode.FULL)).temporary_modes == {}
    assert settle_intent(APPLIED, [REGISTER], read(mode=Mode.NONE)).temporary_modes == {}


def test_a_subject_that_had_the_mode_none_before_has_it_not_for_a_while() -> None:
    was_none = replace(WAIVED, restores_mode=Mode.NONE)

    assert settle_intent(APPLIED, [was_none], read(mode=Mode.NONE)).temporary_modes == {}


@pytest.mark.parametrize("live", [read(), read(2, NEW)], ids=["not made", "made"])
def test_a_break_that_was_cut_off_is_remembered_since_its_mode_may_come_late(live: Live) -> None:
    entry = AppliedSubject("c2", HERE, NEW_FINGERPRINT, temporary=TemporaryMode(Mode.FULL))

    settled = settle_intent(APPLIED, [replace(WAIVED, entry=entry)], live)

    assert settled.loosened == {"order": Mode.FULL}


def test_a_deletion_of_versions_that_was_cut_off_leaves_ours_what_is_latest_now() -> None:
    delete = IntendedChange("delete_versions", "orders", "order", version=4, entry=BEFORE, versions=(2, 3, 4))
    applied = AppliedRegistry({"order": replace(BEFORE, version=4)})

    assert settle_intent(applied, [delete], read(4, NEW)) == applied
    assert settle_intent(applied, [delete], read(3, NEW)).subjects == {
        "order": replace(BEFORE, version=3, fingerprint=NEW_FINGERPRINT)
    }
