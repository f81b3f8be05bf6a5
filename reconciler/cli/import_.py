"""``schemafed import``."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli import options
from reconciler.cli.console import emit, emit_error, showing_progress
from reconciler.operations.import_ import import_registry
from reconciler.render.findings import render_findings
from reconciler.render.outcome import render_imported


@click.command("import")
@options.directory
@options.environment
@click.option("--registry", metavar="NAME", required=True, help="The registry of schemafed.yaml to import.")
@click.option("--subject", metavar="GLOB", help="Only the subjects that fit.")
@click.option("--history", is_flag=True, help="One commit per version, so that offline checks know the past.")
@click.option("--overwrite", is_flag=True, help="Replace files that exist with other content.")
def command(
    root: Path, environment: str | None, registry: str, subject: str | None, history: bool, overwrite: bool
) -> int:
    """Write a registry that exists into the repository, such that the next plan is empty.

    Schemas are laid out for people; modes, metadata, and what the text alone does not tell of references go into
    sidecars; versions that are referred to and are not the latest become pins; the registry's own level is noted.
    """
    with showing_progress() as on_progress:
        imported = import_registry(
            root,
            registry,
            environment=environment,
            subject=subject,
            history=history,
            overwrite=overwrite,
            on_progress=on_progress,
        )
    emit_error(*render_findings(imported.findings))
    emit(render_imported(imported))
    return 0
