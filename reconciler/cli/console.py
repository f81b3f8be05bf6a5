"""Where output goes: reports and machine output to stdout, everything else to stderr, secrets to neither."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.text import Text

from reconciler.secrets.redaction import redact


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
def showing_progress() -> Iterator[Callable[[str], None]]:
    """Say what is being done: a spinner on a terminal, nothing elsewhere until it takes a line of its own.

    Yields:
        a function that takes one sentence.
    """
    console = _console(sys.stderr)
    if not console.is_terminal:
        yield lambda text: _emit(console, [Text(f"{text} ...")])
        return
    with console.status("") as status:
        yield lambda text: status.update(Text(redact(text), "dim"))


def _emit(console: Console, renderables: Iterator[RenderableType] | tuple[RenderableType, ...] | list[Text]) -> None:
    for renderable in renderables:
        # A log has no width: lines are wrapped for a terminal only.
        console.print(_redacted(renderable), soft_wrap=not console.is_terminal, markup=False, highlight=False)


def _redacted(renderable: RenderableType) -> RenderableType:
    """Redact before lines are wrapped, since a wrapped secret is in no line whole."""
    if isinstance(renderable, Group):
        return Group(*(_redacted(part) for part in renderable.renderables))
    if isinstance(renderable, Text):
        clean = redact(renderable.plain)
        return renderable if clean == renderable.plain else Text(clean, renderable.style)
    return redact(renderable) if isinstance(renderable, str) else renderable


@cache
def _console(file: TextIO) -> Console:
    return Console(file=file, soft_wrap=False, emoji=False)
