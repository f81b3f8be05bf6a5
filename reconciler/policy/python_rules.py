"""Rules that are written in Python, for what CEL cannot say; packages offer them through an entry point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reconciler.policy.expressions import ExpressionError

Check = Callable[[Mapping[str, Any]], Iterable[Mapping[str, str]]]
"""Gets the values of a scope and returns what is wrong: ``message``, and where they are known ``at`` and ``fix``."""


@dataclass(frozen=True)
class PythonRule:
    """One rule.

    Args:
        code: of its findings, in capitals; unlike that of any other rule.
        title: what it demands, in one sentence.
        severity: its level where nobody sets another.
        scope: what ``check`` is asked about, once each: subject, schema, change, registry or repository.
        check: looks at the values (:mod:`reconciler.policy.facts`); reads no files and asks no network.
        is_enabled: False: only where someone switches it on.
    """

    code: str
    title: str
    severity: Literal["error", "warning", "info"]
    scope: Literal["subject", "schema", "change", "registry", "repository"]
    check: Check
    description: str = ""
    is_enabled: bool = True


@dataclass(frozen=True)
class PythonPack:
    """What the entry point of a package leads to; its name is the pack's. ``parameters`` have their defaults."""

    description: str
    rules: tuple[PythonRule, ...]
    parameters: Mapping[str, Any] | None = None


def ask(check: Check, values: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """Ask a rule's function.

    Raises:
        ExpressionError: it fails, or returns something else than what is wrong.
    """
    try:
        found = list(check(values))
    except Exception as error:
        raise ExpressionError(f"{type(error).__name__}: {error}") from error
    for each in found:
        if not isinstance(each, Mapping) or not isinstance(each.get("message"), str):
            raise ExpressionError("what the function returns has no `message`")
    return found
