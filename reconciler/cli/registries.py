"""``schemafed registries``."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import click

from reconciler.cli import options
from reconciler.cli.console import emit, emit_machine, showing_progress
from reconciler.errors import UsageError
from reconciler.operations.overview import make_overview
from reconciler.operations.registries import RegistryStatus, list_registries
from reconciler.registry import Capabilities
from reconciler.render.outcome import render_registries
from reconciler.render.overview import render_overview, render_overview_csv, render_overview_json


@click.command("registries")
@options.directory
@options.registry
@options.output("text", "json", "csv")
@click.option("--overview", is_flag=True, help="Every subject with its latest version and mode in each registry.")
def command(root: Path, registry: str | None, output: str, overview: bool) -> int:
    """List the configured registries: kind, whether they answer, their version, what they can do.

    Exits with 1 when one of them does not answer.
    """
    if overview:
        return _show_overview(root, registry, output)
    if output == "csv":
        raise UsageError("--output csv goes with --overview", fix="say --overview too")
    with showing_progress() as on_progress:
        on_progress("asking the registries")
        statuses = list_registries(root, registry)
    if output == "json":
        emit_machine(json.dumps([_plain(s) for s in statuses], indent=2) + "\n")
    else:
        emit(render_registries(statuses))
    return 0 if all(s.health for s in statuses) else 1


def _show_overview(root: Path, registry: str | None, output: str) -> int:
    with showing_progress() as on_progress:
        made = make_overview(root, registry, on_progress)
    if output == "text":
        emit(render_overview(made))
    else:
        emit_machine(render_overview_json(made) if output == "json" else render_overview_csv(made))
    return 1 if made.unread else 0


def _plain(status: RegistryStatus) -> dict[str, Any]:
    return {**dataclasses.asdict(status), "capabilities": _plain_capabilities(status.capabilities)}


def _plain_capabilities(capabilities: Capabilities | None) -> dict[str, Any] | None:
    """What a registry can do, with sets sorted, and names and settings in words."""
    if capabilities is None:
        return None
    told = {each.name: getattr(capabilities, each.name) for each in dataclasses.fields(capabilities)}
    plain = {key: sorted(value) if isinstance(value, frozenset) else value for key, value in told.items()}
    settings = {key: {name: kind.described for name, kind in told[key].items()} for key in _SETTINGS}
    names = capabilities.names.described if capabilities.names else None
    importing = dataclasses.asdict(capabilities.importing) if capabilities.importing else None
    return {**plain, **settings, "names": names, "importing": importing}


_SETTINGS = ("settings", "registry_settings")
