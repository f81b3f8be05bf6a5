"""``schemafed drift``."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.console import emit, emit_machine, showing_progress
from reconciler.cli.plan import BLOCKED
from reconciler.errors import UsageError
from reconciler.operations.drift import load_drift
from reconciler.operations.drifting.writing import write_drift
from reconciler.render.drift import render_drift, render_drift_json


@click.command("drift")
@options.directory
@options.environment
@options.registry
@click.option("--subject", metavar="GLOB", help="Only the subjects that fit, by the names that they have there.")
@options.output("text", "json")
@click.option("--write", is_flag=True, help="Commit what is live to a branch, ready for a pull request.")
@click.option("--branch", metavar="NAME", help="The branch that --write makes; `drift/ENVIRONMENT` by default.")
def command(
    root: Path,
    environment: str | None,
    registry: str | None,
    subject: str | None,
    output: str,
    write: bool,
    branch: str | None,
) -> int:
    """Tell what someone else changed in the registries since it was applied, and who had applied it.

    Compares what is live with what was applied last, whatever the files say by now. Exits with 3 where there is drift.
    With --write, live schemas and modes that drifted and subjects that are nobody's become commits of a new branch; the
    work tree stays as it is.
    """
    if branch and not write:
        raise UsageError("--branch goes with --write", fix="say --write too")
    written = None
    with showing_progress() as on_progress:
        report = load_drift(root, environment=environment, registry=registry, subject=subject, on_progress=on_progress)
        if write:
            written = write_drift(root, report, branch, on_progress)
    if output == "json":
        emit_machine(render_drift_json(report, written))
    else:
        emit(render_drift(report, written))
    if not report.is_complete:
        return 1
    return BLOCKED if report.rows else 0
