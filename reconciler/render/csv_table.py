"""A report as a table: a row for each change and for each finding, for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO

from reconciler.model import Finding, Location
from reconciler.render.report import Entry, Report
from reconciler.render.words import printable

COLUMNS = (
    "row",
    "state",
    "code",
    "change",
    "registry",
    "subject",
    "path",
    "file",
    "line",
    "column",
    "message",
    "fix",
    "compatibility",
)
"""``row`` is ``change``, ``finding`` or ``known`` (a finding that was there before). ``state`` is a change's outcome
where it was applied, and a finding's severity. ``code`` is what a change does to its subject, and a finding's
code; ``change`` is the kind of a change."""
_FORMULA = ("=", "+", "-", "@", "\t")


def render_csv(report: Report) -> str:
    """Write a row for each change and for each finding, with a heading."""
    return write_table(COLUMNS, _rows(report))


def write_table(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Write rows as CSV, with a heading; what a spreadsheet would take for a formula begins with an apostrophe.

    Args:
        rows: by column; what is missing or None is empty.
    """
    written = StringIO()
    writer = csv.DictWriter(written, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _inert("" if value is None else str(value)) for name, value in row.items()} for row in rows)
    return written.getvalue()


def _rows(report: Report) -> Iterator[dict[str, object]]:
    for entry in report.entries:
        yield {"row": "change", **_change(entry)}
    for kind, findings in (("finding", report.findings), ("known", report.known)):
        for finding in findings:
            yield {"row": kind, **_finding(finding)}


def _change(entry: Entry) -> dict[str, object]:
    return {
        "state": entry.status or "",
        "code": entry.kind,
        "change": entry.change or "",
        "registry": entry.registry or "",
        "subject": entry.subject or "",
        **_place(entry.location),
        "message": ": ".join(part for part in (entry.what, entry.problem) if part),
        "fix": entry.fix or "",
        "compatibility": "; ".join(judgement.text for judgement in entry.judgements),
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "state": finding.severity,
        "code": finding.code,
        "registry": finding.registry or "",
        "subject": finding.subject or "",
        "path": finding.path or "",
        **(_place(finding.location) if finding.location else {}),
        "message": finding.message,
        "fix": finding.fix or "",
    }


def _place(location: Location) -> dict[str, object]:
    return {"file": location.file, "line": location.line or "", "column": location.column or ""}


def _inert(text: str) -> str:
    clean = printable(text)
    return f"'{clean}" if clean.startswith(_FORMULA) else clean
