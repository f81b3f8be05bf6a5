"""Drift as a report: for a terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

from reconciler.render.text import render_findings
from reconciler.render.words import count, printable

if TYPE_CHECKING:
    from reconciler.operations.drift import DriftReport, DriftRow

MOST_UNMANAGED = 10
"""How many unmanaged subjects a report names before it counts the rest."""
FORMAT_VERSION = 1


def render_drift(report: DriftReport, branch: str | None = None) -> Group:
    """Show what someone else changed, with who applied each subject last, and what is nobody's."""
    lines = [Text.assemble(("Drift", "bold"), f" in environment {report.environment}")]
    for row in report.rows:
        lines += _row(row)
    for registry, names in report.unmanaged.items():
        if names:
            shown = ", ".join(map(printable, names[:MOST_UNMANAGED]))
            more = f" and {len(names) - MOST_UNMANAGED:,} more" if len(names) > MOST_UNMANAGED else ""
            lines += [Text(), Text(f"  unmanaged in {registry}: {shown}{more}", "dim")]
    lines += render_findings(report.findings)
    lines += [Text(), _conclusion(report)]
    if branch:
        lines.append(Text.assemble("Written to the branch ", (branch, "bold"), "; push it and open a pull request."))
    return Group(*lines)


def render_drift_json(report: DriftReport, branch: str | None = None) -> str:
    """The same as JSON, ending in a newline."""
    document = {
        "version": FORMAT_VERSION,
        "environment": report.environment,
        "drift": [_document(row) for row in report.rows],
        "unmanaged": {name: list(subjects) for name, subjects in report.unmanaged.items()},
        "findings": [{"code": f.code, "severity": f.severity, "message": f.message} for f in report.findings],
        "branch": branch,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _row(row: DriftRow) -> Iterator[Text]:
    drift = row.drift
    name = printable(drift.subject) if drift.subject is not None else "the registry's own level"
    yield Text()
    yield Text.assemble(("  ! ", "bold yellow"), (f"{drift.registry}/{name}", "bold"), f"  {drift.kind}")
    yield Text(f"      {printable(drift.message)}")
    if row.record:
        run = f", {row.record.run_url}" if row.record.run_url else ""
        when = f"{row.record.when:%Y-%m-%d %H:%M} UTC"
        yield Text(f"      last applied by {printable(row.record.who)}, {when}{printable(run)}", "dim")
    if row.source:
        what = f"{row.source.commit[:10]} {printable(row.source.subject)}, by {printable(row.source.author)}"
        yield Text(f"      from commit {what}", "dim")
    if drift.entry and drift.entry.owner:
        yield Text(f"      owner: {printable(drift.entry.owner)}", "dim")
    if row.times:
        often = count(row.times, "time")
        yield Text(f"      someone else wrote it {often} before; it likely has a second owner", "yellow")


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
