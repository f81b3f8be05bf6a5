"""What a job shows and hands on: its summary, annotations, and outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from reconciler.action.outcomes import Outcome
from reconciler.action.posting import Posted
from reconciler.render.annotations import render_message
from reconciler.render.markdown_text import fence
from reconciler.render.words import printable

MOST_SUMMARY = 1024 * 1024 - 4096
"""So many bytes a step may add to the summary of its job, with some to spare."""
Say = Callable[[str], None]


def make_summary(outcome: Outcome, notes: tuple[str, ...] = ()) -> str:
    """The report as Markdown; what a command printed where it writes none."""
    markdown = outcome.written.get("markdown")
    report = _read(markdown) if markdown else ""
    if not report:
        report = fence([printable(line) for line in outcome.text.splitlines()] or ["nothing was printed"])
    told = "".join(f"> {note}\n\n" for note in notes)
    return f"{told}{report.rstrip()}\n"


def write_summary(path: str | None, text: str) -> str | None:
    """Add a text to the summary of the job, cut to what it may have; where it was written."""
    if not path:
        return None
    content = text.encode()
    if len(content) > MOST_SUMMARY:
        content = content[:MOST_SUMMARY].decode(errors="ignore").encode() + b"\n\n(cut: too long for a summary)\n"
    with Path(path).open("ab") as file:
        file.write(content + b"\n")
    return path


def write_outputs(path: str | None, outputs: Mapping[str, object]) -> None:
    """Hand values on to later steps; each stays on its line, so that none can pose as another."""
    if not path:
        return
    lines = [f"{name}={' '.join(_write(value).split())}\n" for name, value in outputs.items()]
    with Path(path).open("a", encoding="utf-8") as file:
        file.writelines(lines)


def make_outputs(exit_code: int, outcome: Outcome, posted: Posted | None, summary: str | None) -> dict[str, object]:
    """The outputs that ``action.yml`` names."""
    written = outcome.written
    return {
        "exit-code": exit_code,
        "has-changes": outcome.changes > 0,
        "destructive": outcome.deletes > 0,
        "creates": outcome.creates,
        "updates": outcome.updates,
        "deletes": outcome.deletes,
        "errors": outcome.errors,
        "warnings": outcome.warnings,
        "plan-file": written.get("plan", ""),
        "plan-digest": outcome.digest,
        "summary-file": written.get("markdown", summary or ""),
        "sarif-file": written.get("sarif", ""),
        "html-file": written.get("html", ""),
        "comment-id": posted.id if posted else "",
        "comment-url": posted.url if posted else "",
        "applied": outcome.applied,
        "drift": outcome.drift,
    }


def say_annotations(outcome: Outcome, say: Say) -> None:
    """Put each finding on its line of the pull request."""
    file = outcome.written.get("annotations")
    for line in _read(file).splitlines() if file else ():
        say(line)


def say_warning(text: str, say: Say) -> None:
    """Tell of a lack that changes nothing about the verdict."""
    say(render_message("warning", "schemafed", text))


def say_error(text: str, say: Say) -> None:
    """Tell what stopped the run."""
    say(render_message("error", "schemafed", text))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _write(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
