"""What a person reads of check, drift, rollback and history on 80 and 120 columns, and what a program reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import RenderableType

from reconciler.ledger.history import SourceCommit
from reconciler.ledger.values import Record, RecordKind
from reconciler.model import (
    AppliedSubject,
    Difference,
    DifferenceKind,
    Direction,
    Finding,
    Format,
    LiveSubject,
    LiveVersion,
    Location,
    Mode,
    Outcome,
    Schema,
    Severity,
    Source,
    Verdict,
)
from reconciler.operations.checking.base import Base
from reconciler.operations.checking.differences import Changes
from reconciler.operations.checking.values import Checked, CheckedSubject, Kind
from reconciler.operations.drift import DriftReport, DriftRow
from reconciler.operations.drifting.writing import Left, Written
from reconciler.operations.history import History, HistoryRow
from reconciler.operations.rollback import RolledBack
from reconciler.planner.drift import Drift, DriftKind
from reconciler.render.check import render_check
from reconciler.render.drift import render_drift, render_drift_json
from reconciler.render.ledger import render_history
from reconciler.render.revert import render_next_steps, render_rolled_back
from tests.golden import on_terminal, read_golden

GOLDEN = Path(__file__).parent / "golden_verbs"
FIRST, SECOND, THIRD = (digit * 40 for digit in "abc")
NOW = datetime(2026, 11, 23, 20, 0, 5, tzinfo=UTC)
RUN = "https://ci.example/acme/schemas/actions/runs/71"
ADA, GRACE = "Ada Lovelace <ada@acme.example>", "Grace Hopper <grace@acme.example>"
PLACED = Location("schemas/orders/order-placed-value.avsc", 9, 5)
STRICT = "declared in schemas/orders/defaults.yaml:1:1"


def added(path: str, what: str) -> Difference:
    return Difference(DifferenceKind.ADDED, path, after=what)


BREAK = Finding(
    "READER_FIELD_MISSING_DEFAULT_VALUE",
    Severity.ERROR,
    Source.COMPATIBILITY,
    "`total` was added without a default, so consumers with this schema cannot read data of version 1",
    subject="order-placed-value",
    path="/fields/1",
    location=PLACED,
    fix='add a default to the field, such as "default": 0',
    direction=Direction.BACKWARD,
    against=1,
)
EARLIER = replace(
    BREAK,
    message="`note` was added without a default, so consumers with this schema cannot read data of version 1",
    path="/fields/2",
)
BROKEN = CheckedSubject(
    "order-placed-value",
    Kind.CHANGED,
    PLACED,
    (Verdict(Outcome.INCOMPATIBLE, Mode.BACKWARD_TRANSITIVE, (1, 2, 3), (BREAK,), basis=STRICT),),
    changes=Changes((added("total", "int"), Difference(DifferenceKind.REMOVED, "sum", "int"))),
)
SHIPPED = CheckedSubject(
    "order-shipped-value",
    Kind.CHANGED,
    Location("schemas/orders/order-shipped-value.avsc"),
    (Verdict(Outcome.COMPATIBLE, Mode.BACKWARD, (1,), basis="declared in order-shipped-value.yaml:1:1"),),
    changes=Changes((added("note", "union null | string = null"),), (None, Mode.BACKWARD), True),
)
REWORDED = CheckedSubject("order-paid-value", Kind.CHANGED, Location("schemas/orders/order-paid-value.avsc"))
ADDED = CheckedSubject("refund-issued-value", Kind.ADDED, Location("schemas/refund-issued-value.avsc"))
RENAMED = CheckedSubject("parcel-sent", Kind.RENAMED, Location("schemas/parcel-sent.proto"), before="parcel-shipped")
DROPPED = CheckedSubject("legacy-order", Kind.DROPPED, Location("schemas/orders/legacy-order.avsc"))
BASE = Base("origin/main", SECOND, frozenset())
PASSED = Checked(BASE, "prod", 214, (SHIPPED, REWORDED, ADDED, RENAMED, DROPPED), (), (EARLIER,))
BLOCKED = Checked(BASE, "prod", 1_214, (BROKEN, SHIPPED), (BREAK,), (EARLIER,), {BROKEN.name: (FIRST, SECOND, THIRD)})

ENTRY = AppliedSubject(FIRST, Location(PLACED.file), "f" * 64, 3, mode=Mode.FULL, owner="payments")
LIVE = LiveSubject("order-placed-value", LiveVersion(4, Schema(Format.AVRO, '"string"')), Mode.NONE)
DRIFTED = Drift(
    DriftKind.SCHEMA,
    "orders",
    LIVE.name,
    f"version 3 of commit {FIRST[:12]} ({PLACED.file}) was applied, and version 4 is live",
    ENTRY,
    LIVE,
    Mode.NONE,
    (
        added("note", "union null | string = null"),
        Difference(DifferenceKind.CHANGED, "refers to money", "version 1", "version 2"),
    ),
)
LOOSENED = replace(DRIFTED, kind=DriftKind.MODE, message="its mode was set to FULL, and is NONE now", differences=())
GONE = Drift(
    DriftKind.VANISHED,
    "orders",
    "refund-issued-value",
    f"version 1 of commit {FIRST[:12]} (schemas/refund-issued-value.avsc) was applied, and the registry does not have"
    " the subject any more",
    replace(ENTRY, version=1),
)
WRITTEN = Written(
    "drift/prod",
    2,
    (
        Left("orders", None, "declare the level at `registries.orders.compatibility` of schemafed.yaml"),
        Left("orders", GONE.subject, "it is gone there: remove schemas/refund-issued-value.avsc, or create it again"),
    ),
)
LEVEL = Drift(
    DriftKind.LEVEL, "orders", None, "the registry's own level was set to FULL, and is NONE now", mode=Mode.NONE
)
RECORD = Record("d" * 40, RecordKind.RECORD, "prod", ADA, NOW, "apply prod: 2 applied", FIRST, "e" * 64, RUN)
COMMIT = SourceCommit(FIRST, ADA, "Add the note to orders")
AWAY = Finding(
    "REGISTRY_UNREADABLE",
    Severity.ERROR,
    Source.REGISTRY,
    "no answer from https://america.example: connection refused",
    "america",
    fix="plan the others meanwhile with --registry",
)
DRIFT = DriftReport(
    "prod",
    (DriftRow(DRIFTED, RECORD, COMMIT, 2), DriftRow(LOOSENED, RECORD, COMMIT), DriftRow(LEVEL)),
    {"orders": tuple(f"clicks-{number:02}-value" for number in range(12))},
    (AWAY,),
)
NO_DRIFT = DriftReport("prod", ())

BACK = RolledBack(
    FIRST,
    "Release 1.4.0: orders carry a note for whoever packs them, and refunds tell why",
    ("order-placed-value", "order-shipped-value"),
    ("refund-issued-value",),
    ("invoice-sent-value",),
    (PLACED.file, "schemas/orders/order-shipped-value.avsc", "schemas/refund-issued-value.avsc"),
    SECOND,
)

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
    file=PLACED.file,
    message=None,
    source=FIRST,
    author=GRACE,
    commit_subject="Customers may tip, and whoever packs an order may leave a note in it",
    who=ADA,
    run_url=RUN,
    digest="e" * 64,
    headline="apply prod: 1 applied, 1 failed",
    record="r1",
)
FAILED = replace(
    ROW,
    subject="order-shipped-value",
    outcome="failed",
    version=None,
    message="the registry refuses it: Schema being registered is incompatible with an earlier schema (HTTP 409)",
)
HISTORY = History(
    "prod", (ROW, FAILED, replace(ROW, record="r0", kind="restore_version", headline="apply prod: 1 applied"))
)

REPORTS: Mapping[str, list[RenderableType]] = {
    "check_passed": [render_check(PASSED)],
    "check_blocked": [render_check(BLOCKED)],
    "drift": [render_drift(DRIFT)],
    "drift_none": [render_drift(NO_DRIFT)],
    "drift_gone": [render_drift(DriftReport("prod", (DriftRow(GONE, RECORD, COMMIT),), option=" -e prod"))],
    "drift_written": [render_drift(replace(DRIFT, rows=DRIFT.rows[:1], findings=()), WRITTEN)],
    "drift_unwritten": [render_drift(replace(DRIFT, rows=DRIFT.rows[2:], findings=()), Written(left=WRITTEN.left[:1]))],
    "history": [render_history(HISTORY)],
    "rollback": [render_rolled_back(BACK), render_next_steps(BACK)],
    "rollback_blocked": [render_next_steps(BACK, " -e prod", is_blocked=True)],
    "rollback_staged": [render_rolled_back(replace(BACK, commit=None)), render_next_steps(replace(BACK, commit=None))],
}
DOCUMENTS: Mapping[str, str] = {
    "check_passed": json.dumps(PASSED.document(), indent=2) + "\n",
    "check_blocked": json.dumps(BLOCKED.document(), indent=2) + "\n",
    "drift": render_drift_json(DRIFT),
    "drift_written": render_drift_json(replace(DRIFT, rows=DRIFT.rows[:1], findings=()), WRITTEN),
    "history": json.dumps(HISTORY.document(), indent=2) + "\n",
}


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", REPORTS)
def test_reports_of_the_verbs_read_as_agreed(name: str, width: int) -> None:
    text = on_terminal(REPORTS[name], width)

    assert text == read_golden(GOLDEN / f"{name}_{width}_columns.txt", text)
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_of_the_verbs_are_as_agreed(name: str) -> None:
    assert DOCUMENTS[name] == read_golden(GOLDEN / f"{name}.json", DOCUMENTS[name])


def test_every_golden_file_has_a_report() -> None:
    texts = [f"{name}_{width}_columns.txt" for name in REPORTS for width in (80, 120)]

    assert sorted(f.name for f in GOLDEN.iterdir()) == sorted([*texts, *(f"{name}.json" for name in DOCUMENTS)])
