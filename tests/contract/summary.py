"""Prints, at the end of a run, what each target of the contract suite skipped and why.

`tests/contract/conftest.py` loads this; runs that spread over several processes need it in their first process too.
"""

from __future__ import annotations

from collections import Counter

import pytest

_FOLDER = "tests/contract/"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if r.nodeid.startswith(_FOLDER)]
    if not skipped:
        return
    terminalreporter.section("contract suite: what was skipped")
    for line in render_skips([(_find_target(r.nodeid), _find_reason(r.longrepr)) for r in skipped]):
        terminalreporter.write_line(line)


def render_skips(skips: list[tuple[str, str]]) -> list[str]:
    """One line for each target and reason, with the number of cases."""
    return [f"{target}: {number} x {reason}" for (target, reason), number in sorted(Counter(skips).items())]


def _find_target(nodeid: str) -> str:
    from tests.contract.targets import TARGETS

    case = nodeid.partition("[")[2]
    return next((name for name in TARGETS if name in case), "?")


def _find_reason(longrepr: object) -> str:
    text = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return str(text).removeprefix("Skipped: ")
