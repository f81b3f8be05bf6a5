"""``schemafed rollback``."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.console import emit, emit_error, showing_progress
from reconciler.errors import SchemafedError
from reconciler.operations.plan import plan
from reconciler.operations.rollback import rollback
from reconciler.operations.scope import Scope
from reconciler.render.revert import render_next_steps, render_rolled_back
from reconciler.render.text import render_error, render_plan


@click.command("rollback")
@options.directory
@options.environment
@click.option("--to", "revision", metavar="REV", required=True, help="The commit, tag or branch to go back to.")
@click.option(
    "--subject",
    "subjects",
    metavar="GLOB",
    multiple=True,
    help="Only the subjects that fit, and what they use; may be repeated. All of them by default.",
)
@click.option("--reason", metavar="TEXT", help="Why, for the commit message.")
@click.option("--no-commit", is_flag=True, help="Stage the files and commit nothing.")
def command(
    root: Path,
    environment: str | None,
    revision: str,
    subjects: tuple[str, ...],
    reason: str | None,
    no_commit: bool,
) -> int:
    """Make schemas in Git what they were at a commit, and show what each registry would get.

    Writes one commit to the checked out branch: the files of the subjects, their sidecars and what they use, as they
    were at REV; nothing else. No registry is written to: review the commit and apply it like any other.
    """
    with showing_progress() as on_progress:
        on_progress("reading both revisions")
        made = rollback(root, revision, subjects, reason=reason, commits=not no_commit)
    emit(render_rolled_back(made))
    if not made.files:
        return 0
    try:
        with showing_progress() as on_progress:
            # Who uses what went back is concerned too, whatever the globs say.
            before = f"{made.commit}^" if made.commit else "HEAD"
            planned = plan(root, Scope(environment, since=before), on_progress).plan
        emit("", render_plan(planned), "")
    except SchemafedError as error:
        # The commit is made; a plan can be had whenever the registries can be read.
        emit_error("", render_error(f"no plan could be made yet: {error}", error.fix))
    emit(render_next_steps(made))
    return 0
