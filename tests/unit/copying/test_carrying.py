"""What a target cannot take, and which modes and settings subjects have in the end."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from reconciler.copying import CopyPlan
from reconciler.model import Format, LiveSubject, Mode, Schema
from reconciler.registry import Capabilities, NameRule, Setting
from tests.unit.copying.copy_sides import FULL, PLAIN, WRITE_MODE, ask, avro, codes, one, plan, side, used, uses

A, AB = avro("a"), avro("a", "b")
PROTO = Schema(Format.PROTOBUF, 'syntax = "proto3"; message M { string a = 1; }')


def reasons(made: CopyPlan) -> dict[str | None, str]:
    return {f.subject: f.message.removeprefix("the subject is not copied: ") for f in made.findings}


@pytest.mark.parametrize(
    ("capabilities", "why"),
    [
        (replace(FULL, formats=frozenset({Format.PROTOBUF})), "it is in format AVRO, which is not stored there"),
        (replace(FULL, references=frozenset()), "it refers to other subjects, which AVRO schemas cannot there"),
        (replace(FULL, names=NameRule(re.compile("[a-m]"), "short")), "it cannot be called `s` there: a name is short"),
        (replace(FULL, max_bytes=70), "a version has 71 bytes, and 70 are the most there"),
    ],
)
def test_what_the_target_cannot_have_is_left_out(capabilities: Capabilities, why: str) -> None:
    source = side("old", m={1: used("x")}, s={1: uses("m", 1)})

    made = plan(source, side("new", capabilities))

    assert reasons(made)["s"] == why
    assert "s" in made.left_out
    assert made.can_copy


def test_what_uses_something_that_is_left_out_is_left_out_too() -> None:
    source = side("old", m={1: used("x")}, s={1: uses("m", 1)}, t={1: uses("s", 1)}, other={1: A})
    capabilities = replace(FULL, names=NameRule(re.compile("[s-t]|other"), "not m"))

    made = plan(source, side("new", capabilities))

    assert made.left_out == ("m", "s", "t")
    assert [subject.source for subject in made.subjects] == ["other"]
    assert reasons(made)["t"] == "it refers to s, which is not copied"


def test_what_refers_to_a_version_that_is_gone_is_left_out() -> None:
    source = side("old", m={2: used("x")}, s={1: uses("m", 1)})

    assert reasons(plan(source, side("new")))["s"] == "it refers to version 1 of m, which old does not show"


def test_two_subjects_of_one_name_and_an_unreadable_one_are_left_out() -> None:
    source = side("old", a={1: A}, b={1: A}, c={1: A})
    broken = replace(
        source, subjects={**source.subjects, "c": LiveSubject("c", None, problem="Its format is unknown.")}
    )

    made = plan(broken, side("new"), ask(source, a="x", b="x"))

    assert made.left_out == ("a", "b", "c")
    assert reasons(made)["c"] == "Its format is unknown."


@pytest.mark.parametrize(
    ("ours", "theirs", "level", "after", "is_set"),
    [
        (Mode.FULL, None, Mode.BACKWARD, Mode.FULL, True),
        (Mode.FULL, Mode.FULL, Mode.BACKWARD, Mode.FULL, False),
        (None, None, Mode.BACKWARD, None, False),
        (None, Mode.FULL, Mode.BACKWARD, None, True),
        (None, Mode.FULL, Mode.FULL, None, False),
    ],
)
def test_a_subject_has_the_mode_that_it_has_in_the_source(
    ours: Mode | None, theirs: Mode | None, level: Mode, after: Mode | None, is_set: bool
) -> None:
    source = side("old", modes={"s": ours} if ours else {}, s={1: A})
    target = side("new", level=level, modes={"s": theirs} if theirs else {}, s={1: A})

    made = one(plan(source, target), "s")

    assert (made.mode, made.is_mode_set, made.is_loosened) == (after, is_set, False)


def test_a_mode_that_is_not_known_there_is_told() -> None:
    source = side("old", modes={"s": Mode.FULL}, s={1: A})

    made = plan(source, side("new", replace(FULL, modes=frozenset({Mode.NONE, Mode.BACKWARD}))))

    assert "MODE_NOT_CARRIED" in codes(made)
    assert not one(made, "s").is_mode_set


def test_where_there_is_no_level_a_subject_gets_the_mode_that_it_inherited() -> None:
    source = side("old", level=Mode.FULL, s={1: A})

    made = plan(source, side("new", replace(FULL, has_level=False), level=None))

    assert (one(made, "s").mode, one(made, "s").is_mode_set) == (Mode.FULL, True)


@pytest.mark.parametrize(
    ("there", "level", "keeps_ids", "is_loosened"),
    [
        ({}, Mode.BACKWARD, False, True),
        ({1: A}, Mode.BACKWARD, False, True),
        ({}, Mode.NONE, False, False),
        ({}, Mode.BACKWARD, True, False),
        ({1: A, 2: AB}, Mode.BACKWARD, False, False),
    ],
)
def test_a_history_is_written_under_no_mode_where_one_would_judge_it(
    there: dict[int, Schema], level: Mode, keeps_ids: bool, is_loosened: bool
) -> None:
    source = side("old", s={1: A, 2: AB})

    made = one(plan(source, side("new", level=level, s=there), ask(source, keeps_ids=keeps_ids)), "s")

    assert (made.is_loosened, made.is_mode_set) == (is_loosened, is_loosened)


def test_a_mode_that_cannot_be_taken_away_is_set_to_what_held_before() -> None:
    target = side("new", replace(FULL, resets_modes=False))

    made = plan(side("old", s={1: A, 2: AB}), target)

    assert (one(made, "s").mode, one(made, "s").is_loosened) == (Mode.BACKWARD, True)
    assert "MODE_NOT_CARRIED" in codes(made)


def test_settings_are_carried_as_far_as_they_are_kept() -> None:
    source = replace(
        side("old", s={1: A}, t={1: A}),
        settings={
            "s": {"write_mode": "READONLY", "alias": "t"},
            "t": {"write_mode": "IMPORT", "alias": "elsewhere"},
            None: {"write_mode": "READONLY"},
        },
    )

    made = plan(source, side("new"), ask(source, t="eu.t"))

    assert one(made, "s").settings == {"write_mode": "READONLY", "alias": "eu.t"}
    assert one(made, "t").settings == {}
    lost = [f.message for f in made.findings if f.code == "SETTING_NOT_CARRIED"]
    assert lost == [
        "its setting write_mode is IMPORT, which is for the time of an import",
        "its setting alias is elsewhere, which names a subject that is not copied",
        "old's own settings are not copied: write_mode",
    ]
    plain = plan(source, side("new", PLAIN))
    assert "its setting write_mode is READONLY, which is not kept there" in {f.message for f in plain.findings}
    there = replace(side("new", s={1: A}, t={1: A}), settings={"s": {"write_mode": "READONLY", "alias": "t"}})
    assert not plan(source, there).changed


def test_what_belongs_to_a_version_is_carried_again_with_the_next_one() -> None:
    capabilities = replace(FULL, settings={"state": Setting(("DEPRECATED",), of_version=True), "alias": Setting()})
    settings = {"s": {"state": "DEPRECATED", "alias": "x"}}
    source = replace(side("old", capabilities, s={1: A, 2: AB}), settings=settings)

    behind, same = (
        plan(source, replace(side("new", capabilities, s=versions), settings=settings))
        for versions in ({1: A}, {1: A, 2: AB})
    )

    assert one(behind, "s").settings == {"state": "DEPRECATED"}
    assert not same.changed


def test_a_value_that_is_not_taken_there_is_told() -> None:
    source = replace(side("old", s={1: A}), settings={"s": {"write_mode": "READONLY"}})
    capabilities = replace(FULL, settings={"write_mode": Setting(("OPEN",))})

    made = plan(source, side("new", capabilities))

    message = "its setting write_mode is READONLY, which is not taken there; it can be one of: OPEN"
    assert message in {f.message for f in made.findings}


def test_a_closed_target_blocks_only_what_is_to_be_written() -> None:
    source = side("old", s={1: A}, t={1: A})
    closed = {"s": {"write_mode": "READONLY"}}

    there = plan(source, replace(side("new", s={1: A}), settings=closed))
    absent = plan(source, replace(side("new"), settings=closed))

    assert there.can_copy
    assert [f.subject for f in absent.findings if f.code == "COPY_CLOSED"] == ["s"]


def test_the_registrys_word_counts_where_the_subject_has_none_or_it_overrides() -> None:
    source = side("old", s={1: A})
    overriding = replace(WRITE_MODE, overriding=frozenset({"READONLY"}))
    settings = {None: {"write_mode": "READONLY"}, "s": {"write_mode": "READWRITE"}}

    for kind, is_open in ((WRITE_MODE, True), (overriding, False)):
        target = side("new", replace(FULL, registry_settings={"write_mode": kind}))
        assert plan(source, replace(target, settings=settings)).can_copy is is_open
    assert not plan(source, replace(side("new"), settings={None: settings[None]})).can_copy


def test_other_levels_are_told_where_somebody_inherits() -> None:
    inheriting = side("old", level=Mode.FULL, s={1: A})
    own = side("old", level=Mode.FULL, modes={"s": Mode.FULL}, s={1: A})

    assert "LEVEL_DIFFERS" in codes(plan(inheriting, side("new")))
    assert "LEVEL_DIFFERS" not in codes(plan(own, side("new")))


def test_softly_deleted_versions_are_told() -> None:
    source = replace(side("old", s={1: A}), numbers={"s": (1, 2, 5)})

    assert "what is softly deleted is not copied: version 2, 5" in {
        f.message for f in plan(source, side("new")).findings
    }
