"""Semantics 2 and 3: what a plan makes of a subject, from desired, live and what was applied last."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.applied import NOTHING_APPLIED, AppliedRegistry
from reconciler.model import (
    LiveState,
    LiveSubject,
    LiveVersion,
    Location,
    Metadata,
    OnDrift,
    Reference,
    RegisterSchema,
    Schema,
    Severity,
)
from reconciler.planner import Desired, Live, RegistryPart, Rules
from tests.unit.planner.sides import EVERYTHING, applied_as, avro, desired, desired_subject, live, plan_one, record

V1 = avro(record("id"))
V2 = avro(record("id", {"name": "note", "type": ["null", "string"], "default": None}))
V3 = avro(record("id", {"name": "tag", "type": ["null", "string"], "default": None}))


def ruled(wanted: Desired, **rules: object) -> Desired:
    return replace(wanted, rules=Rules(**rules))  # type: ignore[arg-type]


def codes(part: RegistryPart) -> list[tuple[str, Severity]]:
    return [(f.code, f.severity) for f in part.findings]


ABSENT: list[Schema] = []
STANDINGS = [
    # live versions, the version that the ledger has, desired, changes, findings
    pytest.param(ABSENT, None, V1, 1, [], id="2: new"),
    pytest.param([V1], None, V1, 0, [], id="3: live as desired at first contact is ours"),
    pytest.param([V1], None, V2, 1, ["ADOPT_CONFLICT"], id="3: live otherwise at first contact is somebody's"),
    pytest.param([V1], 1, V2, 1, [], id="2: pending"),
    pytest.param([V1, V2], 1, V3, 1, ["DRIFTED"], id="2: someone else registered a version"),
    pytest.param([V1, V2], 1, V1, 1, ["DRIFTED"], id="2: the same, and Git says what was applied"),
    pytest.param([V1, V2], 1, V2, 0, [], id="2: someone else did what Git wants"),
    pytest.param(ABSENT, 1, V1, 0, ["VANISHED"], id="10: gone"),
]


@pytest.mark.parametrize(("versions", "applied_version", "wanted", "changes", "found"), STANDINGS)
def test_semantics_2_3_10_what_a_difference_means(
    versions: list[Schema], applied_version: int | None, wanted: Schema, changes: int, found: list[str]
) -> None:
    present = live(("orders", versions)) if versions else live()
    then = live(("orders", (versions or [V1])[:applied_version]))
    applied = applied_as(then) if applied_version else NOTHING_APPLIED

    part = plan_one(desired(desired_subject("orders", wanted)), present, applied)

    assert len(part.changes) == changes
    assert [f.code for f in part.findings] == found
    assert all(f.blocks for f in part.findings)
    assert part.observation.unchanged == (not changes and not found)


def test_semantic_3_a_conflict_says_both_ways_out() -> None:
    part = plan_one(desired(desired_subject("orders", V2)), live(("orders", [V1])), NOTHING_APPLIED)

    (finding,) = part.findings
    assert "version 1 is not what is declared" in finding.message
    assert finding.fix is not None
    assert "`schemafed import --registry orders --subject orders --overwrite`" in finding.fix
    assert "`--take-over orders`" in finding.fix


def test_a_command_that_is_proposed_runs_nothing_that_a_name_says() -> None:
    name = "$(touch here)"
    part = plan_one(desired(desired_subject(name, V2)), live((name, [V1])), NOTHING_APPLIED)

    assert "--take-over '$(touch here)'" in (part.findings[0].fix or "")


def test_a_command_that_is_proposed_names_an_environment_that_is_not_the_default() -> None:
    wanted = ruled(desired(desired_subject("orders", V3)), option=" -e prod")

    part = plan_one(wanted, live(("orders", [V1, V2])), applied_as(live(("orders", [V1]))))

    assert "`schemafed drift -e prod --write`" in (part.findings[0].fix or "")


def test_semantic_3_taking_over_is_a_change_with_its_reason() -> None:
    wanted = ruled(desired(desired_subject("orders", V2)), take_over=("ord*",))

    part = plan_one(wanted, live(("orders", [V1])), NOTHING_APPLIED)

    (change,) = part.changes
    assert change.reason == "it is taken over: version 1 is not what is declared"
    assert part.findings == ()


def test_semantic_3_taking_over_does_not_reach_further_than_its_glob() -> None:
    wanted = ruled(desired(desired_subject("orders", V2)), take_over=("payments*",))

    part = plan_one(wanted, live(("orders", [V1])), NOTHING_APPLIED)

    assert codes(part) == [("ADOPT_CONFLICT", Severity.ERROR)]


DRIFT = [
    pytest.param(OnDrift.BLOCK, 1, [("DRIFTED", Severity.ERROR)], id="block"),
    pytest.param(OnDrift.OVERWRITE, 1, [], id="overwrite"),
    pytest.param(OnDrift.KEEP, 0, [("DRIFT_KEPT", Severity.INFO)], id="keep"),
]


@pytest.mark.parametrize(("rule", "changes", "found"), DRIFT)
def test_semantic_2_drift_follows_the_rule(rule: OnDrift, changes: int, found: list[tuple[str, Severity]]) -> None:
    wanted = ruled(desired(desired_subject("orders", V3)), on_schema_drift=rule)

    part = plan_one(wanted, live(("orders", [V1, V2])), applied_as(live(("orders", [V1]))))

    assert len(part.changes) == changes
    assert codes(part) == found
    assert part.observation.unchanged == 0, "what drifted is not as declared, whatever is done about it"


def test_semantic_2_drift_is_overwritten_with_a_line_of_its_own() -> None:
    wanted = ruled(desired(desired_subject("orders", V3)), on_schema_drift=OnDrift.OVERWRITE)

    part = plan_one(wanted, live(("orders", [V1, V2])), applied_as(live(("orders", [V1]))))

    (change,) = part.changes
    assert change.reason == (
        "it overwrites drift: version 1 of commit cccccccccccc (schemas/orders.avsc) was applied last,"
        " and version 2 is live"
    )


def test_semantic_2_a_changed_text_under_the_same_number_is_drift() -> None:
    part = plan_one(desired(desired_subject("orders", V3)), live(("orders", [V2])), applied_as(live(("orders", [V1]))))

    assert codes(part) == [("DRIFTED", Severity.ERROR)]


def test_semantic_2_a_changed_reference_is_drift() -> None:
    money = avro(record("currency", name="Money"))
    money_2 = avro(record("currency", {"name": "scale", "type": "int", "default": 2}, name="Money"))
    total = {"name": "total", "type": "Money"}
    present = live(("money", [money, money_2]), ("orders", [avro(record("id", total), Reference("Money", "money", 2))]))
    applied = applied_as(present)
    was = replace(applied.subjects["orders"], references=(Reference("Money", "money", 1),))
    applied = AppliedRegistry({**applied.subjects, "orders": was})
    changed = avro(record("id", total, {"name": "n", "type": "int", "default": 0}), Reference("Money", "money"))

    part = plan_one(desired(desired_subject("orders", changed), desired_subject("money", money_2)), present, applied)

    assert [(f.code, f.subject) for f in part.findings] == [("DRIFTED", "orders")]


def test_semantic_2_a_dependant_of_what_is_kept_stays_as_it_was_applied() -> None:
    money = avro(record("currency", name="Money"))
    money_2 = avro(record("currency", {"name": "scale", "type": "int", "default": 2}, name="Money"))
    total = {"name": "total", "type": "Money"}
    then = live(("money", [money]), ("orders", [avro(record("id", total), Reference("Money", "money", 1))]))
    present = live(("money", [money, money_2]), ("orders", [avro(record("id", total), Reference("Money", "money", 1))]))
    wanted = desired(
        desired_subject("orders", avro(record("id", total), Reference("Money", "money"))),
        desired_subject("money", money),
    )

    part = plan_one(ruled(wanted, on_schema_drift=OnDrift.KEEP), present, applied_as(then))

    assert part.changes == ()
    assert codes(part) == [("DRIFT_KEPT", Severity.INFO)]


# What the ledger gets without a write.


def test_semantic_3_what_is_equal_at_first_contact_is_noted_as_ours() -> None:
    part = plan_one(desired(desired_subject("orders", V1, owner="shop")), live(("orders", [V1])), NOTHING_APPLIED)

    (note,) = part.notes
    assert (note.subject, note.entry and note.entry.version) == ("orders", 1)
    assert note.entry is not None
    assert (note.entry.commit, note.entry.owner) == ("d" * 40, "shop")
    assert note.entry.fingerprint == applied_as(live(("orders", [V1]))).subjects["orders"].fingerprint


def test_what_the_ledger_says_already_needs_no_note() -> None:
    present = live(("orders", [V1]))

    part = plan_one(desired(desired_subject("orders", V1)), present, applied_as(present))

    assert part.notes == ()


def test_what_someone_else_did_as_git_wants_is_noted() -> None:
    part = plan_one(
        desired(desired_subject("orders", V2)), live(("orders", [V1, V2])), applied_as(live(("orders", [V1])))
    )

    assert [(n.subject, n.entry and n.entry.version) for n in part.notes] == [("orders", 2)]


def test_a_renamed_file_changes_nothing_and_is_noted() -> None:
    present = live(("orders", [V1]))
    moved = replace(desired_subject("orders", V1), location=Location("schemas/shop/orders.avsc"))

    part = plan_one(desired(moved), present, applied_as(present))

    assert part.changes == ()
    assert [n.entry and n.entry.location.file for n in part.notes] == ["schemas/shop/orders.avsc"]


def test_what_changes_has_no_note() -> None:
    present = live(("orders", [V1]))

    assert plan_one(desired(desired_subject("orders", V2)), present, applied_as(present)).notes == ()


# Semantic 10: absence.


def test_semantic_10_what_vanished_is_created_again_where_the_run_says_so() -> None:
    wanted = ruled(desired(desired_subject("orders", V1)), recreate=("orders",))

    part = plan_one(wanted, live(), applied_as(live(("orders", [V1]))))

    (change,) = part.changes
    assert isinstance(change, RegisterSchema)
    assert change.before is None
    assert "created again" in change.reason
    assert part.findings == ()


def test_semantic_10_an_orphan_that_is_gone_is_simply_new() -> None:
    applied = applied_as(live(("orders", [V1])), is_orphan=True)

    part = plan_one(desired(desired_subject("orders", V1)), live(), applied)

    assert [type(c) for c in part.changes] == [RegisterSchema]
    assert part.findings == ()


def test_semantic_10_many_that_vanished_are_one_finding() -> None:
    names = [f"s{n}" for n in range(12)]
    applied = applied_as(live(*((name, [V1]) for name in names)))

    part = plan_one(desired(*(desired_subject(name, V1) for name in names)), live(), applied)

    assert part.changes == ()
    assert codes(part) == [("MANY_VANISHED", Severity.ERROR)]
    assert "12 of 12" in part.findings[0].message


@pytest.mark.parametrize(("allowed", "found"), [(False, {"MANY_VANISHED"}), (True, {"LET_GO"})])
def test_semantic_10_what_git_dropped_counts_among_many_that_vanished(allowed: bool, found: set[str]) -> None:
    gone = [f"s{n}" for n in range(12)]
    applied = applied_as(live(*((name, [V1]) for name in ("kept", *gone))))
    wanted = ruled(desired(desired_subject("kept", V1)), allows_mass_change=allowed)

    part = plan_one(wanted, live(("kept", [V1])), applied)

    assert {f.code for f in part.findings if f.blocks or allowed} == found
    assert part.changes == ()


def test_semantic_10_orphans_that_are_gone_are_no_mistake() -> None:
    gone = [f"s{n}" for n in range(12)]
    was = live(*((name, [V1]) for name in ("kept", *gone)))
    orphans = applied_as(was, gone, is_orphan=True).subjects
    applied = AppliedRegistry({**applied_as(was, ["kept"]).subjects, **orphans})

    part = plan_one(desired(desired_subject("kept", V1)), live(("kept", [V1])), applied)

    assert {f.code for f in part.findings} == {"LET_GO"}


def test_semantic_10_a_few_of_many_are_named_each() -> None:
    names = [f"s{n}" for n in range(40)]
    applied = applied_as(live(*((name, [V1]) for name in names)))
    present = live(*((name, [V1]) for name in names[2:]))

    part = plan_one(desired(*(desired_subject(name, V1) for name in names)), present, applied)

    assert [(f.code, f.subject) for f in part.findings] == [("VANISHED", "s0"), ("VANISHED", "s1")]


def test_an_unreadable_subject_is_neither_gone_nor_drifted() -> None:
    state = LiveState({"orders": LiveSubject("orders", None, problem="unknown mode `SIDEWAYS`")}, None)
    applied = applied_as(live(("orders", [V1])))

    part = plan_one(desired(desired_subject("orders", V1)), Live(state, EVERYTHING), applied)

    assert codes(part) == [("LIVE_SUBJECT_UNREADABLE", Severity.ERROR)]
    assert (part.changes, part.notes) == ((), ())


def test_a_version_applied_by_someone_else_in_the_middle_is_told_by_its_number() -> None:
    present = live(("orders", [V1, V2, V1]))
    assert isinstance(present.state.subjects["orders"].latest, LiveVersion)

    part = plan_one(desired(desired_subject("orders", V3)), present, applied_as(live(("orders", [V1]))))

    assert codes(part) == [("DRIFTED", Severity.ERROR)]


def test_metadata_that_someone_else_changed_under_the_same_number_is_drift() -> None:
    ours, theirs = Metadata({"retention": "30d"}), Metadata({"retention": "1d"})
    applied = applied_as(live(("orders", [V1])), metadata=ours.fingerprint)
    wanted = desired(desired_subject("orders", replace(V1, metadata=ours)))

    part = plan_one(wanted, live(("orders", [replace(V1, metadata=theirs)])), applied)

    assert codes(part) == [("DRIFTED", Severity.ERROR)]


def test_the_order_of_tags_is_no_difference() -> None:
    one, other = (Metadata(tags={"/id": tags}, sensitive=tags) for tags in (("a", "b"), ("b", "a")))
    present = live(("orders", [replace(V1, metadata=other)]))

    part = plan_one(desired(desired_subject("orders", replace(V1, metadata=one))), present)

    assert (part.changes, part.findings) == ((), ())


def test_metadata_that_git_does_not_declare_is_not_ours() -> None:
    present = live(("orders", [replace(V1, metadata=Metadata({"retention": "1d"}))]))

    part = plan_one(desired(desired_subject("orders", V1)), present, NOTHING_APPLIED)

    assert part.changes == ()
    assert [n.entry and n.entry.metadata for n in part.notes] == [None]
