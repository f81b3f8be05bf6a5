"""Drift as Markdown, for the summary of a job and for its one issue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reconciler.render.markdown_text import code, escape, escape_prose
from reconciler.render.words import count

MOST = 100
"""So many rows are shown before the rest is counted."""


def render_drift_markdown(document: Mapping[str, Any], link: str | None) -> str:
    """Write what drifted, and who answers for it.

    Args:
        document: what ``schemafed drift --output json`` prints.
        link: the address of the run.
    """
    rows: Sequence[Mapping[str, Any]] = document.get("drift", ())
    environment = code(str(document.get("environment", "")))
    if not rows:
        return f"## ✅ No drift in {environment}\n\nWhat was applied is what is live.\n"
    lines = [
        f"## ⚠️ Drift in {environment}: {count(len(rows), 'difference')}",
        "",
        "Someone changed the registries by another way than this repository.",
        "",
        "| Subject | What | Owner | Applied last |",
        "|---|---|---|---|",
        *map(_row, rows[:MOST]),
        *([f"\nand {count(len(rows) - MOST, 'more difference')}"] if len(rows) > MOST else ()),
        "",
        "`schemafed drift --write` takes what is live into a branch; an apply overwrites it where `on_drift` lets it.",
    ]
    if link:
        lines += ["", f"<sub>[The run]({link})</sub>"]
    return "\n".join(lines) + "\n"


def _row(row: Mapping[str, Any]) -> str:
    name = "/".join(str(part) for part in (row.get("registry"), row.get("subject")) if part)
    cells = (code(name), escape_prose(str(row.get("message", ""))), escape(str(row.get("owner") or "")))
    return f"| {' | '.join((*cells, ', '.join(_applied(row.get('applied') or {}))))} |"


def _applied(applied: Mapping[str, Any]) -> Iterator[str]:
    if applied.get("by"):
        yield escape(f"by {applied['by']}")
    if applied.get("at"):
        yield escape(str(applied["at"])[:16].replace("T", " "))
    if applied.get("commit"):
        yield code(str(applied["commit"])[:12])
