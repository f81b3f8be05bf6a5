"""Semantic 9: what was applied and is gone from Git."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.applied import AppliedRegistry
from reconciler.model import (
    DeleteSubject,
    Deletion,
    LiveState,
    LiveSubject,
    LiveVersion,
    Location,
    Mode,
    OnDrift,
    Reference,
    RegisterSchema,
    ResetCompatibility,
    Schema,
    Severity,
)
from reconciler.planner import Desired, Live, RegistryPart, Rules
from reconciler.registry import Dependant
from tests.unit.planner.sides import EVERYTHING, applied_as, avro, desired, desired_subject, live, plan_one, record

V1 = avro(record("id"))
V2 = avro(record("id", {"name": "note", "type": ["null", "string"], "default": None}))
MONEY = avro(record("currency", name="Money"))
USING_MONEY = avro(record("id", {"name": "total", "type": "Money"}), Reference("Money", "money", 1))
SOFT = {"deletion": Deletion.SOFT}


def ruled(wanted: Desired, **rules: object) -> Desired:
    return replace(wanted, rules=Rules(**rules))  # type: ignore[arg-type]


def kept(**rules: object) -> Desired:
    """Git declares one subject; every other one that was applied is dropped."""
    return ruled(desired(desired_subject("kept", V1)), **rules)


def codes(part: RegistryPart) -> list[tuple[str, Severity]]:
    return [(f.code, f.severity) for f in part.findings]


def with_kept(*histories: tuple[str, list[Schema]], **dependants: tuple[Dependant, ...]) -> Live:
    return replace(live(("kept", [V1]), *histories), dependants=dependants)


def test_semantic_9_by_default_nothing_is_deleted_and_the_orphan_is_remembered() -> None:
    present = with_kept(("gone", [V1]))

    part = plan_one(kept(), present, applied_as(present))

    assert part.changes == ()
    assert codes(part) == [("ORPHANED", Severity.INFO)]
    assert "Git does not declare it any more" in part.findings[0].message
    assert [(n.subject, n.entry and n.entry.is_orphan) for n in part.notes] == [("gone", True)]


def test_semantic_9_an_orphan_is_told_again_and_noted_once() -> None:
    present = with_kept(("gone", [V1]))
    applied = applied_as(present)
    applied = AppliedRegistry({**applied.subjects, "gone": replace(applied.subjects["gone"], is_orphan=True)})

    part = plan_one(kept(), present, applied)

    assert codes(part) == [("ORPHANED", Severity.INFO)]
    assert part.notes == ()


@pytest.mark.parametrize("is_orphan", [False, True])
@pytest.mark.parametrize(("deletion", "is_permanent"), [(Deletion.SOFT, False), (Deletion.HARD, True)])
def test_semantic_9_once_allowed_it_is_deleted(deletion: Deletion, is_permanent: bool, is_orphan: bool) -> None:
    present = with_kept(("gone", [V1, V2]))
    applied = applied_as(present)
    entry = replace(applied.subjects["gone"], is_orphan=is_orphan)

    part = plan_one(kept(deletion=deletion), present, AppliedRegistry({**applied.subjects, "gone": entry}))

    (change,) = part.changes
    assert isinstance(change, DeleteSubject)
    assert (change.subject, change.before.version, change.versions) == ("gone", 2, (1, 2))
    assert change.is_permanent is is_permanent
    assert change.location == Location("schemas/gone.avsc")
    assert part.findings == ()


def test_semantic_2_what_was_never_ours_is_never_deleted() -> None:
    present = with_kept(("theirs", [V1]))

    part = plan_one(kept(**SOFT), present, applied_as(present, ["kept"]))

    assert part.changes == ()
    assert part.observation.unmanaged == ("theirs",)


def test_semantic_1_a_registry_that_does_not_delete_keeps_it_and_that_is_said() -> None:
    present = replace(with_kept(("gone", [V1])), capabilities=replace(EVERYTHING, deletion=frozenset({Deletion.SOFT})))

    part = plan_one(kept(deletion=Deletion.HARD), present, applied_as(present))

    assert part.changes == ()
    assert codes(part) == [("UNSUPPORTED_DELETION", Severity.WARNING)]


def test_semantic_5_dependants_are_deleted_first() -> None:
    present = with_kept(("money", [MONEY]), ("orders", [USING_MONEY]), money=(Dependant("orders", 1, 1),))

    part = plan_one(kept(**SOFT), present, applied_as(present))

    deletions = [c for c in part.changes if isinstance(c, DeleteSubject)]
    assert [(c.subject, c.dependants) for c in deletions] == [("orders", ()), ("money", ("orders",))]
    assert part.findings == ()


@pytest.mark.parametrize(("way", "found"), [(Deletion.SOFT, ["REFERENCED"]), (Deletion.HARD, [])])
def test_semantic_9_what_a_deleted_dependant_does_not_let_go_stays(way: Deletion, found: list[str]) -> None:
    """Apicurio counts softly deleted versions among those that refer to something."""
    present = with_kept(("money", [MONEY]), ("orders", [USING_MONEY]), money=(Dependant("orders", 1, 1),))
    holding = replace(present, capabilities=replace(EVERYTHING, releasing=frozenset({Deletion.HARD})))

    part = plan_one(kept(deletion=way), holding, applied_as(holding))

    assert [f.code for f in part.findings if f.severity is Severity.ERROR] == found


def test_semantic_9_nothing_is_deleted_while_something_that_stays_refers_to_it() -> None:
    present = with_kept(("money", [MONEY]), ("theirs", [USING_MONEY]), money=(Dependant("theirs", 1, 1),))

    part = plan_one(kept(**SOFT), present, applied_as(present, ["kept", "money"]))

    assert codes(part) == [("REFERENCED", Severity.ERROR)]
    assert "theirs version 1 would still refer to it" in part.findings[0].message


def test_semantic_5_deletions_come_after_registrations() -> None:
    present = with_kept(("gone", [V1]))

    part = plan_one(
        ruled(desired(desired_subject("kept", V2), desired_subject("new", V1)), **SOFT), present, applied_as(present)
    )

    assert [c.kind for c in part.changes] == ["register_schema", "register_schema", "delete_subject"]


MASS = [
    # managed, dropped, refused
    pytest.param(20, 9, False, id="fewer than ten"),
    pytest.param(20, 10, True, id="ten, more than the share"),
    pytest.param(40, 12, False, id="exactly the share"),
    pytest.param(40, 13, True, id="above the share"),
]


@pytest.mark.parametrize(("managed", "dropped", "is_refused"), MASS)
def test_semantic_9_much_at_once_is_refused(managed: int, dropped: int, is_refused: bool) -> None:
    names = [f"s{n}" for n in range(managed)]
    # Foreign subjects do not make the share smaller.
    present = live(*((name, [V1]) for name in names), *((f"foreign{n}", [V1]) for n in range(100)))
    wanted = desired(*(desired_subject(name, V1) for name in names[dropped:]))

    part = plan_one(ruled(wanted, **SOFT), present, applied_as(present, names))
    allowed = plan_one(ruled(wanted, allows_mass_change=True, **SOFT), present, applied_as(present, names))

    assert len(part.changes) == dropped
    assert codes(part) == ([("MASS_DELETION", Severity.ERROR)] if is_refused else [])
    assert codes(allowed) == []


@pytest.mark.parametrize("deletion", Deletion)
def test_semantic_9_an_empty_repository_over_a_ledger_is_always_refused(deletion: Deletion) -> None:
    present = live(("orders", [V1]))

    part = plan_one(ruled(desired(), deletion=deletion, allows_mass_change=True), present, applied_as(present))

    assert (part.changes, part.notes) == ((), ())
    assert codes(part) == [("NOTHING_DECLARED", Severity.ERROR)]


def test_semantic_9_an_empty_repository_without_a_ledger_is_nothing() -> None:
    assert plan_one(desired(), live(("theirs", [V1])), AppliedRegistry()).findings == ()


def test_what_others_manage_now_is_let_go() -> None:
    present = live(("orders", [V1]))

    part = plan_one(ruled(desired(desired_subject("orders", V2, manage=False)), **SOFT), present, applied_as(present))

    assert part.changes == ()
    assert codes(part) == [("MANAGED_ELSEWHERE_DIFFERS", Severity.WARNING), ("LET_GO", Severity.INFO)]
    assert [(n.subject, n.entry) for n in part.notes] == [("orders", None)]


def test_what_is_gone_from_git_and_the_registry_is_forgotten() -> None:
    applied = applied_as(live(("kept", [V1]), ("gone", [V1])))

    part = plan_one(kept(**SOFT), live(("kept", [V1])), applied)

    assert part.changes == ()
    assert codes(part) == [("LET_GO", Severity.INFO)]
    assert [(n.subject, n.entry) for n in part.notes] == [("gone", None)]


LEFT_MODES = [
    pytest.param(Deletion.SOFT, Mode.FULL, ["reset_compatibility"], id="ours"),
    pytest.param(Deletion.HARD, Mode.FULL, ["reset_compatibility"], id="ours, and deletions are for good"),
    pytest.param(Deletion.SOFT, Mode.FORWARD, [], id="set by someone else"),
    pytest.param(Deletion.FORBID, Mode.FULL, [], id="where nothing may be taken away"),
]


@pytest.mark.parametrize(("deletion", "left", "kinds"), LEFT_MODES)
def test_semantic_9_a_mode_of_ours_does_not_outlive_what_someone_else_deleted(
    deletion: Deletion, left: Mode, kinds: list[str]
) -> None:
    applied = applied_as(live(("kept", [V1]), ("gone", [V1])))
    applied = replace(applied, subjects={**applied.subjects, "gone": replace(applied.subjects["gone"], mode=Mode.FULL)})
    state = live(("kept", [V1])).state
    gone = LiveSubject("gone", None, mode=left)
    present = Live(LiveState({**state.subjects, "gone": gone}, state.default_mode), EVERYTHING)

    part = plan_one(kept(deletion=deletion), present, applied)

    assert [c.kind for c in part.changes] == kinds
    assert [n.subject for n in part.notes] == ([] if kinds else ["gone"])


@pytest.mark.parametrize(
    ("deletion", "found"),
    [
        (Deletion.SOFT, [("LIVE_SUBJECT_UNREADABLE", Severity.ERROR)]),
        (Deletion.FORBID, [("ORPHANED", Severity.INFO)]),
    ],
)
def test_semantic_10_what_cannot_be_read_is_neither_deleted_nor_forgotten(
    deletion: Deletion, found: list[tuple[str, Severity]]
) -> None:
    applied = applied_as(live(("kept", [V1]), ("gone", [V1])))
    state = live(("kept", [V1])).state
    hidden = LiveSubject("gone", None, problem="it may not be read")
    present = Live(LiveState({**state.subjects, "gone": hidden}, state.default_mode), EVERYTHING)

    part = plan_one(kept(deletion=deletion), present, applied)

    assert part.changes == ()
    assert codes(part) == found
    assert all(note.entry is not None for note in part.notes)


def test_what_goes_to_another_registry_now_says_where() -> None:
    present = with_kept(("moved", [V1]))
    wanted = replace(kept(**SOFT), elsewhere={"schemas/moved.avsc": ("payments",)})

    part = plan_one(wanted, present, applied_as(present))

    assert [c.reason for c in part.changes] == ["it goes to payments now"]


RENAMES = [
    pytest.param("schemas/old.avsc", V2, id="the same file"),
    pytest.param("schemas/new.avsc", V1, id="the same schema"),
]


@pytest.mark.parametrize(("file", "schema"), RENAMES)
def test_a_renamed_subject_is_created_and_deleted_and_both_say_so(file: str, schema: Schema) -> None:
    present = with_kept(("old", [V1]))
    new = replace(desired_subject("new", schema), location=Location(file))
    wanted = ruled(desired(replace(desired_subject("kept", V1)), new), **SOFT)

    part = plan_one(wanted, present, applied_as(present))

    created, deleted = part.changes
    assert isinstance(created, RegisterSchema) and isinstance(deleted, DeleteSubject)
    assert created.reason.endswith("before, Git called it old")
    assert deleted.reason == "Git renamed it to new"


DRIFT = [
    pytest.param(OnDrift.BLOCK, 1, [("DRIFTED", Severity.ERROR)], id="block"),
    pytest.param(OnDrift.OVERWRITE, 1, [], id="overwrite"),
    pytest.param(OnDrift.KEEP, 0, [("DRIFT_KEPT", Severity.INFO)], id="keep"),
]


@pytest.mark.parametrize(("rule", "changes", "found"), DRIFT)
def test_semantic_2_what_someone_else_changed_is_not_deleted_unsaid(
    rule: OnDrift, changes: int, found: list[tuple[str, Severity]]
) -> None:
    applied = applied_as(with_kept(("gone", [V1])))

    part = plan_one(kept(on_schema_drift=rule, **SOFT), with_kept(("gone", [V1, V2])), applied)

    assert len(part.changes) == changes
    assert all("someone else changed" in c.reason for c in part.changes)
    assert codes(part) == found


def test_a_scope_leaves_everything_outside_of_it_alone() -> None:
    present = with_kept(("gone", [V1]), ("other", [V1]))
    wanted = replace(kept(**SOFT), scope=frozenset({"kept", "gone"}))

    part = plan_one(wanted, present, applied_as(present))

    assert [c.subject for c in part.changes if isinstance(c, DeleteSubject)] == ["gone"]


def test_semantic_11_a_deletion_rests_on_every_version_that_goes() -> None:
    present = with_kept(("gone", [V1, V2]))

    part = plan_one(kept(**SOFT), present, applied_as(present))

    assert isinstance(present.histories["gone"][0], LiveVersion)
    (item,) = [i for i in part.read_set if i.subject == "gone"]
    assert (item.version, item.history is not None) == (2, True)


@pytest.mark.parametrize(
    ("deletion", "ours", "is_reset"),
    [(Deletion.SOFT, Mode.FULL, True), (Deletion.SOFT, None, False), (Deletion.HARD, Mode.FULL, False)],
)
def test_semantic_9_a_mode_that_we_had_set_does_not_outlive_its_subject(
    deletion: Deletion, ours: Mode | None, is_reset: bool
) -> None:
    present = live(("kept", [V1]), ("gone", [V1]), modes={"gone": Mode.FULL})

    part = plan_one(kept(deletion=deletion), present, applied_as(present, mode=ours))

    gone = [type(change) for change in part.changes if change.subject == "gone"]  # type: ignore[union-attr]
    assert gone == ([ResetCompatibility, DeleteSubject] if is_reset else [DeleteSubject])
