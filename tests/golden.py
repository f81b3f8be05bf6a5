"""Golden files: what a person reads, kept as it was agreed; `SCHEMAFED_WRITE_GOLDEN=1` writes them anew, to be read."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path

from rich.console import Console, RenderableType

from reconciler.render.wrapping import wrap_hanging

Report = RenderableType | list[RenderableType]


def read_golden(file: Path, text: str) -> str:
    """What was agreed; the present text first becomes it, where that was asked for."""
    if os.environ.get("SCHEMAFED_WRITE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    return file.read_text(encoding="utf-8")


def as_log(report: Report, **options: object) -> str:
    """A report as a log gets it, where lines are as long as they are."""
    console = Console(file=StringIO(), width=100, **options)  # type: ignore[arg-type]
    for part in report if isinstance(report, list) else [report]:
        console.print(part, soft_wrap=True, markup=False, highlight=False)
    return _written(console)


def on_terminal(report: Report, width: int) -> str:
    """A report as a terminal of that many columns shows it, without the blanks at the ends of lines."""
    console = Console(file=StringIO(), width=width, color_system=None)
    for part in report if isinstance(report, list) else [report]:
        console.print(wrap_hanging(part, console), markup=False, highlight=False)
    return "".join(f"{line.rstrip()}\n" for line in _written(console).splitlines())


def _written(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()
