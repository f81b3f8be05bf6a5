"""`python -m tests.benchmarks [--quick]`: measure, print a table, write bench.json; exit 1 if a bound is not met.

`--subjects N` measures that number alone; `--only applying` (or `start`, `sizes`, `growth`, `apicurio`, `topic`,
`compatibility`, `policies`, `reading`) a part.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection, Sequence
from itertools import pairwise
from pathlib import Path

from tests.benchmarks.applying import measure_applying
from tests.benchmarks.bench import CHECKOUT, make_growth, measure_reading, measure_size, measure_start
from tests.benchmarks.compatibility import WrongVerdictError, find_unjudged, measure_compatibility
from tests.benchmarks.measure import UnexpectedExitError
from tests.benchmarks.policies import measure_policies
from tests.benchmarks.reading import measure_kinds
from tests.benchmarks.report import Figure, Rate, Weight, print_report, write_json
from tests.benchmarks.server import NoCompilerError, UnpreparedError
from tests.benchmarks.topic import measure_topic
from tests.benchmarks.unchanged import measure_unchanged

_HISTORIES = 1_000
_QUICK_HISTORIES = 100
_NEW = 2_000
_QUICK_NEW = 200
_SMALL, _LARGE, _LARGEST = 1_000, 10_000, 50_000
_PARTS = ("start", "sizes", "growth", "applying", "apicurio", "topic", "compatibility", "policies", "reading")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure the schemafed command.")
    parser.add_argument("--quick", action="store_true", help="1,000 subjects only")
    parser.add_argument("--subjects", type=int, action="append", help="this many subjects; may be repeated")
    parser.add_argument("--only", choices=_PARTS, action="append", help="this part; may be repeated")
    parser.add_argument("--output", type=Path, default=CHECKOUT / "bench.json", help="where the JSON goes")
    options = parser.parse_args()
    # Whoever installs a program has its bytecode; where this is set, every start would compile the sources again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        figures, remarks = _measure(options.only or _PARTS, options.subjects, options.quick)
    except (NoCompilerError, UnexpectedExitError, UnpreparedError, WrongVerdictError) as error:
        print(error, file=sys.stderr)
        return 1
    print_report(figures, remarks)
    for schema_format in find_unjudged():
        print(f"not measured: checks of {schema_format}, which the engine does not judge yet")
    write_json(figures, remarks, options.output)
    return 0 if all(figure.is_met for figure in figures) else 1


def _measure(
    parts: Collection[str], subjects: Sequence[int] | None, is_quick: bool
) -> tuple[list[Figure], list[Rate | Weight | str]]:
    figures: list[Figure] = []
    remarks: list[Rate | Weight | str] = []

    def note(figure: Figure) -> None:
        figures.append(figure)
        print(f"{figure.name}: {figure.product.seconds:.3f} s", file=sys.stderr, flush=True)

    sizes = subjects or ([_SMALL] if is_quick else [_SMALL, _LARGE])
    for figure in measure_start() if "start" in parts else ():
        note(figure)
    for size in sizes if "sizes" in parts else ():
        remarks = [*measure_size(size, note)]
    if "growth" in parts and _LARGE in sizes:
        measure_reading(_LARGEST, note)
        for small, large in pairwise((_SMALL, _LARGE, _LARGEST)):
            figures += list(make_growth(figures, small, large))
    if "applying" in parts:
        unasked = measure_applying(_QUICK_NEW if is_quick else _NEW, note)
        remarks.extend([f"not measured: apply to a real registry: {unasked}"] if unasked else [])
    if "apicurio" in parts:
        unasked = measure_unchanged(sizes[-1], note)
        remarks.extend([f"not measured: plan against a real registry: {unasked}"] if unasked else [])
    if "topic" in parts:
        unread = measure_topic(sizes[-1], note)
        remarks.extend([f"not measured: reading the topic: {unread}"] if unread else [])
    for figure in (
        measure_compatibility(_QUICK_HISTORIES if is_quick else _HISTORIES) if "compatibility" in parts else ()
    ):
        note(figure)
    if "policies" in parts:
        measure_policies(sizes[-1], note)
    if "reading" in parts:
        measure_kinds(sizes[-1], note)
    return figures, remarks


if __name__ == "__main__":
    sys.exit(main())
