"""Settings beside the mode: declared, live, and what schemafed had set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sides import EVERYTHING, applied_as, avro, desired, desired_subject, live, plan_one, record

from reconciler.model import (
    Location,
    OnDrift,
    RegisterSchema,
    SetCompatibility,
    SetSettings,
    SettingValue,
    Severity,
)
from reconciler.model import Mode as CompatibilityMode
from reconciler.planner import RegistryPart
from reconciler.planner.rules import Rules
from reconciler.planner.settings import Declared, SettingsPlan, plan_settings
from reconciler.planner.sides import Live
from reconciler.registry import Setting

KINDS = {
    "write_mode": Setting(("READWRITE", "READONLY"), closing=frozenset({"READONLY"})),
    "alias": Setting(),
    "normalize": Setting(type=bool),
    "checkpoint": Setting(can_reset=False),
    "label": Setting(needs_subject=True),
    "state": Setting(("DEPRECATED",), needs_subject=True, of_version=True),
}
REGISTRY_KINDS = {
    "write_mode": Setting(
        ("READWRITE", "READONLY", "READONLY_OVERRIDE"),
        closing=frozenset({"READONLY", "READONLY_OVERRIDE"}),
        overriding=frozenset({"READONLY_OVERRIDE"}),
    )
}
KEEPS = replace(EVERYTHING, settings=KINDS, registry_settings=REGISTRY_KINDS)
Values = Mapping[str, SettingValue]
OLD, NEW = avro(record("id")), avro(record("id", {"name": "note", "type": "string", "default": ""}))


def plan(declared: Values, present: Values, ours: Values, rule: OnDrift = OnDrift.OVERWRITE) -> SettingsPlan:
    wanted = Declared("orders", "order", declared, Location("schemas/order.meta.yaml", 2))
    return plan_settings(wanted, present, ours, KINDS, Rules(on_mode_drift=rule))


def changes(made: SettingsPlan) -> list[tuple[Values, Values]]:
    return [(c.before, c.after) for c in (*made.before, *made.after)]


@pytest.mark.parametrize(
    ("declared", "present", "ours", "changed", "kept"),
    [
        pytest.param({}, {"alias": "a"}, {}, [], {}, id="what was never declared is not touched"),
        pytest.param({"alias": "a"}, {}, {}, [({"alias": None}, {"alias": "a"})], {}, id="declared"),
        pytest.param({"alias": "a"}, {"alias": "a"}, {}, [], {"alias": "a"}, id="as declared, ours from now on"),
        pytest.param(
            {"alias": "b"}, {"alias": "a"}, {"alias": "a"}, [({"alias": "a"}, {"alias": "b"})], {"alias": "a"}, id="new"
        ),
        pytest.param(
            {}, {"alias": "a"}, {"alias": "a"}, [({"alias": "a"}, {"alias": None})], {"alias": "a"}, id="gone"
        ),
        pytest.param({}, {"alias": "b"}, {"alias": "a"}, [], {}, id="gone, and somebody else's by now"),
        pytest.param({}, {}, {"alias": "a"}, [], {}, id="gone on both sides"),
        pytest.param({"alias": ""}, {}, {}, [], {}, id="declared as empty, which is not there"),
        pytest.param({"alias": ""}, {}, {"alias": ""}, [], {}, id="the same after it was set"),
        pytest.param(
            {"alias": ""},
            {"alias": "a"},
            {"alias": "a"},
            [({"alias": "a"}, {"alias": ""})],
            {"alias": "a"},
            id="emptied",
        ),
        pytest.param(
            {"alias": "b"},
            {},
            {"alias": ""},
            [({"alias": None}, {"alias": "b"})],
            {},
            id="filled again: no drift",
        ),
        pytest.param({"normalize": True}, {"normalize": False}, {}, [({"normalize": False}, {"normalize": True})], {}),
    ],
)
def test_a_setting_goes_three_ways(
    declared: Values, present: Values, ours: Values, changed: list[tuple[Values, Values]], kept: Values
) -> None:
    made = plan(declared, present, ours)

    assert changes(made) == changed
    assert made.ours == kept


@pytest.mark.parametrize(
    ("rule", "changed", "code"),
    [
        (OnDrift.OVERWRITE, 1, None),
        (OnDrift.BLOCK, 1, ("SETTING_DRIFTED", Severity.ERROR)),
        (OnDrift.KEEP, 0, ("SETTING_DRIFT_KEPT", Severity.INFO)),
    ],
)
def test_drift_of_a_setting_goes_by_the_rule(rule: OnDrift, changed: int, code: tuple[str, Severity] | None) -> None:
    made = plan({"alias": "a"}, {"alias": "b"}, {"alias": "a"}, rule)

    assert len(changes(made)) == changed
    assert [(f.code, f.severity) for f in made.findings] == ([code] if code else [])
    assert made.is_drifted


def test_what_cannot_be_taken_away_stays_ours_and_is_told() -> None:
    made = plan({}, {"checkpoint": "3"}, {"checkpoint": "3"})

    assert (changes(made), made.ours) == ([], {"checkpoint": "3"})
    assert [f.code for f in made.findings] == ["SETTING_LEFT"]


@pytest.mark.parametrize(
    ("declared", "code", "words"),
    [
        ({"aliass": "a"}, "UNSUPPORTED_SETTING", "did you mean `alias`?"),
        ({"write_mode": "READ"}, "INVALID_SETTING", "cannot be `READ`"),
        ({"normalize": "yes"}, "INVALID_SETTING", "cannot be `yes`"),
    ],
)
def test_what_a_registry_does_not_have_is_told(declared: Values, code: str, words: str) -> None:
    (finding,) = plan(declared, {}, {}).findings

    assert finding.code == code
    assert words in finding.message


def codes(part: RegistryPart) -> list[str]:
    return [f.code for f in part.findings]


def with_settings(present: Live, own: Values, of_registry: Values | None = None) -> Live:
    return present.with_settings({"order": own, None: of_registry or {}})


def test_a_subject_is_opened_before_its_version_and_closed_after() -> None:
    present = live(("order", [OLD]), capabilities=KEEPS)
    opened = plan_one(
        desired(desired_subject("order", NEW, settings={"write_mode": "READWRITE"})),
        with_settings(present, {"write_mode": "READONLY"}),
    )
    closed = plan_one(desired(desired_subject("order", NEW, settings={"write_mode": "READONLY"})), present)

    assert [type(c) for c in opened.changes] == [SetSettings, RegisterSchema]
    assert [type(c) for c in closed.changes] == [RegisterSchema, SetSettings]
    assert codes(opened) == codes(closed) == []


@pytest.mark.parametrize(
    ("own", "of_registry", "is_refused"),
    [
        ({"write_mode": "READONLY"}, {}, True),
        ({}, {"write_mode": "READONLY"}, True),
        ({"write_mode": "READWRITE"}, {"write_mode": "READONLY"}, False),
        ({"write_mode": "READWRITE"}, {"write_mode": "READONLY_OVERRIDE"}, True),
        ({}, {}, False),
    ],
)
def test_a_plan_knows_that_a_subject_takes_nothing(own: Values, of_registry: Values, is_refused: bool) -> None:
    present = with_settings(live(("order", [OLD]), capabilities=KEEPS), own, of_registry)
    wanted = desired_subject("order", NEW)

    assert codes(plan_one(desired(wanted), present)) == (["SUBJECT_READONLY"] if is_refused else [])
    assert codes(plan_one(desired(replace(wanted, schema=OLD)), present)) == []
    moded = desired_subject("order", OLD, mode=CompatibilityMode.FULL)
    assert codes(plan_one(desired(moded), present)) == (["SUBJECT_READONLY"] if is_refused else [])


def test_settings_of_a_new_subject_wait_for_it_where_they_must() -> None:
    wanted = desired_subject("order", NEW, settings={"alias": "a", "label": "l"}, mode=CompatibilityMode.FULL)
    part = plan_one(desired(wanted), live(capabilities=KEEPS))

    assert [type(c) for c in part.changes] == [SetSettings, RegisterSchema, SetCompatibility, SetSettings]
    assert [list(c.after) for c in part.changes if isinstance(c, SetSettings)] == [["alias"], ["label"]]


def test_settings_of_the_registry_itself_go_first_or_last() -> None:
    present = live(("order", [OLD]), capabilities=KEEPS)
    wanted = replace(
        desired(desired_subject("order", NEW)),
        settings={"write_mode": "READONLY"},
        settings_location=Location("schemafed.yaml", 9),
    )
    part = plan_one(wanted, present)

    assert [(type(c), c.subject) for c in part.changes] == [(RegisterSchema, "order"), (SetSettings, None)]
    assert part.changes[1].location == Location("schemafed.yaml", 9)


def test_what_is_as_declared_is_noted_as_ours() -> None:
    present = with_settings(live(("order", [OLD]), capabilities=KEEPS), {"alias": "a"})
    known = applied_as(present)
    part = plan_one(desired(desired_subject("order", OLD, settings={"alias": "a"})), present, known)

    (note,) = part.notes
    assert note.entry and note.entry.settings == {"alias": "a"}


def test_what_is_of_the_latest_version_is_set_again_after_a_new_one() -> None:
    wanted = Declared("orders", "order", {"state": "DEPRECATED", "alias": "a"}, Location("schemas/order.meta.yaml", 2))
    set_already: Values = {"state": "DEPRECATED", "alias": "a"}

    made = plan_settings(wanted, set_already, set_already, KINDS, Rules(), gets_version=True)
    undeclared, was_ours = replace(wanted, values={}), {"state": "DEPRECATED"}
    without = plan_settings(undeclared, set_already, was_ours, KINDS, Rules(), gets_version=True)

    assert (made.before, [change.after for change in made.after]) == ((), [{"state": "DEPRECATED"}])
    assert not made.is_drifted
    assert not without.is_changed
