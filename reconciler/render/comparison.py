"""Registries side by side, two by two, as a report: for a terminal, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from reconciler.render.text import render_differences
from reconciler.render.words import count, printable

if TYPE_CHECKING:
    from reconciler.operations.compare import ComparedPair, RegistryComparison, Side

FORMAT_VERSION = 1
_MARKS = {"only left": ("- ", "red"), "only right": ("+ ", "green")}


def render_comparisons(made: Sequence[RegistryComparison]) -> Group:
    """Show every subject that differs, and how many do not; pair by pair of registries."""
    shown = [part for each in made for part in (_render(each), Text())]
    return Group(*shown[:-1])


def _render(made: RegistryComparison) -> Group:
    lines = [Text.assemble((printable(made.left), "bold"), " and ", (printable(made.right), "bold"))]
    if made.levels[0] is not made.levels[1]:
        left, right = (level or "none" for level in made.levels)
        lines.append(Text.assemble(("  ~ ", "yellow"), f"the registries' own modes: {left} and {right}"))
    for pair in made.pairs:
        lines += _pair(pair)
    return Group(*lines, Text(), _conclusion(made))


def render_comparisons_json(made: Sequence[RegistryComparison]) -> str:
    """The same as JSON, ending in a newline."""
    comparisons = [{"is_equal": each.is_equal, **asdict(each)} for each in made]
    is_equal = all(each.is_equal for each in made)
    document = {"version": FORMAT_VERSION, "is_equal": is_equal, "comparisons": comparisons}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def render_comparisons_csv(made: Sequence[RegistryComparison]) -> str:
    """The same as CSV, a line a subject, with a heading."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    sides = (f"{side}_{what}" for side in ("left", "right") for what in ("name", "version", "mode"))
    writer.writerow(["left", "right", "subject", "apart", *sides])
    for each in made:
        for pair in each.pairs:
            cells = (*_cells(pair.left), *_cells(pair.right))
            writer.writerow([each.left, each.right, pair.subject, " ".join(pair.apart), *cells])
    return stream.getvalue()


def _cells(side: Side | None) -> tuple[object, ...]:
    return (side.name, side.version, side.mode) if side else ("", "", "")


def _pair(pair: ComparedPair) -> Iterator[Text]:
    mark = _MARKS.get(pair.apart[0], ("~ ", "yellow"))
    yield Text.assemble("  ", mark, (printable(pair.subject), "bold"), f"  {_describe(pair)}")
    yield from render_differences(pair.differences)
    if pair.problem:
        yield Text(f"      {printable(pair.problem)}", "dim")


def _describe(pair: ComparedPair) -> str:
    if pair.left is None or pair.right is None:
        return pair.apart[0]
    told = {
        "schema": f"version {pair.left.version} and version {pair.right.version} differ",
        "mode": f"mode {pair.left.mode or 'inherited'} and {pair.right.mode or 'inherited'}",
        "unreadable": "cannot be compared",
    }
    return "; ".join(told[each] for each in pair.apart)


def _conclusion(made: RegistryComparison) -> Text:
    if made.is_equal:
        return Text.assemble(("Equal.", "bold green"), f" {count(made.equal, 'subject')}.")
    kinds = [each for pair in made.pairs for each in pair.apart]
    told = [f"{kinds.count(each):,} {each}" for each in dict.fromkeys(kinds)]
    return Text.assemble(
        ("They differ", "bold yellow"), f": {', '.join(told) or 'their own modes'}; {made.equal:,} equal."
    )
