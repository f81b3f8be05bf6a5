"""`python -m tests.benchmarks [--quick]`: measure, print a table, write bench.json; exit 1 if a bound is not met."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.benchmarks.bench import CHECKOUT, measure_size, measure_start
from tests.benchmarks.compatibility import WrongVerdictError, find_unjudged, measure_compatibility
from tests.benchmarks.measure import UnexpectedExitError
from tests.benchmarks.report import Figure, Rate, print_report, write_json
from tests.benchmarks.server import NoCompilerError, UnpreparedError

_HISTORIES = 1_000
_QUICK_HISTORIES = 100


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure the schemafed command.")
    parser.add_argument("--quick", action="store_true", help="1,000 subjects only")
    parser.add_argument("--subjects", type=int, action="append", help="this many subjects; may be repeated")
    parser.add_argument("--output", type=Path, default=CHECKOUT / "bench.json", help="where the JSON goes")
    options = parser.parse_args()
    sizes = options.subjects or ([1_000] if options.quick else [1_000, 10_000])
    figures: list[Figure] = []
    rates: list[Rate] = []

    def note(figure: Figure) -> None:
        figures.append(figure)
        print(f"{figure.name}: {figure.product.seconds:.3f} s", file=sys.stderr, flush=True)

    try:
        for figure in measure_start():
            note(figure)
        for size in sizes:
            rates = measure_size(size, note)
        for figure in measure_compatibility(_QUICK_HISTORIES if options.quick else _HISTORIES):
            note(figure)
    except (NoCompilerError, UnexpectedExitError, UnpreparedError, WrongVerdictError) as error:
        print(error, file=sys.stderr)
        return 1
    print_report(figures, rates)
    for schema_format in find_unjudged():
        print(f"not measured: checks of {schema_format}, which the engine does not judge yet")
    write_json(figures, rates, options.output)
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
