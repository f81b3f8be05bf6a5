"""``schemafed schema``."""

from __future__ import annotations

import click

from reconciler.cli.console import emit_machine
from reconciler.operations.schema import PUBLISHED, render_schema


@click.command("schema")
@click.argument("name", type=click.Choice(tuple(PUBLISHED)))
def command(name: str) -> int:
    """Print the JSON Schema of a file that schemafed reads or writes.

    NAME is schemafed (for schemafed.yaml), defaults (for defaults.yaml), sidecar (for the YAML file beside a schema),
    waivers (for waivers.yaml), plan (for what `plan --output json` prints), policy-rules (for files of rules) or
    policy-model (for the values that rules see). Editors complete and check the files with them.
    """
    emit_machine(render_schema(name))
    return 0
