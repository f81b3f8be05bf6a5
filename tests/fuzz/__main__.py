"""`python -m tests.fuzz [--seconds N] [--seed N]`: try examples for a time; exit 1 at the first that ends badly."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from itertools import count
from time import monotonic

from reconciler.model import EVENT_FORMATS, Format
from tests.fuzz.rounds import run_round
from tests.fuzz.watchdog import BadOutcomeError, Watchdog

_EXAMPLES_A_ROUND = 200


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Try texts that nobody means well.")
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("FUZZ_SECONDS", "600")), help="how long")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)), help="of the first round")
    parser.add_argument("--format", type=Format, choices=sorted(EVENT_FORMATS), action="append", help="only this one")
    options = parser.parse_args()
    end = monotonic() + options.seconds
    outcomes: Counter[str] = Counter()
    with Watchdog() as watchdog:
        for number in count(options.seed):
            for schema_format in options.format or sorted(EVENT_FORMATS):
                try:
                    found = run_round(schema_format, number, _EXAMPLES_A_ROUND, watchdog, shrink=True)
                except BadOutcomeError as error:
                    print(f"{error}\nagain with --seed {number} --format {schema_format}", file=sys.stderr)
                    return 1
                outcomes.update({f"{schema_format}: {outcome}": times for outcome, times in found.items()})
            if monotonic() > end:
                break
    for outcome, times in sorted(outcomes.items()):
        print(f"{times:8,} {outcome}")
    print(f"{outcomes.total():8,} examples, rounds {options.seed} to {number}, none ended badly")
    return 0


if __name__ == "__main__":
    sys.exit(main())
