"""``schemafed unlock``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.console import emit, showing_progress
from reconciler.errors import UsageError
from reconciler.operations.unlock import is_at_work, is_locked, load_lock, unlock
from reconciler.render.ledger import render_lock


@click.command("unlock")
@options.directory
@options.environment
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(root: Path, environment: str | None, yes: bool) -> int:
    """Take the lease from an apply that is gone, after showing whose it is.

    Needed only where the run cannot be seen from here to be dead and its lease has not expired. The next apply finds
    out by reading the registries what that run had done. If it is not gone after all, it stops before its next write,
    some five seconds from now at the latest, and records what it did. Without an answer from the remote it goes on
    until its lease is over.
    """
    with showing_progress() as on_progress:
        ledger = load_lock(root, environment, on_progress)
    if not is_locked(ledger):
        emit("Nobody holds the ledger.")
        return 0
    emit(render_lock(ledger, is_at_work=is_at_work(ledger)))
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("there is no terminal to ask on", fix="say --yes")
        if not click.confirm("\nTake the lease from this run?", default=False):
            return 0
    was_at_work = is_at_work(ledger)
    unlock(ledger)
    meanwhile = " If that run is still there, it stops within seconds." if was_at_work else ""
    emit(f"Unlocked.{meanwhile} The next apply finds out what that run had done.")
    return 0
