"""``schemafed copy``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from reconciler.cli import INTERRUPTED, options
from reconciler.cli.console import emit, emit_error, emit_machine, showing_progress
from reconciler.errors import UsageError
from reconciler.operations.copy import Copied, Copying, CopyRun, Planned, open_copy
from reconciler.operations.interrupts import terminating_gently
from reconciler.render.copy import render_copied, render_copy_json, render_copy_plan, render_restored
from reconciler.render.words import count

_BLOCKED = 3


@click.command("copy")
@options.directory
@click.option("--from", "source", metavar="A", required=True, help="The registry that is copied.")
@click.option("--to", "target", metavar="B", required=True, help="The registry that it is copied into.")
@click.option("--all-versions", "has_every_version", is_flag=True, help="The whole history, not the latest alone.")
@click.option("--keep-ids", "keeps_ids", is_flag=True, help="Under the same ids and numbers, where B can do that.")
@click.option(
    "--subject", metavar="GLOB", default="*", help="Only the subjects that fit, by Git's names, and what they refer to."
)
@click.option("--except", "excepted", metavar="GLOB", multiple=True, help="Not these; may be said several times.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Show what would be copied, and write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@options.output("text", "json")
def command(
    root: Path,
    source: str,
    target: str,
    has_every_version: bool,
    keeps_ids: bool,
    subject: str,
    excepted: tuple[str, ...],
    is_dry: bool,
    yes: bool,
    output: str,
) -> int:
    """Copy subjects of registry A into registry B: schemas, modes, settings, with --all-versions their history.

    A and B are registries of schemafed.yaml, or environments with one registry each; each registry's `name` template
    says what a subject is called there. What is there already is not copied again, so that a copy that was cut off is
    finished by another one. A subject of B with versions that are not A's blocks the copy. In the end everything is
    read back and compared. Exits with 3 where something blocks, and with 1 where it could not be finished.
    """
    if output == "json" and not (is_dry or yes):
        raise UsageError("--output json cannot ask", fix="say --dry-run or --yes")
    asked = Copying(source, target, has_every_version, keeps_ids, subject, excepted)
    with open_copy(root, asked) as run, terminating_gently():
        if not is_dry:
            emit_error(*render_restored(run.restore(), target))
        with showing_progress() as on_progress:
            planned = run.plan(on_progress)
        if output == "text":
            emit(render_copy_plan(planned.plan))
        if is_dry or not planned.plan.can_copy or not planned.plan.changed:
            return _end(planned, output)
        if not yes and not _is_confirmed(planned):
            emit("Nothing was copied.")
            return 0
        return _make(run, planned, output)


def _end(planned: Planned, output: str) -> int:
    """Report a plan that is not carried out."""
    if output == "json":
        emit_machine(render_copy_json(planned.plan, None))
    return 0 if planned.plan.can_copy else _BLOCKED


def _make(run: CopyRun, planned: Planned, output: str) -> int:
    with showing_progress() as on_progress:
        copied = run.make(planned, on_progress)
    if output == "json":
        emit_machine(render_copy_json(planned.plan, copied))
    else:
        emit("", render_copied(copied))
    return _exit_code(copied)


def _exit_code(copied: Copied) -> int:
    if copied.is_interrupted:
        return INTERRUPTED
    if copied.failed or copied.unrestored:
        return 1
    return 0 if copied.is_complete else _BLOCKED


def _is_confirmed(planned: Planned) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on", fix="say --yes, or --dry-run to see what would be copied")
    what = count(sum(len(subject.writes) for subject in planned.plan.changed), "version")
    subjects = count(len(planned.plan.changed), "subject")
    return click.confirm(f"\nCopy {what} of {subjects} to {planned.plan.target}?", default=False)
