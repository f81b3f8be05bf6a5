"""The syntax of ``${...}`` in configuration values: variables, defaults, other sources of values."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reconciler.errors import SecretError

_PART = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")
_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)
_SCHEME = re.compile(r"([a-z][a-z0-9_+-]*):(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Variable:
    """``${NAME}`` or ``${NAME:-default}``: an environment variable."""

    name: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """``${scheme:target}``: a value that another source has."""

    scheme: str
    target: str


Part = str | Variable | Lookup


def parse_value(text: str) -> tuple[Part, ...]:
    """Split a value into its literal texts and its ``${...}``; ``$${`` is a literal ``${``.

    Raises:
        SecretError: a ``${`` without its end, nested ones, or something in between that is no name.
    """
    parts: list[Part] = []
    end = 0
    for match in _PART.finditer(text):
        parts.append(text[end : match.start()])
        parts.append(_parse_part(match))
        end = match.end()
    parts.append(text[end:])
    return tuple(part for part in parts if part != "")


def _parse_part(match: re.Match[str]) -> Part:
    if match[0] == "$${":
        return "${"
    if match[1] is None:
        raise SecretError(
            "`${` is not closed, or holds another brace", fix="close it with `}`; write `$${` for a literal `${`"
        )
    if variable := _VARIABLE.fullmatch(match[1]):
        return Variable(variable[1], variable[2])
    if lookup := _SCHEME.fullmatch(match[1]):
        return Lookup(lookup[1], lookup[2])
    raise SecretError(f"`{match[0]}` is not a reference", fix="write `${NAME}`, `${NAME:-default}` or `${file:PATH}`")
