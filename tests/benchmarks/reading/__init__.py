"""What reading a whole registry costs the client: processor time and requests, for each kind."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measure import Run, Runs, UnexpectedExitError
from tests.benchmarks.report import Bound, Figure

KINDS = ("local", "confluent", "karapace", "redpanda", "apicurio", "glue")
_CHECKOUT = Path(__file__).parents[3]
_EACH = 1_000.0
"""Microseconds of a core that a subject may cost."""


def measure_kinds(subjects: int, on_figure: Callable[[Figure], None]) -> None:
    """Measure the reading of as many subjects, each with its mode, in seconds of processor time.

    Args:
        on_figure: told each figure as it is there.

    Raises:
        UnexpectedExitError: a registry was not read whole.
    """
    for kind in KINDS:
        runs = [measure_kind(kind, subjects) for _ in range(3)]
        requests = f"{runs[0][1]:,} requests" if runs[0][1] else "no requests"
        bound = Bound(microseconds=_EACH)
        taken = Runs(tuple(run for run, _ in runs))
        on_figure(Figure(f"read {kind}, {requests}, CPU", subjects, taken, None, "", bound))


def measure_kind(kind: str, subjects: int) -> tuple[Run, int]:
    """One reading by a process of its own, and the requests that its server got."""
    with TemporaryDirectory(prefix="schemafed-bench-") as folder:
        command = [sys.executable, "-m", "tests.benchmarks.reading", kind, str(subjects), folder]
        done = subprocess.run(command, cwd=_CHECKOUT, capture_output=True, text=True)
    if done.returncode:
        raise UnexpectedExitError(f"{kind} was not read:\n{done.stderr}")
    told = json.loads(done.stdout)
    if told["subjects"] != subjects or told["modes"] != subjects:
        raise UnexpectedExitError(f"{kind} was not read whole: {told}")
    return Run(told["seconds"], told["peak"]), told["requests"]
