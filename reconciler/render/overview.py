"""All registries side by side: a table for a terminal, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from reconciler.render.words import count, printable

if TYPE_CHECKING:
    from reconciler.operations.overview import Held, Overview

FORMAT_VERSION = 1
_ABSENT = "–"


def render_overview(made: Overview) -> Group:
    """Show a line a subject and a column a registry."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("subject", overflow="fold")
    for name, level in zip(made.registries, made.levels, strict=True):
        table.add_column(Text(f"{name}\n{level or 'no level'}"), overflow="fold")
    for row in made.rows:
        table.add_row(printable(row.subject), *(Text(describe_held(held)) for held in row.held))
    lines = [Text.assemble(("not read: ", "bold red"), printable(why)) for _, why in made.unread]
    total = f"{count(len(made.rows), 'subject')} in {count(len(made.registries), 'registry', 'registries')}."
    return Group(table, *lines, Text(total))


def render_overview_json(made: Overview) -> str:
    """The same as JSON, ending in a newline."""
    return json.dumps({"version": FORMAT_VERSION, **asdict(made)}, indent=2, ensure_ascii=False) + "\n"


def render_overview_csv(made: Overview) -> str:
    """The same as CSV, with a heading; a column for the version and one for the mode of each registry."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["subject", *(f"{name} {what}" for name in made.registries for what in ("version", "mode"))])
    for row in made.rows:
        cells = [
            cell for held in row.held for cell in ((held.version, held.mode or held.closing) if held else ("", ""))
        ]
        writer.writerow([row.subject, *cells])
    return stream.getvalue()


def describe_held(held: Held | None) -> str:
    """``3  FULL``, ``3  inherited``; a dash where there is nothing."""
    if held is None:
        return _ABSENT
    if held.problem:
        return "unreadable"
    mode = held.mode or held.closing or "inherited"
    return f"{held.version}  {mode}" if held.version is not None else f"no version  {mode}"
