"""``schemafed validate``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.console import emit, emit_machine
from reconciler.operations.validate import validate
from reconciler.render.outcome import render_validation

BLOCKED = 3


@click.command("validate")
@options.directory
@options.environment
@options.output("text", "json")
def command(root: Path, environment: str | None, output: str) -> int:
    """Check every file of the repository, without any network.

    Reads schemafed.yaml, every defaults.yaml and sidecar, and parses every schema with what it refers to. All problems
    are reported in one run, each with file, line and column, what is wrong, and what would be right.
    """
    validated = validate(root, environment)
    if output == "json":
        emit_machine(json.dumps(validated.document(), indent=2, ensure_ascii=False) + "\n")
    else:
        emit(render_validation(validated))
    return 0 if validated.is_valid else BLOCKED
