"""Subjects that are managed elsewhere: Git's copy of them, and what the registry has."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from reconciler.model import Format, LiveState, LiveSubject, Metadata, Reference, RegisterSchema, Schema, Severity
from reconciler.planner import Desired, Live, RegistryPart
from tests.unit.planner.sides import applied_as, avro, desired, desired_subject, live, plan_one, record

MONEY = avro(record("amount", name="Money"))
MONEY_2 = avro(record("amount", {"name": "currency", "type": "string", "default": ""}, name="Money"))
NOTE = {"name": "note", "type": "string", "default": ""}


def using(name: str, kind: str, subject: str, version: int | None, *fields: dict[str, object]) -> Schema:
    used = {"name": subject, "type": kind}
    return avro(record(used, *fields, name=name), Reference(kind, subject, version))


def plan(wanted: Desired, present: Live) -> RegistryPart:
    """Plan a registry to which everything was applied that is ours."""
    ours = [name for name, subject in wanted.subjects.items() if subject.manage]
    return plan_one(wanted, present, applied_as(present, ours))


def codes(part: RegistryPart) -> list[tuple[str, str | None, Severity]]:
    return [(f.code, f.subject, f.severity) for f in part.findings]


DIFFERS = "MANAGED_ELSEWHERE_DIFFERS"
THEIRS = desired_subject("money", MONEY, manage=False)


def test_a_copy_that_is_as_live_is_not_told_of() -> None:
    spaced = avro(json.dumps(json.loads(MONEY.definition), indent=4))

    assert plan(desired(THEIRS), live(("money", [spaced]))).findings == ()


def test_a_copy_that_nothing_uses_is_a_warning() -> None:
    part = plan(desired(THEIRS), live(("money", [MONEY, MONEY_2])))

    (finding,) = part.findings
    assert codes(part) == [(DIFFERS, "money", Severity.WARNING)]
    assert "version 2 of the registry is another schema" in finding.message
    assert finding.location == THEIRS.location
    assert (part.changes, part.notes, part.read_set) == ((), (), ())


def test_what_is_unchanged_and_refers_to_it_does_not_block() -> None:
    order = using("Order", "Money", "money", None)
    present = live(("money", [MONEY_2]), ("order", [using("Order", "Money", "money", 1)]))

    part = plan(desired(THEIRS, desired_subject("order", order)), present)

    assert codes(part) == [(DIFFERS, "money", Severity.WARNING)]


def test_semantic_1_what_is_changed_and_refers_to_it_blocks() -> None:
    order = desired_subject("order", using("Order", "Money", "money", None, NOTE))

    new = plan(desired(THEIRS, order), live(("money", [MONEY_2])))
    renewed = plan(
        desired(THEIRS, desired_subject("order", using("Order", "Money", "money", None))),
        live(("money", [MONEY, MONEY_2]), ("order", [using("Order", "Money", "money", 1)])),
    )

    (finding,) = new.findings
    assert codes(new) == [(DIFFERS, "money", Severity.ERROR)]
    assert "order would be judged with the copy" in finding.message
    assert "schemafed import --registry orders --subject money --overwrite" in (finding.fix or "")
    # Nothing of it is new but the owner's version, which it follows.
    assert codes(renewed) == [(DIFFERS, "money", Severity.WARNING)]
    for part in (new, renewed):
        assert [c.subject for c in part.changes] == ["order"]


def test_semantic_1_what_refers_to_it_through_others_blocks() -> None:
    price = using("Price", "Money", "money", None)
    held = using("Price", "Money", "money", 1)
    order = desired_subject("order", using("Order", "Price", "price", None))

    for manages in (True, False):
        wanted = desired(THEIRS, desired_subject("price", price, manage=manages), order)
        part = plan(wanted, live(("money", [MONEY_2]), ("price", [held])))

        assert codes(part) == [(DIFFERS, "money", Severity.ERROR)]
        assert "order would be judged" in part.findings[0].message


def test_what_is_pinned_does_not_follow_the_copy() -> None:
    order = using("Order", "Money", "money", 1, NOTE)
    wanted = desired(THEIRS, desired_subject("order", order))

    part = plan(wanted, live(("money", [MONEY, MONEY_2])))

    assert codes(part) == [(DIFFERS, "money", Severity.WARNING)]


def test_versions_that_its_owner_refers_to_are_its_owners_affair() -> None:
    price = desired_subject("price", using("Price", "Money", "money", None), manage=False)
    present = live(("money", [MONEY, MONEY_2]), ("price", [using("Price", "Money", "money", 1)]))

    assert plan(desired(desired_subject("money", MONEY_2), price), present).findings == ()


@pytest.mark.parametrize(
    "held",
    [
        avro(record({"name": "money", "type": "string"}, name="Price")),
        using("Price", "Money", "cash", 1),
        replace(using("Price", "Money", "money", 1), metadata=Metadata({"team": "billing"})),
        Schema(Format.JSON, '{"type": "object"}'),
        avro("no schema at all"),
    ],
    ids=["references", "what they name", "metadata", "format", "text that cannot be read"],
)
def test_everything_of_a_schema_counts(held: Schema) -> None:
    ours = replace(using("Price", "Money", "money", None), metadata=Metadata({"team": "payments"}))
    price = desired_subject("price", ours, manage=False)

    part = plan(desired(THEIRS, price), live(("money", [MONEY]), ("cash", [MONEY]), ("price", [held])))

    assert codes(part) == [(DIFFERS, "price", Severity.WARNING)]


def test_what_cannot_be_used_is_told_with_its_cause() -> None:
    present = live()
    broken = LiveSubject("money", None, problem="it has a schemaType of THRIFT")
    present = Live(LiveState({"money": broken}, present.state.default_mode), present.capabilities)

    part = plan(desired(THEIRS), present)

    assert codes(part) == [(DIFFERS, "money", Severity.WARNING)]
    assert "schemaType of THRIFT" in part.findings[0].message


def test_what_is_absent_is_told_of_by_whoever_refers_to_it() -> None:
    assert plan(desired(THEIRS), live()).findings == ()

    part = plan(desired(THEIRS, desired_subject("order", using("Order", "Money", "money", None))), live())

    assert codes(part) == [("REFERENCE_NOT_IN_REGISTRY", "order", Severity.ERROR)]
    assert "have money registered by its owner first" in (part.findings[0].fix or "")
    assert [c for c in part.changes if isinstance(c, RegisterSchema)] == []
