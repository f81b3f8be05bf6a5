"""``schemafed rollback``."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.console import emit, emit_error, showing_progress
from reconciler.cli.plan import BLOCKED, exit_code
from reconciler.errors import SchemafedError
from reconciler.operations.plan import plan
from reconciler.operations.rollback import RolledBack, rollback
from reconciler.operations.scope import Scope
from reconciler.operations.settings import load_valid_config
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

    Exit codes are those of the plan that follows: 0 it can be applied, 3 it is blocked, 1 a registry could not be read.
    The commit is made in each of these cases; before it, an error exits with 1 and changes nothing.
    """
    config = load_valid_config(root)
    option = config.type_environment(config.select_environment(environment))
    with showing_progress() as on_progress:
        on_progress("reading both revisions")
        made = rollback(
            root,
            revision,
            subjects,
            environment=environment,
            reason=reason,
            commits=not no_commit,
            on_progress=on_progress,
        )
    emit(render_rolled_back(made))
    if not made.files:
        return 0
    code = _show_plan(root, environment, made)
    emit(render_next_steps(made, option, is_blocked=code == BLOCKED))
    return code


def _show_plan(root: Path, environment: str | None, made: RolledBack) -> int:
    """Show what each registry would get; the exit code."""
    # Who uses what went back is concerned too, whatever the globs say.
    before = f"{made.commit}^" if made.commit else "HEAD"
    try:
        with showing_progress() as on_progress:
            planned = plan(root, Scope(environment, since=before), on_progress).plan
    except SchemafedError as error:
        # The commit is made; a plan can be had whenever the registries can be read.
        emit_error("", render_error(f"no plan could be made yet: {error}", error.fix))
        return error.exit_code
    emit("", render_plan(planned), "")
    return exit_code(planned, detailed=False)
