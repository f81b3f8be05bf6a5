"""A comment on a pull request has a limit: what blocks stays, and no fence is left open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model import Difference, DifferenceKind, Plan
from reconciler.render.making import make_plan_report
from reconciler.render.markdown import LIMIT, render_markdown
from tests.unit.render import report_samples as samples

LONG = "x" * 400
DIFFERENCES = tuple(Difference(DifferenceKind.ADDED, f"field_{n}", None, LONG) for n in range(40))


def make_large_plan(changes: int, errors: int, warnings: int) -> Plan:
    return samples.make_plan(
        *(replace(samples.UPDATE, subject=f"subject-{n}", differences=DIFFERENCES) for n in range(changes)),
        findings=(
            *(replace(samples.WARNING, subject=f"subject-{n}") for n in range(warnings)),
            *(replace(samples.BREAK, subject=f"broken-{n}.") for n in range(errors)),
        ),
    )


@pytest.mark.parametrize(
    ("changes", "errors", "warnings"), [(300, 3, 0), (5000, 0, 0), (10, 100, 900), (500, 400, 500)]
)
def test_a_long_report_is_cut_and_keeps_the_summary_and_all_that_blocks(
    changes: int, errors: int, warnings: int
) -> None:
    report = make_plan_report(make_large_plan(changes, errors, warnings))

    text = render_markdown(report, link="https://forge.example/runs/7")

    assert len(text) <= LIMIT
    assert report.summary in text
    assert all(f"broken-{n}." in text for n in range(errors))
    assert text.count("```") % 2 == 0
    assert text.count("<details") == text.count("</details>")
    assert "a part of it was left out. It is in [the full report](https://forge.example/runs/7)." in text
    assert report.facts[-1][1] in text


def test_more_that_blocks_than_a_comment_can_hold_is_counted() -> None:
    text = render_markdown(make_plan_report(make_large_plan(0, 5000, 0)))

    shown = text.count("broken-")
    assert len(text) <= LIMIT
    assert shown > 300
    assert f"and {5000 - shown:,} more that block" in text
    assert "`--report html=FILE` writes the full report." in text


def test_a_report_that_fits_is_not_cut() -> None:
    assert "left out" not in render_markdown(make_plan_report(samples.BLOCKED))


@pytest.mark.parametrize("limit", range(2_000, 6_000, 37))
def test_whatever_the_limit_is_it_holds(limit: int) -> None:
    text = render_markdown(make_plan_report(samples.BLOCKED), limit=limit)

    assert len(text) <= limit
    assert text.count("```") % 2 == 0
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in text
