"""Intents, leases and records as the texts of the ledger's commits, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from reconciler.applied import AppliedSubject, IntendedChange
from reconciler.ledger.documents import render_intent, render_lease, render_message, resolve_intent, resolve_record
from reconciler.ledger.values import ChangeOutcome, Intent, Lease, RecordKind
from reconciler.model import Location, Mode
from reconciler.secrets.redaction import remember

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
LEASE = Lease("ci-7", 4711, "kernel pid", NOW, NOW + timedelta(minutes=10), "https://ci.example/runs/7")
ENTRY = AppliedSubject("c0ffee", Location("schemas/größe.avsc"), "abc", mode=Mode.FULL)
CHANGES = (
    IntendedChange("register_schema", "orders", "größe", 3, None, ENTRY, is_temporary=True, restores_mode=Mode.FULL),
    IntendedChange("set_default_compatibility", "orders", None, mode=Mode.NONE),
    IntendedChange("delete_subject", "orders", "gone", version=1, is_permanent=True),
    IntendedChange("delete_versions", "orders", "back", version=3, versions=(2, 3)),
)


def test_an_intent_is_read_back_with_its_lease() -> None:
    intent = Intent("c0ffee", "d1", 'Ada "Countess" <ada@example.com>', CHANGES, LEASE)

    assert resolve_intent(render_intent(intent).encode(), render_lease(LEASE).encode()) == intent


def test_an_intent_that_nobody_holds() -> None:
    intent = Intent("c0ffee", "d1", "Ada", CHANGES)

    assert resolve_intent(render_intent(intent).encode(), None) == intent


def test_an_intent_has_a_line_a_change() -> None:
    lines = render_intent(Intent("c0ffee", "d1", "Ada", CHANGES)).splitlines()

    assert sum('"kind"' in line for line in lines) == len(CHANGES)


def test_a_record_is_read_back_from_its_message() -> None:
    outcomes = (
        ChangeOutcome("register_schema", "orders", "größe", "applied", 4, 3, owner="payments", file="schemas/g.avsc"),
        ChangeOutcome("set_compatibility", "orders", "b", "failed", mode="FULL", message="refused:\n\nno"),
        ChangeOutcome("set_default_compatibility", "orders", None, "applied", mode="FULL"),
    )
    message = render_message(
        RecordKind.RECORD,
        "prod",
        "apply prod: 1 applied, 1 failed",
        source="c0ffee",
        digest="d1",
        run_url="https://ci.example/runs/7",
        outcomes=outcomes,
    )

    record = resolve_record("tip", "Ada", 1_764_000_000, message)

    assert record is not None
    assert record.outcomes == outcomes
    assert (record.kind, record.environment, record.source, record.digest, record.run_url) == (
        RecordKind.RECORD,
        "prod",
        "c0ffee",
        "d1",
        "https://ci.example/runs/7",
    )
    assert record.headline == "apply prod: 1 applied, 1 failed"
    assert record.when == datetime.fromtimestamp(1_764_000_000, UTC)


def test_a_commit_of_somebody_else_is_no_record() -> None:
    assert resolve_record("tip", "Eve", 0, "Fix the ledger\n\nby hand\n") is None
    assert resolve_record("tip", "Eve", 0, "Fix") is None


def test_a_message_holds_no_secret() -> None:
    remember("hunter2-very-secret")
    outcome = ChangeOutcome("register_schema", "orders", "a", "failed", message="401 for hunter2-very-secret")

    message = render_message(RecordKind.RECORD, "prod", "apply prod", outcomes=[outcome])

    assert "hunter2" not in message
