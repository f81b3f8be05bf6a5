"""Which ``patternProperties`` a property falls under, in bounded time."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol, cast

from reconciler.errors import SchemaError

_BACKTRACK_LIMIT = 100_000
"""Steps of the regular expression engine; a fraction of a second, and far more than a property's name needs."""


class _Validator(Protocol):
    def is_valid(self, instance: object) -> bool: ...


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern is found in a property's name.

    Raises:
        SchemaError: the pattern is not a regular expression.
    """
    try:
        return _validator(pattern).is_valid(name)
    except UnicodeEncodeError:  # half a surrogate pair, which no pattern means
        return False


@lru_cache(maxsize=256)
def _validator(pattern: str) -> _Validator:
    import jsonschema_rs

    options = jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACK_LIMIT)
    try:
        made = jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options)
    except ValueError as error:
        raise SchemaError(
            f"the pattern `{pattern}` of `patternProperties` is not a regular expression"
            " that can be compared with names of properties",
            fix="write it in the regular expressions of ECMA-262",
        ) from error
    return cast(_Validator, made)
