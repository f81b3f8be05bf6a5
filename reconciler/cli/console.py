"""Where output goes: reports and machine output to stdout, everything else to stderr, secrets to neither."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from functools import cache
from typing import TYPE_CHECKING, TextIO

from rich.console import Console, Group, RenderableType
from rich.text import Text

from reconciler.operations.progress import Progress
from reconciler.render.words import printable
from reconciler.render.wrapping import wrap_hanging
from reconciler.secrets.redaction import redact

if TYPE_CHECKING:
    from rich.table import Table


def emit(*renderables: RenderableType) -> None:
    """Print a report to stdout."""
    _emit(_console(sys.stdout), renderables)


def emit_error(*renderables: RenderableType) -> None:
    """Print what is not a result (errors, progress) to stderr."""
    _emit(_console(sys.stderr), renderables)


def emit_machine(text: str) -> None:
    """Print machine output to stdout, to the letter."""
    sys.stdout.write(redact(text))
    sys.stdout.flush()


@contextmanager
def showing_progress() -> Iterator[Progress]:
    """Say what is being done: a spinner and bars on a terminal, elsewhere a line a step."""
    console = _console(sys.stderr)
    if not console.is_terminal:
        yield say
        return
    from reconciler.cli.steps import showing_steps

    with showing_steps(console) as tell:
        yield tell


def say(text: str, done: int = 0, total: int = 0) -> None:
    """Say what is being done while something else shows how far it is: a line a step, but on a terminal nothing."""
    console = _console(sys.stderr)
    if not console.is_terminal and not total:
        _emit(console, [Text(f"{printable(text)} ...")])


def _emit(console: Console, renderables: Iterable[RenderableType]) -> None:
    # A log has neither colours nor a width; rich would take a third of the time of a long apply to find that out.
    is_log = not console.is_terminal and console.color_system is None
    for renderable in renderables:
        lines = renderable.renderables if isinstance(renderable, Group) else [renderable]
        if is_log and all(isinstance(line, Text | str) for line in lines):
            console.file.write("".join(f"{redact(str(line))}\n" for line in lines))
        else:
            clean = redacted(renderable)
            shown = wrap_hanging(clean, console) if console.is_terminal else clean
            console.print(shown, soft_wrap=not console.is_terminal, markup=False, highlight=False)
    console.file.flush()


def redacted(renderable: RenderableType) -> RenderableType:
    """Take secrets out before lines are wrapped, since a wrapped secret is in no line whole.

    Raises:
        TypeError: it is of a kind that is not looked through, and could show a secret.
    """
    if isinstance(renderable, Group):
        return Group(*(redacted(part) for part in renderable.renderables))
    if isinstance(renderable, Text):
        clean = redact(renderable.plain)
        return renderable if clean == renderable.plain else Text(clean, renderable.style)
    if isinstance(renderable, str):
        return redact(renderable)
    # Few commands show a table; the others need not wait for its import.
    from rich.table import Table

    if isinstance(renderable, Table):
        return _redact_table(renderable)
    raise TypeError(f"{type(renderable).__name__} is not looked through for secrets; say how in redacted()")


def _redact_table(table: Table) -> Table:
    clean = copy(table)
    clean.columns, clean.rows = [column.copy() for column in table.columns], []
    for column in clean.columns:
        column.header, column.footer = redacted(column.header), redacted(column.footer)
    for row, cells in zip(table.rows, zip(*(column.cells for column in table.columns), strict=True), strict=True):
        clean.add_row(*map(redacted, cells), style=row.style, end_section=row.end_section)
    return clean


@cache
def _console(file: TextIO) -> Console:
    return Console(file=file, soft_wrap=False, emoji=False)
