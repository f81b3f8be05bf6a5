"""Where a rule is broken, as an error with a pointer, a line and a column."""

from __future__ import annotations

from reconciler.errors import SchemaError
from reconciler.schemas import json_positions
from reconciler.schemas.json_positions import pointer, without_comments

At = tuple[object, ...]
"""A place as nested tuples: the place of the enclosing schema, then steps; () is the root. Cheap to make for each type,
and only turned into a pointer for errors and needs."""


def make_pointer(at: At) -> str:
    """The JSON pointer of a place."""
    steps: list[str | int] = []
    while at:
        enclosing, *own = at
        steps[:0] = own  # type: ignore[assignment]
        assert isinstance(enclosing, tuple)
        at = enclosing
    return pointer(steps)


def locate(definition: str, path: str) -> tuple[int, int] | None:
    """Find the line and column of a path, past comments; see :meth:`reconciler.schemas.Language.locate`."""
    return json_positions.locate(without_comments(definition), path)


def make_flaw(
    text: str, at: At | str, message: str, fix: str | None = None, code: str = "SCHEMA_INVALID"
) -> SchemaError:
    """Make the error for a rule that is broken at a place (or pointer) of a text."""
    path = at if isinstance(at, str) else make_pointer(at)
    line, column = locate(text, path) or (0, 0)
    return SchemaError(message, path=path, line=line, column=column, fix=fix, code=code)
