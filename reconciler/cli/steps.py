"""Steps of a long run on a terminal: a spinner, and a bar with counts and remaining time for whatever is counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from reconciler.operations import progress
from reconciler.render.words import printable
from reconciler.secrets.redaction import redact

FEWEST_COUNTED = 20
"""Fewer questions are answered before anybody has read how many there are."""


class _OfCounted(ProgressColumn):
    """A column that only counted steps have."""

    def __init__(self, column: ProgressColumn) -> None:
        self.column = column
        super().__init__()

    def render(self, task: Task) -> RenderableType:
        return self.column(task) if task.total is not None else Text()


@contextmanager
def showing_steps(console: Console) -> Iterator[progress.Progress]:
    """Show steps for as long as a ``with`` block lasts; nothing of them is left then."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", style="dim", markup=False),
        *map(_OfCounted, (BarColumn(24), MofNCompleteColumn(), TimeRemainingColumn())),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        step = shown.add_task("", total=None)
        counted: dict[str, TaskID] = {}

        def tell(text: str, done: int = 0, total: int = 0) -> None:
            if not total:
                shown.update(step, description=redact(printable(text)))
            elif total >= FEWEST_COUNTED:
                task = counted.get(text)
                if task is None:
                    task = counted[text] = shown.add_task(redact(printable(text)), total=total)
                shown.update(task, completed=done, total=total, visible=done < total)

        yield tell
