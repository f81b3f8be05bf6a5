"""What a person reads of the ledger, as golden files; `SCHEMAFED_WRITE_GOLDEN=1` writes them anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import RenderableType

from reconciler.applied import IntendedChange
from reconciler.ledger.history import SourceCommit
from reconciler.ledger.values import ChangeOutcome, Intent, Lease, Ledger
from reconciler.operations.applying.recovery import Recovered
from reconciler.operations.history import History, HistoryRow
from reconciler.render.ledger import MOST_CHANGES, MOST_COMMITS, render_history, render_lock, render_recovered
from tests.golden import as_log, read_golden

GOLDEN = Path(__file__).parent / "golden_ledger"
NOW = datetime(2026, 11, 23, 20, 0, 5, tzinfo=UTC)
ROW = HistoryRow(
    when=NOW,
    environment="prod",
    registry="orders",
    subject="order-placed-value",
    kind="register_schema",
    outcome="applied",
    version=4,
    before=3,
    mode=None,
    owner="payments",
    file="schemas/payments/order-placed-value.avsc",
    message=None,
    source="c0ffee1234567890c0ffee1234567890c0ffee12",
    author="Grace Hopper <grace@acme.example>",
    commit_subject="Customers may tip",
    who="Ada Lovelace <ada@acme.example>",
    run_url="https://ci.example/runs/71",
    digest="d1",
    headline="apply prod: 2 applied, 1 failed",
    record="r1",
)
COMMITS = tuple(
    SourceCommit(f"{number}beef1234567890", "Mary \x1b[2J <mary@acme.example>", f"Let customers tip, step {number}")
    for number in range(MOST_COMMITS + 2)
)
OTHERS = (
    replace(ROW, kind="set_compatibility", mode="FULL", version=None, before=None),
    replace(ROW, subject="évil\x1b[2J", outcome="failed", version=None, message="the registry refuses it: HTTP 422"),
    replace(ROW, subject=None, kind="set_default_compatibility", mode="FULL", version=None, before=None, owner=None),
    replace(ROW, record="r0", headline="apply prod: 2 noted", kind="adopt", outcome="noted", version=1, before=None),
    replace(ROW, record="r0", kind="orphan", outcome="noted", version=2, before=None, subject="gone"),
)
UNLOCKED = replace(
    ROW,
    record="u1",
    headline="unlock prod: was held by Ada",
    registry=None,
    subject=None,
    kind=None,
    outcome=None,
    run_url=None,
    author=None,
    commit_subject=None,
)
LEASE = Lease("ci-7", 4711, "kernel", NOW, NOW + timedelta(minutes=10), "https://ci.example/runs/71")
CHANGE = IntendedChange("delete_subject", "orders", "gone", version=1)
HELD = Ledger(None, "tip", {}, Intent("c0ffee1234567890", "d1", "Ada Lovelace <ada@acme.example>", (CHANGE,), LEASE))
OUTCOME = ChangeOutcome("register_schema", "orders", "order", "applied", 4)
REPORTS: Mapping[str, RenderableType] = {
    "history": render_history(History("prod", (UNLOCKED, ROW, *OTHERS))),
    "history_commits": render_history(
        History(
            "prod",
            (
                replace(ROW, commits=COMMITS[:2]),
                replace(ROW, kind="set_compatibility", mode="FULL", version=None, before=None, commits=COMMITS[:2]),
                replace(ROW, subject="many", commits=COMMITS),
                replace(ROW, subject="as-told", commits=(replace(COMMITS[0], commit=ROW.source or ""),)),
            ),
        )
    ),
    "history_empty": render_history(History("prod", ())),
    "history_long": render_history(History("prod", (ROW,) * (MOST_CHANGES + 3))),
    "lock_at_work": render_lock(HELD, is_at_work=True),
    "lock_gone": render_lock(HELD, is_at_work=False),
    "recovered": render_recovered(
        Recovered("Ada, process 7 on ci", (OUTCOME, replace(OUTCOME, outcome="failed")), (("orders", "order"),))
    ),
}


@pytest.mark.parametrize("name", REPORTS)
def test_reports_of_the_ledger_read_as_agreed(name: str) -> None:
    text = as_log(REPORTS[name])

    assert text == read_golden(GOLDEN / f"{name}.txt", text)


def test_every_golden_file_has_a_report() -> None:
    assert sorted(f.stem for f in GOLDEN.iterdir()) == sorted(REPORTS)
