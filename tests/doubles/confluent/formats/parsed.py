"""What every format makes of a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class InvalidTextError(Exception):
    """The text is no schema of its format."""


@dataclass(frozen=True)
class Dependency:
    """A referenced schema: the name by which it is referenced, and its text."""

    name: str
    text: str


@dataclass(frozen=True)
class Parsed:
    """`text` is what the registry stores and returns; equal `identity` means the same schema."""

    schema_type: str
    text: str
    identity: str
    model: Any


def make_reason(kind: str, path: str, what: str, info: str) -> str:
    """Write one incompatibility the way the registry words them."""
    return f"{{errorType:'{kind}', description:'{what} at path '{path}'', additionalInfo:'{info}'}}"
