"""What was measured, as a table for people and as JSON for machines; bounds are judged here and nowhere else."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.measure import Runs

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Bound:
    """What a figure must keep to: times its floor, seconds, megabytes, microseconds for each of what is counted; None
    does not count.
    """

    ratio: float | None = None
    seconds: float | None = None
    megabytes: float | None = None
    microseconds: float | None = None

    def __str__(self) -> str:
        parts = (
            f"<= {self.ratio:.3g}x floor" if self.ratio else "",
            f"< {self.seconds:g} s" if self.seconds else "",
            f"< {self.megabytes:g} MB" if self.megabytes else "",
            f"< {self.microseconds:g} µs each" if self.microseconds else "",
        )
        return ", ".join(filter(None, parts))


@dataclass(frozen=True)
class Figure:
    """One measured command, or piece of work, beside its floor.

    ``subjects`` 0: it has nothing to do with their number. ``floor`` None: there is nothing to hold it against.
    """

    name: str
    subjects: int
    product: Runs
    floor: Runs | None
    floor_name: str
    bound: Bound = field(default_factory=Bound)

    @property
    def ratio(self) -> float:
        """Times its floor; 0 where there is none."""
        return self.product.seconds / self.floor.seconds if self.floor else 0.0

    @property
    def microseconds(self) -> float:
        """For each of what was counted; 0 where nothing was."""
        return self.product.seconds * 1e6 / self.subjects if self.subjects else 0.0

    @property
    def is_met(self) -> bool:
        """Whether the figure keeps to its bound; true where there is none."""
        pairs = (
            (self.bound.ratio, self.ratio),
            (self.bound.seconds, self.product.seconds),
            (self.bound.megabytes, self.product.peak_bytes / MEGABYTE),
            (self.bound.microseconds, self.microseconds),
        )
        return all(most is None or value <= most for most, value in pairs)


@dataclass(frozen=True)
class Rate:
    """How many answers a second the server of the measurements gives to one client."""

    client: str
    connections: int
    requests: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    def __str__(self) -> str:
        return f"server: {self.per_second:,.0f} answers a second to {self.client} over {self.connections} connections"


@dataclass(frozen=True)
class Weight:
    """What a ledger of so many records and subjects takes on disk."""

    records: int
    subjects: int
    bytes: int

    def __str__(self) -> str:
        megabytes = self.bytes / MEGABYTE
        return f"ledger: {megabytes:.1f} MB on disk for {self.records:,} records of {self.subjects:,} subjects"


def print_report(figures: Sequence[Figure], remarks: Sequence[Rate | Weight | str]) -> None:
    """Print the table, and below it how quick the server is and how small the ledger."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("measured", "count", "seconds", "µs each", "floor", "floor is", "ratio", "peak MB", "bound", ""):
        is_number = column in {"count", "seconds", "µs each", "floor", "ratio", "peak MB"}
        table.add_column(column, justify="right" if is_number else "left", no_wrap=True)
    for figure in figures:
        table.add_row(*_make_row(figure))
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    for remark in remarks:
        console.print(str(remark), highlight=False)


def _make_row(figure: Figure) -> tuple[str, ...]:
    verdict = "[green]met[/]" if figure.is_met else "[bold red]NOT MET[/]"
    return (
        figure.name,
        f"{figure.subjects:,}" if figure.subjects else "",
        f"{figure.product.seconds:.3f}",
        f"{figure.microseconds:,.1f}" if figure.subjects else "",
        f"{figure.floor.seconds:.3f}" if figure.floor else "",
        figure.floor_name,
        f"{figure.ratio:.2f}" if figure.floor else "",
        f"{figure.product.peak_bytes / MEGABYTE:.0f}" if figure.product.peak_bytes else "",
        str(figure.bound),
        verdict if str(figure.bound) else "",
    )


def write_json(figures: Sequence[Figure], remarks: Sequence[Rate | Weight | str], file: Path) -> None:
    """Write everything, every single run included."""
    content = {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "figures": [_make_entry(figure) for figure in figures],
        "server": [vars(r) | {"per_second": round(r.per_second)} for r in remarks if isinstance(r, Rate)],
        "ledger": [vars(r) for r in remarks if isinstance(r, Weight)],
    }
    file.write_text(json.dumps(content, indent=2) + "\n")


def _make_entry(figure: Figure) -> dict[str, object]:
    return {
        "name": figure.name,
        "subjects": figure.subjects,
        "seconds": round(figure.product.seconds, 4),
        "microseconds_each": round(figure.microseconds, 2) or None,
        "floor_seconds": round(figure.floor.seconds, 4) if figure.floor else None,
        "floor": figure.floor_name or None,
        "ratio": round(figure.ratio, 3) if figure.floor else None,
        "peak_bytes": figure.product.peak_bytes or None,
        "bound": str(figure.bound) or None,
        "is_met": figure.is_met,
        "runs": [round(run.seconds, 4) for run in figure.product.runs],
        "floor_runs": [round(run.seconds, 4) for run in figure.floor.runs] if figure.floor else [],
    }
