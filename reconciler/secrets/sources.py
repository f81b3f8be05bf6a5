"""Where ``${scheme:target}`` comes from: a table of sources, and those of other packages.

A source is made when it is first asked, with the variables of the run, and asked once for each target.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from reconciler.errors import SecretError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINTS = "schemafed.secrets"
"""The entry point group in which a package offers sources of its own: name = scheme, value = the source's class."""


class SecretSource(Protocol):
    """One source of secrets; its constructor takes the environment variables of the run.

    Sources are asked from several threads, though never twice at once.
    """

    def read(self, target: str) -> str:
        """Read one secret.

        Args:
            target: what stands after the scheme, as it was written.

        Raises:
            SecretError: there is none, it may not be read, or the source cannot be reached. The message never holds a
                value.
        """
        ...


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """Where a source of ours is, the extra that installs what it needs, and how its targets are written."""

    module: str
    name: str
    extra: str
    target: re.Pattern[str]
    example: str


BUILT_INS: Mapping[str, BuiltIn] = {
    "vault": BuiltIn(
        "reconciler.secrets.vault", "VaultSource", "vault", re.compile(r"[^#]+/[^#]+#[^#]+"), "${vault:mount/path#key}"
    ),
    "aws-sm": BuiltIn(
        "reconciler.secrets.aws", "SecretsManagerSource", "aws", re.compile(r"[^#]+(#[^#]+)?"), "${aws-sm:name#key}"
    ),
    "aws-ssm": BuiltIn(
        "reconciler.secrets.aws", "ParameterStoreSource", "aws", re.compile(r"[^#]+"), "${aws-ssm:/path/name}"
    ),
}


def check_target(scheme: str, target: str) -> None:
    """Check how the target of a source is written, without asking it.

    Raises:
        SecretError: there is no such source, or the target is not written as it wants it.
    """
    built_in = BUILT_INS.get(scheme)
    if built_in is None:
        _find_other(scheme)
    elif not built_in.target.fullmatch(target):
        raise SecretError(
            f"`${{{scheme}:{target}}}` is not written as this source wants it", fix=f"write `{built_in.example}`"
        )


def open_source(scheme: str, variables: Mapping[str, str]) -> SecretSource:
    """Make a source; nothing is asked of it yet.

    Raises:
        SecretError: there is no such source, or what it needs is not installed.
    """
    built_in = BUILT_INS.get(scheme)
    if built_in is None:
        source: SecretSource = _find_other(scheme).load()(variables)
        return source
    try:
        made: SecretSource = getattr(import_module(built_in.module), built_in.name)(variables)
    except ModuleNotFoundError as error:
        raise SecretError(
            f"`${{{scheme}:...}}` needs the Python package {error.name}, which is not installed",
            fix=f'install it with `pip install "schemafed[{built_in.extra}]"`',
        ) from error
    return made


def _find_other(scheme: str) -> EntryPoint:
    from importlib.metadata import entry_points

    others = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    if scheme not in others:
        known = ", ".join(f"`${{{name}:...}}`" for name in ("file", *BUILT_INS, *sorted(others)))
        raise SecretError(
            f"`${{{scheme}:...}}` is not a source of secrets that this version knows",
            fix=f"use an environment variable `${{NAME}}`, or one of: {known}",
        )
    return others[scheme]
