"""Which part of Git's history a record is about, subject by subject."""

from __future__ import annotations

from datetime import UTC, datetime

from reconciler.ledger.values import ChangeOutcome, Record, RecordKind
from reconciler.operations.authorship import Span, make_spans

FILE = "schemas/order.avsc"


def record(name: str, *outcomes: ChangeOutcome) -> Record:
    return Record(name, RecordKind.RECORD, "dev", "Ada <>", datetime(2026, 1, 1, tzinfo=UTC), name, outcomes=outcomes)


def change(subject: str = "order", outcome: str = "applied", file: str = FILE) -> ChangeOutcome:
    return ChangeOutcome("register_schema", "orders", subject, outcome, file=file)


def spans(*records: Record) -> dict[tuple[str, str], Span]:
    return {(name, subject or ""): span for (name, _, subject), span in make_spans(records).items()}


def test_a_span_begins_where_the_subject_was_applied_before() -> None:
    found = spans(record("r0", change()), record("r1", change("money")), record("r2", change()))

    assert found["r0", "order"] == Span(None, 0, frozenset({FILE}))
    assert found["r2", "order"] == Span(0, 2, frozenset({FILE}))


def test_what_failed_counts_for_the_record_in_which_it_is_applied() -> None:
    found = spans(record("r0", change()), record("r1", change(outcome="failed")), record("r2", change()))

    assert found["r1", "order"].before == found["r2", "order"].before == 0


def test_a_subject_of_which_a_part_failed_was_not_applied() -> None:
    half = record("r1", change(), change(outcome="skipped"))

    assert spans(record("r0", change()), half, record("r2", change()))["r2", "order"].before == 0


def test_what_was_found_as_declared_was_applied() -> None:
    assert spans(record("r0", change(outcome="noted")), record("r1", change()))["r1", "order"].before == 0


def test_files_that_declared_it_before_belong_to_it_too() -> None:
    found = spans(record("r0", change(file="schemas/old.avsc")), record("r1", change()))

    assert found["r1", "order"].files == {"schemas/old.avsc", FILE}


def test_each_registry_has_spans_of_its_own() -> None:
    other = ChangeOutcome("register_schema", "america", "order", "applied", file=FILE)
    found = make_spans([record("r0", change()), record("r1", other)])

    assert found["r1", "america", "order"].before is None
