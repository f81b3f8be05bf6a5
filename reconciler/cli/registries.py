"""``schemafed registries``."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import click

from reconciler.cli import options
from reconciler.cli.console import emit, emit_machine, showing_progress
from reconciler.operations.registries import RegistryStatus, list_registries
from reconciler.render.outcome import render_registries


@click.command("registries")
@options.directory
@options.registry
@options.output("text", "json")
def command(root: Path, registry: str | None, output: str) -> int:
    """List the configured registries: kind, whether they answer, their version, what they can do.

    Exits with 1 when one of them does not answer.
    """
    with showing_progress() as on_progress:
        on_progress("asking the registries")
        statuses = list_registries(root, registry)
    if output == "json":
        emit_machine(json.dumps([_plain(s) for s in statuses], indent=2) + "\n")
    else:
        emit(render_registries(statuses))
    return 0 if all(s.health for s in statuses) else 1


def _plain(status: RegistryStatus) -> dict[str, Any]:
    plain = dataclasses.asdict(status)
    if status.capabilities:
        plain["capabilities"] = {
            key: sorted(value) if isinstance(value, frozenset) else value
            for key, value in plain["capabilities"].items()
        }
    return plain
