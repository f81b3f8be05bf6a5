"""Prints, at the end of a run, which faults were tried and what became of them, and from which number stories came.

Tests note what they did with `record_property`; runs that spread over several processes bring it to the first one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

FAULT = "fault"
STORIES = "stories"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [r for results in terminalreporter.stats.values() for r in results if isinstance(r, pytest.TestReport)]
    notes = [note for report in reports if report.when == "call" for note in report.user_properties]
    lines = render_table([v for k, v in notes if k == FAULT]) + [str(v) for k, v in notes if k == STORIES]
    if lines:
        terminalreporter.section("convergence: faults and stories")
    for line in lines:
        terminalreporter.write_line(line)


def render_table(faults: Sequence[object]) -> list[str]:
    """The lines of the table of faults, each of which is a trial and what became of its run; none without faults."""
    from tests.convergence.trials import Table

    rows = Counter(
        (str(trial), str(became)) for fault in faults if isinstance(fault, Sequence) for trial, became in [fault]
    )
    return Table(rows).render().splitlines() if rows else []
