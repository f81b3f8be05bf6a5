"""Differences between JSON Schemas that Confluent does not look at and other registries do, as rows.

Words are as in ``rules.py``.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.compatibility.clash import Rule, Words

_LOOKS_BACK = ", or choose a mode that looks backward only, such as BACKWARD"

_ADDED = (
    Words(
        "`{keyword}` of {holder} was added, so data of {old} may be invalid now",
        "leave `{keyword}` out",
    ),
    Words(
        "`{keyword}` of {holder} is in {old} and not here, so consumers with {old} may refuse data of this schema",
        "keep `{keyword}`" + _LOOKS_BACK,
    ),
)
_CHANGED = (
    Words(
        "`{keyword}` of {holder} is {reader} now and was {writer} in {old}, so data of {old} may be invalid now",
        "keep `{keyword}` {writer}",
    ),
    Words(
        "`{keyword}` of {holder} is {writer} now and {reader} in {old},"
        " so consumers with {old} may refuse data of this schema",
        "keep `{keyword}` {reader}",
    ),
)
_REPLACED = (
    Words(
        "{where} is {reader} now and was {writer} in {old}, which this registry takes for another type",
        "keep {writer}",
    ),
    Words(
        "{where} is {writer} now and was {reader} in {old}, which this registry takes for another type",
        "keep {reader}",
    ),
)
_REQUIRED = (
    Words("{where} is required now, and data of {old} may lack it", "do not require it"),
    Words("{where} is required in {old} and not here, so data of this schema may lack it", "keep it required"),
)

MORE_RULES: Mapping[str, Rule] = {
    code: Rule(code, *told)
    for code, told in {
        "REQUIRED_NAME_ADDED": _REQUIRED,
        "COMBINATION_ENTERED": _REPLACED,
        "COMBINATION_LEFT": _REPLACED,
        "COMBINATION_CHANGED": _REPLACED,
        "CONNECT_BYTES_CHANGED": _REPLACED,
        "STRING_FORMAT_ADDED": _ADDED,
        "STRING_FORMAT_CHANGED": _CHANGED,
        "CONTENT_ADDED": _ADDED,
        "CONTENT_CHANGED": _CHANGED,
        "PROPERTY_NAMES_ADDED": _ADDED,
        "PATTERN_PROPERTY_ADDED": _ADDED,
        "CONTAINS_ADDED": _ADDED,
        "CONDITION_ADDED": _ADDED,
        "CONDITION_CHANGED": _CHANGED,
    }.items()
}
"""By key, which is the code. A row counts in the dialects that name it among those that break."""
