"""Reports in every format, as golden files; `SCHEMAFED_WRITE_GOLDEN=1` writes them anew, to be read and committed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler import __version__
from reconciler.model import Finding, Location
from reconciler.render.annotations import render_annotations
from reconciler.render.compat import make_judgement_report
from reconciler.render.csv_table import render_csv
from reconciler.render.html import render_html
from reconciler.render.junit import render_junit
from reconciler.render.making import make_check_report, make_error_report, make_plan_report
from reconciler.render.markdown import render_markdown
from reconciler.render.report import Report, with_folder
from reconciler.render.sarif import render_sarif
from tests.unit.render import report_samples as samples

GOLDEN = Path(__file__).parent / "golden_reports"
REPORTS: Mapping[str, Report] = {
    "plan_empty": make_plan_report(samples.EMPTY),
    "plan_returning": make_plan_report(samples.RETURNING),
    "plan_ready": make_plan_report(samples.READY),
    "plan_blocked": make_plan_report(samples.BLOCKED),
    "applied": make_plan_report(samples.READY, samples.APPLIED),
    "check": make_check_report(samples.CHECKED),
    "compat": make_judgement_report(samples.JUDGED),
    "error": make_error_report("plan", "orders: no answer", "look at its address"),
    "error_with_findings": make_error_report("plan", "the repository has problems", None, [samples.BREAK]),
}
FORMATS: Mapping[str, Callable[[Report], str]] = {
    "md": render_markdown,
    "html": render_html,
    "sarif": render_sarif,
    "junit.xml": render_junit,
    "annotations": render_annotations,
    "csv": render_csv,
}
CASES = [f"{report}.{ending}" for report in REPORTS for ending in FORMATS]


def settled(text: str) -> str:
    """Without what is not the report's: the version, and the page's own style and script."""
    text = text.replace(__version__, "VERSION")
    text = re.sub(r"(<(style|script)>).*?(</\2>)", r"\1...\3", text, flags=re.DOTALL)
    return re.sub(r"sha256-[\w+/]+=*", "sha256-...", text)


@pytest.mark.parametrize("case", CASES)
def test_reports_read_as_agreed(case: str) -> None:
    name, _, ending = case.partition(".")

    text = settled(FORMATS[ending](REPORTS[name]))

    file = GOLDEN / case
    if os.environ.get("SCHEMAFED_WRITE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


TELLING = [ending for ending in FORMATS if ending != "annotations"]
"""Annotations are of findings alone: a change in its place is no remark about a line."""


@pytest.mark.parametrize("ending", TELLING)
def test_semantic_7_going_back_is_a_change_of_its_own_in_every_format(ending: str) -> None:
    text = FORMATS[ending](REPORTS["plan_returning"]).replace("&#39;", "'")

    assert "version 1's schema becomes the latest again, as a new version after 3" in text
    assert "so that version 1 is the latest again" in text
    assert "new version after 3, AVRO" not in text


@pytest.mark.parametrize("ending", ["sarif", "csv"])
def test_semantic_7_machines_tell_going_back_by_its_kind(ending: str) -> None:
    text = FORMATS[ending](REPORTS["plan_returning"])

    assert "restore_version" in text and "delete_versions" in text


def test_every_golden_file_has_a_report() -> None:
    assert sorted(file.name for file in GOLDEN.iterdir()) == sorted(CASES)


@pytest.mark.parametrize("render", [render_sarif, render_junit, render_annotations, render_csv, render_markdown])
def test_files_are_named_from_the_root_of_the_work_tree(render: Callable[[Report], str]) -> None:
    report = with_folder(REPORTS["plan_blocked"], "events/contracts")

    text = render(report)

    assert "events/contracts/schemas/payments/customer.avsc" in text
    assert text.count("schemas/payments/customer.avsc") == text.count("events/contracts/schemas/payments/customer.avsc")


@pytest.mark.parametrize("render", [render_markdown, render_html])
def test_the_address_of_the_run_is_linked(render: Callable[..., str]) -> None:
    address = "https://forge.example/acme/schemas/actions/runs/7"

    assert address in render(REPORTS["plan_ready"], link=address)


def test_no_address_but_one_of_the_web_is_linked() -> None:
    assert "<a href" not in render_html(REPORTS["plan_ready"], link="javascript:alert(1)").partition("<header")[2]
    assert "[The full report]" not in render_markdown(REPORTS["plan_ready"], link="javascript:alert(1)")


def of_lines(finding: Finding, number: int) -> list[Finding]:
    return [replace(finding, location=Location("schemas/a.avsc", line)) for line in range(1, number + 1)]


def test_more_than_ten_annotations_of_a_kind_are_counted_in_the_tenth() -> None:
    warnings, errors, notes = of_lines(samples.WARNING, 3), of_lines(samples.BREAK, 12), of_lines(samples.NOTICE, 11)
    report = make_error_report("plan", "x", None, [*warnings, *errors, *notes])

    lines = render_annotations(report).splitlines()

    assert [line.split()[0] for line in lines] == ["::error"] * 10 + ["::warning"] * 3 + ["::notice"] * 10
    assert lines[9].endswith("%0A%0Aand 2 more errors")
    assert lines[-1].endswith("%0A%0Aand 1 more note")


def test_what_is_so_in_several_versions_is_said_once() -> None:
    later = replace(samples.BREAK, against=3, message=samples.BREAK.message.replace("version 4", "version 3"))
    report = make_error_report("plan", "x", None, [samples.BREAK, later])

    comment, annotations = render_markdown(report), render_annotations(report)

    assert comment.count("was added without a default") == 1
    assert "`READER_FIELD_MISSING_DEFAULT_VALUE` against versions 3 and 4" in comment
    assert annotations.count("::error ") == 1


def test_changes_that_look_alike_have_a_case_each() -> None:
    report = render_junit(make_plan_report(samples.make_plan(*[samples.CREATE] * 4)))

    assert report.count("<testcase ") == 4
    assert len(set(re.findall(r'testcase classname="orders" name="([^"]*)"', report))) == 4


def test_ten_thousand_changes_have_a_case_each() -> None:
    changes = [replace(samples.UPDATE, subject=f"subject-{number}") for number in range(10_000)]

    assert 'tests="10000" failures="0"' in render_junit(make_plan_report(samples.make_plan(*changes)))
