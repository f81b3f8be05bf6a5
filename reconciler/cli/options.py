"""The options that are the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reconciler.model import Format

if TYPE_CHECKING:
    from reconciler.operations.scope import Permissions, Scope

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
_since = click.option(
    "--since", metavar="REV", help="Only what may have changed since a commit: files, settings, what refers to them."
)
take_over = click.option(
    "--take-over",
    "take_over",
    metavar="GLOB",
    multiple=True,
    help="Let Git win over subjects that live already, differ, and were never applied.",
)
recreate = click.option(
    "--recreate", metavar="SUBJECT", multiple=True, help="Create a subject again that was applied and is gone."
)
mass_change = click.option(
    "--allow-mass-change", "allow_mass_change", is_flag=True, help="Let a large share of our subjects be deleted."
)


def planning(function: Callable[..., int]) -> Callable[..., int]:
    """The options of whatever makes a plan; the command gets them as ``scope`` and ``permissions``."""

    @wraps(function)
    def command(
        *,
        environment: str | None,
        registry: str | None,
        subject: str | None,
        since: str | None,
        take_over: tuple[str, ...],
        recreate: tuple[str, ...],
        allow_mass_change: bool,
        **others: Any,
    ) -> int:
        from reconciler.operations.scope import Permissions, Scope

        scope = Scope(environment, subject, registry, since)
        return function(scope=scope, permissions=Permissions(take_over, recreate, allow_mass_change), **others)

    for option in (mass_change, recreate, take_over, _since, subject, registry, environment):
        command = option(command)
    return command


def type_options(root: Path, scope: Scope, permissions: Permissions) -> list[str]:
    """The options of :func:`planning` and ``-C`` as they are typed, so that another command makes the same plan."""
    named = (
        ("-C", None if root == Path.cwd() else str(root)),
        ("-e", scope.environment),
        ("--registry", scope.registry),
        ("--subject", scope.subject),
        ("--since", scope.since),
        *(("--take-over", glob) for glob in permissions.take_over),
        *(("--recreate", glob) for glob in permissions.recreate),
    )
    typed = [part for name, value in named if value is not None for part in (name, value)]
    return [*typed, "--allow-mass-change"] if permissions.allow_mass_change else typed


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
