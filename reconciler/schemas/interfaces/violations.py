"""What a specification forbids, as an error with its place in the text."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.errors import SchemaError
from reconciler.schemas.json_positions import locate, pointer

Path = tuple[str | int, ...]
_LONGEST = 200


def make_violation(text: str, path: Path, message: str, fix: str) -> SchemaError:
    """An error at a place of a text; at its beginning where there is no such place."""
    line, column = locate(text, pointer(path)) or (1, 1)
    return SchemaError(message, path=pointer(path), line=line, column=column, fix=fix)


def find_first(text: str, problems: Iterable[tuple[Path, str]], specification: str, address: str) -> SchemaError | None:
    """The first of the problems in the order of the text; None where there is none.

    Args:
        problems: the path of each, and a library's words for it.
        specification: its name with its version.
        address: where it can be read.
    """
    errors = [
        make_violation(
            text,
            path,
            f"not a valid document of {specification}: {_shorten(words.partition(chr(10))[0])}",
            f"correct it; the specification is at {address}",
        )
        for path, words in problems
    ]
    return min(errors, key=lambda error: (error.line, error.column), default=None)


def _shorten(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
