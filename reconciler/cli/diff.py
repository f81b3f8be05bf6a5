"""``schemafed diff``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.console import emit, emit_machine
from reconciler.model import Format
from reconciler.operations.diff import compare_structure
from reconciler.render.compat import render_comparison

DIFFERENT = 2


@click.command("diff")
@click.argument("a")
@click.argument("b")
@options.directory
@options.schema_format
@options.output("text", "json")
@click.option("--exit-code", "tells", is_flag=True, help="Exit with 2 when there are differences.")
def command(a: str, b: str, root: Path, schema_format: Format | None, output: str, tells: bool) -> int:
    """Show how schema B differs from schema A: what was added, removed, or is described otherwise.

    A and B are each a file; REV:path, a file as it was at a revision of Git, its path counted from -C DIR; or
    registry:NAME/SUBJECT[@VERSION], a version in a registry of schemafed.yaml, the latest by default. Layout and the
    order of keys do not count; whether a difference is compatible, `compat` tells.
    """
    compared = compare_structure(a, b, root, schema_format)
    if output == "json":
        emit_machine(json.dumps(compared.document(), indent=2, ensure_ascii=False) + "\n")
    else:
        emit(render_comparison(compared))
    return DIFFERENT if tells and compared.differences else 0
