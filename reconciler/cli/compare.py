"""``schemafed compare``."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.console import emit, emit_machine, showing_progress
from reconciler.cli.plan import BLOCKED
from reconciler.operations.compare import compare_registries
from reconciler.render.comparison import render_comparisons, render_comparisons_csv, render_comparisons_json


@click.command("compare")
@click.argument("left", metavar="A")
@click.argument("right", metavar="B")
@options.directory
@click.option("--subject", metavar="GLOB", help="Only the subjects that fit, by the names that Git has for them.")
@options.output("text", "json", "csv")
def command(left: str, right: str, root: Path, subject: str | None, output: str) -> int:
    """Tell how two registries differ: subjects that one lacks, other schemas, other modes.

    A and B are registries of schemafed.yaml, or environments, whose registries are compared in their order. Names are
    those of Git: what a registry's `name` template adds is taken off. Exits with 3 where they differ.
    """
    with showing_progress() as on_progress:
        made = compare_registries(root, left, right, subject, on_progress)
    if output == "text":
        emit(render_comparisons(made))
    else:
        emit_machine(render_comparisons_json(made) if output == "json" else render_comparisons_csv(made))
    return 0 if all(each.is_equal for each in made) else BLOCKED
