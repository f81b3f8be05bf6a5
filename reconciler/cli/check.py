"""``schemafed check``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.console import emit, emit_machine, showing_progress
from reconciler.operations.check import check
from reconciler.render.check import render_check

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
@options.output("text", "json")
def command(root: Path, environment: str | None, base: str | None, staged: bool, output: str) -> int:
    """Tell what a change of the repository breaks, from Git alone: no registry is asked.

    Validates every file, and judges each subject that the change touches against what Git had before: the commit that
    the change and REV have in common, and under a transitive mode every schema of the subject's history. What was wrong
    before is shown apart and does not count.

    Exit codes: 0 passed, 3 the change brings something that blocks, 1 error.
    """
    with showing_progress() as on_progress:
        checked = check(root, environment, base, is_staged=staged, on_progress=on_progress)
    if output == "json":
        emit_machine(json.dumps(checked.document(), indent=2, ensure_ascii=False) + "\n")
    else:
        emit(render_check(checked))
    return 0 if checked.is_passed else BLOCKED
