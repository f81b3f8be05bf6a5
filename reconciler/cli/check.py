"""``schemafed check``."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.console import emit, showing_progress
from reconciler.cli.reports import (
    FORMATS,
    Answer,
    Wanted,
    emit_answer,
    render_document,
    report_option,
    reporting_errors,
    write_reports,
)
from reconciler.operations.check import check
from reconciler.operations.checking.values import Checked
from reconciler.render.check import render_check
from reconciler.render.making import make_check_report

BLOCKED = 3


@click.command("check")
@options.directory
@options.environment
@click.option(
    "--base",
    metavar="REV",
    help="What the change sets out from; by default the branch of the pull request, else the default branch.",
)
@click.option("--staged", is_flag=True, help="Check what is staged, against HEAD: for a pre-commit hook.")
@click.option("--live", is_flag=True, help="Ask the registries too, which needs a network and credentials.")
@click.option("--all", "is_all", is_flag=True, help="Read every file, and show all that was wrong before.")
@options.output("text", *FORMATS)
@report_option
def command(
    root: Path,
    environment: str | None,
    base: str | None,
    staged: bool,
    live: bool,
    is_all: bool,
    output: str,
    reports: tuple[Wanted, ...],
) -> int:
    """Tell what a change of the repository breaks, from Git alone: no registry is asked without --live.

    Validates every file that the change concerns, and judges each subject that it touches against what Git had before:
    the commit that the change and REV have in common, and under a transitive mode every schema of the subject's
    history. What was wrong before with these files is shown apart and does not count. With --live each subject is also
    held against what the registries have of it: those that the base names, at the addresses that it names.

    Exit codes: 0 passed, 3 the change brings something that blocks, 1 error, or a registry that cannot be read.
    """
    with reporting_errors(root, "check", reports), showing_progress() as on_progress:
        checked = check(
            root, environment, base, is_staged=staged, reads_all=is_all, asks_live=live, on_progress=on_progress
        )
    answer = Answer(lambda: make_check_report(checked), lambda: render_document(checked.document()))
    write_reports(root, answer, reports)
    if output == "text":
        emit(render_check(checked))
    else:
        emit_answer(root, answer, output)
    return exit_code(checked)


def exit_code(checked: Checked) -> int:
    """The exit code of a check: what could not be read comes first, then what blocks."""
    if not checked.is_complete:
        return 1
    return 0 if checked.is_passed else BLOCKED
