"""What a workflow asked for: the inputs of ``action.yml``, which hands each on as a variable."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import UsageError

PREFIX = "SCHEMAFED_INPUT_"
COMMANDS = ("check", "plan", "apply", "drift", "rollback")
"""What is run; with ``setup`` the action only installs."""
WHEN = ("auto", "always", "never")
LEVELS = ("error", "warning", "never")
_SWITCHES: Mapping[str, bool] = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a workflow asked for; None and empty where it said nothing.

    ``fail_on`` is from which severity on findings fail the job; errors that stop a run always do. ``arguments`` go to
    the command as they are.
    """

    command: str
    directory: Path
    environment: str | None = None
    plan_file: Path | None = None
    expect: str | None = None
    base: str | None = None
    fail_on: str = "error"
    comment: str = "auto"
    comment_key: str | None = None
    annotations: bool = True
    summary: bool = True
    sarif: Path | None = None
    token: str | None = None
    arguments: Sequence[str] = ()

    @property
    def key(self) -> str:
        """Which comment is ours: one for each command, environment and folder, unless the workflow says another."""
        parts = (self.command, self.environment or "", "" if self.directory == Path() else str(self.directory))
        return self.comment_key or "/".join(part for part in parts if part)


def make_inputs(variables: Mapping[str, str]) -> Inputs:
    """Make the inputs of the variables that ``action.yml`` sets.

    Raises:
        UsageError: an input has a value that it cannot have.
    """
    given = {_name(key): value.strip() for key, value in variables.items() if key.startswith(PREFIX)}
    return Inputs(
        command=_choose(given, "command", COMMANDS, "check"),
        directory=Path(given.get("working-directory") or "."),
        environment=given.get("environment") or None,
        plan_file=_path(given, "plan-file"),
        expect=given.get("expect") or None,
        base=given.get("base") or None,
        fail_on=_choose(given, "fail-on", LEVELS, "error"),
        comment=_choose(given, "comment", WHEN, "auto"),
        comment_key=given.get("comment-key") or None,
        annotations=_SWITCHES[_choose(given, "annotations", tuple(_SWITCHES), "true")],
        summary=_SWITCHES[_choose(given, "summary", tuple(_SWITCHES), "true")],
        sarif=_path(given, "sarif"),
        token=given.get("github-token") or None,
        arguments=_split(given.get("args", "")),
    )


def _name(variable: str) -> str:
    """The name of an input as `action.yml` has it."""
    return variable.removeprefix(PREFIX).lower().replace("_", "-")


def _choose(given: Mapping[str, str], name: str, choices: Sequence[str], default: str) -> str:
    value = (given.get(name) or default).lower()
    if value not in choices:
        raise UsageError(f"input `{name}`: there is no `{value}`", fix=f"one of: {', '.join(choices)}")
    return value


def _path(given: Mapping[str, str], name: str) -> Path | None:
    return Path(given[name]) if given.get(name) else None


def _split(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"input `args`: {error}", fix="quote it as for a shell, which is not asked") from error
