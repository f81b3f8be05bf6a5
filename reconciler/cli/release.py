"""``schemafed release``."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.console import emit, showing_progress
from reconciler.operations.release import release
from reconciler.render.words import count, printable


@click.command("release")
@click.argument("subjects", nargs=-1, required=True, metavar="SUBJECT...")
@options.directory
@options.environment
@options.registry
def command(root: Path, subjects: tuple[str, ...], environment: str | None, registry: str | None) -> int:
    """Stop managing subjects that Git does not declare any more; their registries keep them.

    SUBJECT is the name that a subject has in its registry, or a glob. What is released is unmanaged from then on: plans
    list it and leave it alone. Nothing is deleted.
    """
    with showing_progress() as on_progress:
        released = release(root, subjects, environment=environment, registry=registry, on_progress=on_progress)
    for name, subject in released:
        emit(f"  {name}/{printable(subject)}")
    emit(f"Released {count(len(released), 'subject')}; nothing was deleted.")
    return 0
