"""Semantics 7 and 8: Git goes back to an older schema; breaks that are meant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model import (
    DeleteVersions,
    Deletion,
    LiveVersion,
    Location,
    Mode,
    Outcome,
    Reference,
    RegisterSchema,
    RestoreVersion,
    Schema,
    SetCompatibility,
    Severity,
    Waiver,
)
from reconciler.planner import Desired, Live, RegistryPart, Rules, compare, plan_registry
from reconciler.registry import Dependant, RestoreWay
from reconciler.schemas.resolved import SchemaSet
from tests.unit.planner.sides import EVERYTHING, applied_as, avro, desired, desired_subject, live, plan_one, record

V1 = avro(record("id"))
NOTE: dict[str, object] = {"name": "note", "type": ["null", "string"], "default": None}
PRICE: dict[str, object] = {"name": "price", "type": "Money"}
BREAKING = avro(record("id", "amount"))
V2 = avro(record("id", NOTE))
TODAY = "2027-02-01"


def test_semantic_7_an_older_schema_becomes_the_latest_again_as_a_change_of_its_own() -> None:
    part = plan_one(desired(desired_subject("orders", V1)), live(("orders", [V1, V2])))

    (change,) = part.changes
    assert isinstance(change, RestoreVersion)
    assert (change.version, change.before.version, change.after) == (1, 2, V1)
    assert change.verdict is not None and change.verdict.outcome is Outcome.COMPATIBLE
    assert change.reason == "the declared schema is that of version 1 again"
    assert [(d.kind, d.path) for d in change.differences] == [("removed", "note")]
    assert part.findings == ()


def test_semantic_7_an_incompatible_older_schema_blocks_and_says_why() -> None:
    # Version 1 has a field without a default that version 2 dropped: readers of version 1 cannot read it.
    part = plan_one(desired(desired_subject("orders", BREAKING)), live(("orders", [BREAKING, V1])))

    assert [type(c) for c in part.changes] == [RestoreVersion]
    (finding,) = part.findings
    assert finding.blocks
    assert (finding.code, finding.against) == ("READER_FIELD_MISSING_DEFAULT_VALUE", 2)


def test_semantic_7_the_newest_of_several_equal_versions_is_meant() -> None:
    part = plan_one(desired(desired_subject("orders", V1)), live(("orders", [V1, V2, V1, V2])))

    assert [c.version for c in part.changes if isinstance(c, RestoreVersion)] == [3]


def test_semantic_7_the_registrys_own_word_that_it_holds_a_schema_counts() -> None:
    documented = avro(record("id", doc="An order."))
    present = live(("orders", [V1, V2]))

    comparison = compare(desired(desired_subject("orders", documented)), present, applied_as(present), {"orders": 1})

    assert [type(c) for c in plan_registry(comparison, present).changes] == [RestoreVersion]


def delete_newer(deletion: Deletion, *dependants: Dependant) -> RegistryPart:
    capabilities = replace(EVERYTHING, restore=RestoreWay.DELETE_NEWER)
    present = replace(
        live(("orders", [V1, V2, BREAKING, V2]), capabilities=capabilities), dependants={"orders": dependants}
    )
    return plan_one(replace(desired(desired_subject("orders", V1)), rules=Rules(deletion=deletion)), present)


@pytest.mark.parametrize(("deletion", "is_permanent"), [(Deletion.SOFT, False), (Deletion.HARD, True)])
def test_semantic_7_where_that_is_impossible_newer_versions_are_deleted(deletion: Deletion, is_permanent: bool) -> None:
    part = delete_newer(deletion)

    (change,) = part.changes
    assert isinstance(change, DeleteVersions)
    assert (change.versions, change.after.version, change.is_permanent) == ((2, 3, 4), 1, is_permanent)
    assert part.findings == ()


def test_semantic_7_deleting_newer_versions_needs_permission() -> None:
    part = delete_newer(Deletion.FORBID)

    (finding,) = part.findings
    assert (finding.code, finding.severity) == ("OLDER_VERSION", Severity.ERROR)
    assert finding.fix is not None and "deletion: soft" in finding.fix


@pytest.mark.parametrize(("checkpoint", "found"), [(1, []), (2, ["OLDER_VERSION"])])
def test_semantic_7_a_version_that_modes_compare_with_cannot_be_deleted(checkpoint: int, found: list[str]) -> None:
    capabilities = replace(EVERYTHING, restore=RestoreWay.DELETE_NEWER)
    present = live(("orders", [V1, V2]), capabilities=capabilities)
    present = present.with_subjects({"orders": replace(present.state.subjects["orders"], checkpoint=checkpoint)})

    part = plan_one(replace(desired(desired_subject("orders", V1)), rules=Rules(deletion=Deletion.HARD)), present)

    assert [finding.code for finding in part.findings] == found
    assert all("checkpoint" in str(finding.fix) for finding in part.findings)


def test_semantic_7_a_version_that_is_referred_to_is_not_deleted() -> None:
    part = delete_newer(Deletion.SOFT, Dependant("invoices", 4, 3))
    harmless = delete_newer(Deletion.SOFT, Dependant("invoices", 1, 1))

    assert [f.code for f in part.findings] == ["REFERENCED"]
    assert harmless.findings == ()


def make_shop(deletion: Deletion, *releasing: Deletion) -> tuple[Desired, Live]:
    """Money and a line that uses it, both of which go back to their first versions; only deleting leads there."""
    money = [avro(record("currency", name="Money")), avro(record("currency", NOTE, name="Money"))]
    lines = [avro(record("id", PRICE, name="Line"), Reference("Money", "money", n)) for n in (1, 2)]
    following = avro(lines[0].definition, Reference("Money", "money"))
    wanted = desired(desired_subject("money", money[0]), desired_subject("line", following))
    capabilities = replace(EVERYTHING, restore=RestoreWay.DELETE_NEWER, releasing=frozenset(releasing))
    present = live(("money", money), ("line", lines), capabilities=capabilities)
    users = (Dependant("line", 1, 1), Dependant("line", 2, 2))
    return replace(wanted, rules=Rules(deletion=deletion)), replace(present, dependants={"money": users})


def test_semantic_7_what_refers_to_a_subject_goes_back_with_it_and_before_it() -> None:
    part = plan_one(*make_shop(Deletion.SOFT, Deletion.SOFT))

    assert [(type(c), c.subject) for c in part.changes] == [(DeleteVersions, "line"), (DeleteVersions, "money")]
    assert [c.dependants for c in part.changes if isinstance(c, DeleteVersions)] == [(), ("line",)]
    assert part.findings == ()


def test_semantic_7_a_dependant_that_stays_as_it_is_refers_to_the_version_that_is_left() -> None:
    wanted, present = make_shop(Deletion.SOFT, Deletion.SOFT)
    first = LiveVersion(1, present.histories["line"][0].schema, 1)
    line = replace(present.state.subjects["line"], latest=first)
    present = present.with_subjects({"line": line}).with_histories({"line": (first,)})

    part = plan_one(wanted, replace(present, dependants={"money": (Dependant("line", 1, 1),)}))

    assert [(type(c), c.subject) for c in part.changes] == [(DeleteVersions, "money")]


def test_semantic_7_deleted_versions_that_still_count_keep_what_they_refer_to() -> None:
    part = plan_one(*make_shop(Deletion.SOFT, Deletion.HARD))

    assert [(f.code, f.subject) for f in part.findings] == [("REFERENCED", "money")]


def test_semantic_7_a_version_that_a_pin_of_this_plan_names_is_not_deleted() -> None:
    wanted, present = make_shop(Deletion.HARD, Deletion.HARD)
    pinning = desired_subject("line", avro(record("id", PRICE, NOTE, name="Line"), Reference("Money", "money", 2)))
    money = wanted.subjects["money"]
    pinned = present.histories["money"][1].schema
    schemas = SchemaSet(lambda reference: pinned if reference.version == 2 else money.schema)

    part = plan_one(replace(wanted, subjects={"money": money, "line": pinning}, schemas=schemas), present)

    (finding,) = part.findings
    assert (finding.code, finding.subject) == ("REFERENCED", "money")
    assert "the schema of line that this plan registers would still refer to it" in finding.message


def test_semantic_9_versions_that_are_deleted_count_among_the_many() -> None:
    names = [f"s{n}" for n in range(12)]
    capabilities = replace(EVERYTHING, restore=RestoreWay.DELETE_NEWER)
    present = live(*((name, [V1, V2]) for name in names), capabilities=capabilities)
    wanted = desired(*(desired_subject(name, V1) for name in names))

    part = plan_one(replace(wanted, rules=Rules(deletion=Deletion.SOFT)), present)

    assert [f.code for f in part.findings] == ["MASS_DELETION"]


# Semantic 8: waivers.


def waiver(code: str = "READER_FIELD_MISSING_DEFAULT_VALUE", **fields: str | None) -> Waiver:
    base = Waiver(code, "never used", "@acme/payments", "2027-03-01", Location("schemas/orders.yaml", 4, 3))
    return replace(base, **fields)  # type: ignore[arg-type]


def waive(*waivers: Waiver, present: Live | None = None, mode: Mode | None = None) -> RegistryPart:
    wanted = desired(desired_subject("orders", BREAKING, waivers=waivers, mode=mode))
    return plan_one(replace(wanted, rules=Rules(today=TODAY)), present or live(("orders", [V1])))


def test_semantic_8_a_waiver_leads_a_break_through_as_one_change_of_three_steps() -> None:
    part = waive(waiver())

    (change,) = part.changes
    assert isinstance(change, RegisterSchema)
    assert change.waivers == (waiver(),)
    assert change.restores_mode is None
    (finding,) = part.findings
    assert (finding.code, finding.severity) == ("WAIVED", Severity.WARNING)
    assert "never used" in finding.message and "@acme/payments" in finding.message and "2027-03-01" in finding.message


OWN_MODES = [
    # the subject's own mode, the declared one, what is restored
    pytest.param(Mode.FULL, None, Mode.FULL, id="its own"),
    pytest.param(Mode.FULL, Mode.FULL, Mode.FULL, id="its own, declared"),
    pytest.param(None, None, None, id="inherited"),
    pytest.param(None, Mode.FULL, None, id="tightened after: inherited until then"),
    pytest.param(Mode.FULL, Mode.BACKWARD, Mode.BACKWARD, id="loosened before: the new one"),
]


@pytest.mark.parametrize(("own", "declared", "restored"), OWN_MODES)
def test_semantic_8_the_mode_that_is_restored(own: Mode | None, declared: Mode | None, restored: Mode | None) -> None:
    present = live(("orders", [V1]), modes={"orders": own} if own else {})

    part = waive(waiver(), present=present, mode=declared)

    (change,) = [c for c in part.changes if isinstance(c, RegisterSchema)]
    assert change.waivers != ()
    assert change.restores_mode is restored


def test_semantic_8_an_order_of_mode_and_schema_that_passes_needs_no_waiver() -> None:
    present = live(("orders", [V1]), modes={"orders": Mode.FORWARD})

    part = waive(waiver(), present=present, mode=Mode.BACKWARD)

    assert [type(c) for c in part.changes] == [RegisterSchema, SetCompatibility]
    assert part.changes[0].waivers == ()  # type: ignore[union-attr]
    assert [f.code for f in part.findings] == ["WAIVER_UNUSED"]


NOT_ENOUGH = [
    pytest.param(waiver(until="2027-01-31"), ["READER_FIELD_MISSING_DEFAULT_VALUE", "WAIVER_EXPIRED"], id="expired"),
    pytest.param(waiver("TYPE_MISMATCH"), ["READER_FIELD_MISSING_DEFAULT_VALUE", "WAIVER_UNUSED"], id="another code"),
    pytest.param(waiver(path="/fields/7"), ["READER_FIELD_MISSING_DEFAULT_VALUE", "WAIVER_UNUSED"], id="elsewhere"),
]


@pytest.mark.parametrize(("given", "found"), NOT_ENOUGH)
def test_semantic_8_a_waiver_that_does_not_cover_the_break_leads_nothing_through(
    given: Waiver, found: list[str]
) -> None:
    part = waive(given)

    assert [f.code for f in part.findings] == found
    assert part.findings[0].blocks
    assert part.changes[0].waivers == ()  # type: ignore[union-attr]


def test_semantic_8_every_break_needs_a_waiver() -> None:
    two = avro(record("id", "amount", "country"))
    wanted = desired(desired_subject("orders", two, waivers=(waiver(path="/fields/1"),)))

    part = plan_one(replace(wanted, rules=Rules(today=TODAY)), live(("orders", [V1])))

    assert [(f.code, f.path) for f in part.findings if f.blocks] == [
        ("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/1"),
        ("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/2"),
    ]


@pytest.mark.parametrize("until", [TODAY, "2027-02-02"])
def test_semantic_8_a_waiver_holds_on_its_last_day(until: str) -> None:
    assert [f.code for f in waive(waiver(until=until)).findings] == ["WAIVED"]


def test_semantic_8_a_waiver_of_what_is_live_already_is_unused() -> None:
    part = waive(waiver(), present=live(("orders", [V1, BREAKING])))

    assert part.changes == ()
    assert [(f.code, f.severity) for f in part.findings] == [("WAIVER_UNUSED", Severity.WARNING)]


def test_semantic_8_an_unused_waiver_is_named_by_its_line_and_its_last_day() -> None:
    (finding,) = waive(waiver(), present=live(("orders", [V1, BREAKING]))).findings

    assert finding.fix is not None
    assert str(waiver().location) in finding.fix and waiver().until in finding.fix


EXPIRED = waiver(until="2027-01-31")


@pytest.mark.parametrize("versions", [[V1, BREAKING], [BREAKING]])
def test_semantic_8_an_expired_waiver_that_still_stands_is_always_a_warning(versions: list[Schema]) -> None:
    (finding,) = waive(EXPIRED, present=live(("orders", versions))).findings

    assert (finding.code, finding.severity) == ("WAIVER_EXPIRED", Severity.WARNING)
    assert "held until 2027-01-31, and still stands" in finding.message


def test_semantic_8_an_expired_waiver_beside_one_that_holds_is_a_warning_too() -> None:
    part = waive(EXPIRED, waiver())

    assert part.changes[0].waivers == (waiver(),)  # type: ignore[union-attr]
    assert [f.code for f in part.findings if not f.blocks] == ["WAIVED", "WAIVER_EXPIRED"]
    assert not any(f.blocks for f in part.findings)


def test_semantic_8_going_back_can_be_waived_too() -> None:
    part = waive(waiver(), present=live(("orders", [BREAKING, V1])))

    (change,) = part.changes
    assert isinstance(change, RestoreVersion)
    assert change.waivers == (waiver(),)


def test_semantic_1_a_registry_without_temporary_modes_lets_no_break_through() -> None:
    present = live(("orders", [V1]), capabilities=replace(EVERYTHING, resets_modes=False))

    part = waive(waiver(), present=present)

    assert [f.code for f in part.findings if f.blocks] == ["WAIVER_UNUSABLE"]
