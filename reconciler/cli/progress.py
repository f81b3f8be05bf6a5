"""Results as they come: lines, and on a terminal a bar with counts and remaining time below them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from reconciler.applier import Result, Status
from reconciler.cli.console import emit, redacted
from reconciler.render.outcome import render_result, render_skipped

MOST_LINES = 200
"""Above this many changes, a terminal shows the bar and what failed only."""


@contextmanager
def showing_results(total: int) -> Iterator[Callable[[Result], None]]:
    """Show each result of an apply; what was skipped only at the end, in one line for each reason.

    Args:
        total: how many there will be.

    Yields:
        a function that takes the next result.
    """
    skipped: dict[str, list[Result]] = {}

    def take(result: Result) -> None:
        if result.status is Status.SKIPPED:
            skipped.setdefault(result.message or "", []).append(result)
        else:
            show(result)

    try:
        with _showing_made(total) as show:
            yield take
    finally:
        for results in skipped.values():
            emit(render_skipped(results))


@contextmanager
def _showing_made(total: int) -> Iterator[Callable[[Result], None]]:
    if not sys.stdout.isatty():
        yield lambda result: emit(render_result(result))
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    counts: Counter[Status] = Counter()
    with Progress(*columns, transient=True) as progress:
        task = progress.add_task(_describe(counts), total=total)

        def show(result: Result) -> None:
            counts[result.status] += 1
            if total <= MOST_LINES or result.status is not Status.APPLIED:
                progress.console.print(redacted(render_result(result)), soft_wrap=True)
            progress.update(task, description=_describe(counts), advance=1)

        yield show


def _describe(counts: Counter[Status]) -> str:
    """``applying``, and how many changes did not come to a good end."""
    return ", ".join(("applying", *(f"{counts[s]:,} {s}" for s in Status if s is not Status.APPLIED and counts[s])))
