"""``schemafed find``."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.console import emit, emit_machine, showing_progress
from reconciler.operations.find import find
from reconciler.render.search import render_search, render_search_csv, render_search_json


@click.command("find")
@click.argument("wanted", metavar="NAME|FIELD|FINGERPRINT")
@options.directory
@options.registry
@options.output("text", "json", "csv")
def command(wanted: str, root: Path, registry: str | None, output: str) -> int:
    """Look through the latest schemas of all registries for a subject, a field or type, or a fingerprint.

    A part of a name is enough; with `*` it is a glob. Exits with 1 when a registry could not be read.
    """
    with showing_progress() as on_progress:
        search = find(root, wanted, registry, on_progress)
    if output == "text":
        emit(render_search(search))
    else:
        emit_machine(render_search_json(search) if output == "json" else render_search_csv(search))
    return 1 if search.unread else 0
