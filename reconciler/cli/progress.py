"""An apply as it goes on: results as lines, and on a terminal a bar below them with counts and remaining time."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from rich.text import Text

from reconciler.applier import Result, Status
from reconciler.cli.console import emit, emit_error, redacted, say
from reconciler.model import Finding
from reconciler.operations.progress import Progress
from reconciler.render.findings import render_findings
from reconciler.render.outcome import render_result, render_skipped
from reconciler.render.words import printable
from reconciler.render.wrapping import wrap_hanging
from reconciler.secrets.redaction import redact

MOST_LINES = 200
"""Above this many changes, a terminal shows the bar and what failed only."""


class Listeners(NamedTuple):
    """What an apply tells, and to whom."""

    on_progress: Progress
    on_result: Callable[[Result], None]
    on_warning: Callable[[Finding], None]


def warn(finding: Finding) -> None:
    """Print a finding that does not stop a run."""
    emit_error(*render_findings([finding]))


@contextmanager
def showing_results(total: int) -> Iterator[Listeners]:
    """Show each result of an apply; what was skipped only at the end, in one line for each reason.

    Args:
        total: how many there will be.
    """
    skipped: dict[str, list[Result]] = {}

    def take(result: Result) -> None:
        if result.status is Status.SKIPPED:
            skipped.setdefault(result.message or "", []).append(result)
        else:
            shown.on_result(result)

    try:
        with _showing_made(total) as shown:
            yield shown._replace(on_result=take)
    finally:
        for results in skipped.values():
            emit(render_skipped(results))


@contextmanager
def _showing_made(total: int) -> Iterator[Listeners]:
    if not sys.stdout.isatty():
        yield Listeners(say, lambda result: emit(render_result(result)), warn)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(24),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    counts: Counter[Status] = Counter()
    with Progress(*columns, transient=True) as progress:
        task = progress.add_task("", total=total)

        def put(line: Text) -> None:
            progress.console.print(wrap_hanging(redacted(line), progress.console), markup=False, highlight=False)

        def step(text: str, done: int = 0, total: int = 0) -> None:
            say(text, done, total)
            shown = redact(printable(text))
            progress.update(task, description=f"{shown} {done:,}/{total:,}" if total else shown)

        def show(result: Result) -> None:
            counts[result.status] += 1
            if total <= MOST_LINES or result.status is not Status.APPLIED:
                put(render_result(result))
            progress.update(task, description=_describe(counts), advance=1)

        def warn_above(finding: Finding) -> None:
            for line in render_findings([finding]):
                put(line)

        yield Listeners(step, show, warn_above)


def _describe(counts: Counter[Status]) -> str:
    """``applying``, and how many changes did not come to a good end."""
    return ", ".join(("applying", *(f"{counts[s]:,} {s}" for s in Status if s is not Status.APPLIED and counts[s])))
