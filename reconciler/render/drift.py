"""Drift as a report: for a terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

from reconciler.render.findings import render_findings
from reconciler.render.words import count, printable

if TYPE_CHECKING:
    from reconciler.operations.drift import DriftReport, DriftRow

MOST_UNMANAGED = 10
"""How many unmanaged subjects a report names before it counts the rest."""
FORMAT_VERSION = 1
_SHORT = 12
_KINDS: Mapping[str, str] = {"level": "the registry's own level"}
_NEXT = (
    "Next: `schemafed drift --write` takes what is live into a branch;"
    " `on_drift` says whether an apply may overwrite it."
)


def render_drift(report: DriftReport, branch: str | None = None) -> Group:
    """Show what someone else changed, with who applied each subject last, and what is nobody's."""
    lines = [Text.assemble(("Drift", "bold"), f" in environment {report.environment}")]
    for _, rows in groupby(report.rows, key=lambda row: (row.drift.registry, row.drift.subject)):
        lines += _subject(list(rows))
    for registry, names in report.unmanaged.items():
        if names:
            shown = ", ".join(map(printable, names[:MOST_UNMANAGED]))
            more = f" and {len(names) - MOST_UNMANAGED:,} more" if len(names) > MOST_UNMANAGED else ""
            lines += [Text(), Text(f"  unmanaged in {registry}: {shown}{more}", "dim")]
    lines += render_findings(report.findings)
    lines += [Text(), _conclusion(report)]
    if branch:
        lines.append(Text.assemble("Written to the branch ", (branch, "bold"), "; push it and open a pull request."))
    elif report.rows:
        lines.append(Text(_NEXT))
    return Group(*lines)


def render_drift_json(report: DriftReport, branch: str | None = None) -> str:
    """The same as JSON, ending in a newline."""
    document = {
        "version": FORMAT_VERSION,
        "environment": report.environment,
        "drift": [_document(row) for row in report.rows],
        "unmanaged": {name: list(subjects) for name, subjects in report.unmanaged.items()},
        "findings": [
            {"code": f.code, "severity": f.severity, "registry": f.registry, "message": f.message, "fix": f.fix}
            for f in report.findings
        ],
        "branch": branch,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _subject(rows: Sequence[DriftRow]) -> Iterator[Text]:
    """What changed of one subject, and who applied it: the same for all that changed of it."""
    drift, record, source = rows[0].drift, rows[0].record, rows[0].source
    name = drift.registry if drift.subject is None else f"{drift.registry}/{printable(drift.subject)}"
    kinds = ", ".join(_KINDS.get(row.drift.kind, row.drift.kind) for row in rows)
    yield Text()
    yield Text.assemble(("  ! ", "bold yellow"), (name, "bold"), f"  {kinds}")
    yield from (Text(f"      {printable(row.drift.message)}") for row in rows)
    if record:
        run = f", {record.run_url}" if record.run_url else ""
        when = f"{record.when:%Y-%m-%d %H:%M} UTC"
        yield Text(f"      last applied by {printable(record.who)}, {when}{printable(run)}", "dim")
    if source:
        what = f"{source.commit[:_SHORT]} {printable(source.subject)}, by {printable(source.author)}"
        yield Text(f"      from commit {what}", "dim")
    if drift.entry and drift.entry.owner:
        yield Text(f"      owner: {printable(drift.entry.owner)}", "dim")
    if times := max(row.times for row in rows):
        yield Text(f"      someone else wrote it {count(times, 'time')} before; it likely has a second owner", "yellow")


def _conclusion(report: DriftReport) -> Text:
    if report.rows:
        return Text(f"{count(len(report.rows), 'drift', 'drifts')}.", "bold yellow")
    if not report.is_complete:
        return Text("Not every registry could be read.", "bold red")
    return Text("No drift: what was applied is what is live.", "bold green")


def _document(row: DriftRow) -> dict[str, Any]:
    drift, entry = row.drift, row.drift.entry
    latest = drift.live.latest if drift.live else None
    applied = {"version": entry.version, "commit": entry.commit, "file": entry.location.file} if entry else {}
    if row.record:
        applied |= {"by": row.record.who, "at": row.record.when.isoformat(), "run": row.record.run_url}
    if row.source:
        applied |= {"author": row.source.author, "commit_subject": row.source.subject}
    return {
        "registry": drift.registry,
        "subject": drift.subject,
        "kind": drift.kind,
        "message": drift.message,
        "owner": entry.owner if entry else None,
        "applied": applied,
        "live": {"version": latest.version if latest else None, "mode": drift.mode},
        "interruptions": row.times,
    }
