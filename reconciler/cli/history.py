"""``schemafed history``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.console import emit, emit_error, emit_machine, showing_progress
from reconciler.operations.history import History, Wanted, load_history, resolve_moment
from reconciler.render.ledger import render_history
from reconciler.render.words import printable

_MOMENT = "2026-11-30, 2026-11-30T14:05, 12h, 7d or 2w"


@click.command("history")
@options.directory
@options.environment
@click.option("--subject", metavar="GLOB", help="Only changes of the subjects that fit.")
@click.option("--owner", metavar="NAME", help="Only changes of subjects with this owner.")
@click.option("--registry", metavar="NAME", help="Only changes of this registry.")
@click.option("--since", metavar="WHEN", help=f"Not before: {_MOMENT}.")
@click.option("--until", metavar="WHEN", help="Not after; a day counts to its end.")
@options.output("text", "json", "csv")
def command(
    root: Path,
    environment: str | None,
    subject: str | None,
    owner: str | None,
    registry: str | None,
    since: str | None,
    until: str | None,
    output: str,
) -> int:
    """Tell who changed what in Git, when it reached which registry, with which outcome, by which run.

    Reads the ledger, which apply writes into the Git repository itself; the newest comes first. Below each subject
    stand the commits that changed its files since it was applied before, and who wrote them. Times are UTC.
    """
    wanted = Wanted(
        subject,
        owner,
        registry,
        resolve_moment(since) if since else None,
        resolve_moment(until, ends=True) if until else None,
    )
    with showing_progress() as on_progress:
        history = load_history(root, environment, wanted, on_progress)
    if history.stale_because:
        emit_error(f"warning: this is what the clone knows; {printable(history.stale_because)}")
    _report(history, output)
    return 0


def _report(history: History, output: str) -> None:
    if output == "json":
        emit_machine(json.dumps(history.document(), indent=2, ensure_ascii=False) + "\n")
    elif output == "csv":
        emit_machine(history.table())
    else:
        emit(render_history(history))
