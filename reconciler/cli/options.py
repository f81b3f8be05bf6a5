"""The options that are the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from reconciler.model import Format

Function = TypeVar("Function", bound=Callable[..., Any])

directory = click.option(
    "-C",
    "root",
    metavar="DIR",
    default=".",
    show_default="the present folder",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    help="The repository's root, where schemafed.yaml is.",
)
environment = click.option(
    "-e", "--environment", metavar="NAME", help="The environment; the first of schemafed.yaml by default."
)
registry = click.option("--registry", metavar="NAME", help="One registry only.")
subject = click.option("--subject", metavar="GLOB", help="Only the subjects that fit, and what they refer to.")
plan_file = click.option(
    "--plan-file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Save the plan, to be reviewed and applied as it is.",
)


def output(*formats: str) -> Callable[[Function], Function]:
    """``--output FORMAT``; the first format is the default."""
    return click.option(
        "--output", "output", type=click.Choice(formats), default=formats[0], show_default=True, help="How to report."
    )


def _make_format(context: click.Context, parameter: click.Parameter, value: str | None) -> Format | None:
    return Format(value.upper()) if value else None


schema_format = click.option(
    "--format",
    "schema_format",
    type=click.Choice([name.lower() for name in Format], case_sensitive=False),
    callback=_make_format,
    help="The format of the files; told by their endings by default.",
)
