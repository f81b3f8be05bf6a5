"""Drift as a report: for a terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

from reconciler.render.findings import render_findings
from reconciler.render.text import render_differences
from reconciler.render.words import count, printable

if TYPE_CHECKING:
    from reconciler.operations.drift import DriftReport, DriftRow
    from reconciler.operations.drifting.writing import Written

MOST_UNMANAGED = 10
"""How many unmanaged subjects a report names before it counts the rest."""
FORMAT_VERSION = 1
_SHORT = 12
MOST_LEFT = 50
"""How many drifts that a branch does not have a report names before it counts the rest."""
_KINDS: Mapping[str, str] = {"level": "the registry's own level"}
_WRITABLE = frozenset({"schema", "mode", "level", "settings"})


def render_drift(report: DriftReport, written: Written | None = None) -> Group:
    """Show what someone else changed, with who applied each subject last, and what is nobody's.

    Args:
        written: what became of it with --write.
    """
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
    lines += _written(written) if written else _next_steps(report)
    return Group(*lines)


def render_drift_json(report: DriftReport, written: Written | None = None) -> str:
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
        "branch": written.branch if written else None,
        "left": [asdict(left) for left in written.left] if written else [],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _subject(rows: Sequence[DriftRow]) -> Iterator[Text]:
    """What changed of one subject, and who applied it: the same for all that changed of it."""
    drift, record, source = rows[0].drift, rows[0].record, rows[0].source
    name = drift.registry if drift.subject is None else f"{drift.registry}/{printable(drift.subject)}"
    kinds = ", ".join(_KINDS.get(row.drift.kind, row.drift.kind) for row in rows)
    yield Text()
    yield Text.assemble(("  ! ", "bold yellow"), (name, "bold"), f"  {kinds}")
    for row in rows:
        yield Text(f"      {printable(row.drift.message)}")
        yield from render_differences(row.drift.differences)
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


def _written(written: Written) -> Iterator[Text]:
    if written.branch:
        commits = f", {count(written.commits, 'commit')}; push it and open a pull request."
        yield Text.assemble("Written to the branch ", (written.branch, "bold"), commits)
    if written.left:
        yield Text("Not in it, and for a person to settle:" if written.branch else "Nothing was written:", "bold")
    for left in written.left[:MOST_LEFT]:
        name = left.registry if left.subject is None else f"{left.registry}/{printable(left.subject)}"
        yield Text.assemble(("  ! ", "bold yellow"), (name, "bold"), f"  {printable(left.why)}")
    if len(written.left) > MOST_LEFT:
        yield Text(f"  and {len(written.left) - MOST_LEFT:,} more", "dim")


def _next_steps(report: DriftReport) -> Iterator[Text]:
    kinds = {row.drift.kind for row in report.rows}
    steps = [
        f"`schemafed drift{report.option} --write` takes what is live into a branch" if kinds & _WRITABLE else "",
        "`on_drift` says whether an apply may overwrite it" if kinds - {"vanished"} else "",
        f"`schemafed apply{report.option} --recreate SUBJECT` creates again what is gone"
        if "vanished" in kinds
        else "",
    ]
    if kinds:
        yield Text(f"Next: {'; '.join(step for step in steps if step)}.")


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
        "differences": [asdict(difference) for difference in drift.differences],
        "owner": entry.owner if entry else None,
        "applied": applied,
        "live": {"version": latest.version if latest else None, "mode": drift.mode},
        "interruptions": row.times,
    }
