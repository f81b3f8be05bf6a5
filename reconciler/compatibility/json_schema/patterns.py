"""Which of an object's ``patternProperties`` a property falls under, in bounded time."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.errors import SchemaError

_BACKTRACK_LIMIT = 10_000
"""Steps of the regular expression engine for one name: less than a millisecond, and far more than a name needs."""


def make_matcher(pattern: str) -> Callable[[str], bool]:
    """Make a function that says whether a pattern is found in a property's name.

    Raises:
        SchemaError: the pattern is not a regular expression.
    """
    import jsonschema_rs

    options = jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACK_LIMIT)
    try:
        validator = jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options)
    except ValueError as error:
        raise SchemaError(
            f"the pattern {pattern!r} of `patternProperties` is not a regular expression"
            " that can be compared with names of properties",
            fix="write it in the regular expressions of ECMA-262",
        ) from error

    def matches(name: str) -> bool:
        try:
            return validator.is_valid(name)
        except UnicodeEncodeError:  # half a surrogate pair, which no pattern means
            return False

    return matches
