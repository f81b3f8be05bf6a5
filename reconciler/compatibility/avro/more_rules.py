"""Differences between Avro schemas that do no harm, as rows: Confluent has no names for them, and people want to know.

Words are as in ``rules.py``.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.compatibility.clash import Rule, Words


def _tells(code: str, backward: str, forward: str) -> Rule:
    return Rule(code, Words(backward, ""), Words(forward, ""), breaks=False)


MORE_RULES: Mapping[str, Rule] = {
    rule.code: rule
    for rule in (
        _tells(
            "READER_FIELD_ADDED",
            "{where} was added with a default, which stands for it where data of {old} is read",
            "{where} was removed, and {old} has a default, which stands for it where data of this schema is read",
        ),
        _tells(
            "READER_FIELD_REMOVED",
            "{where} was removed, and consumers with this schema pass over it in data of {old}",
            "{where} was added, and consumers with {old} pass over it in data of this schema",
        ),
        _tells(
            "READER_FIELD_RENAMED",
            "{where} was called `{writer_field}` in {old}, which is one of its aliases",
            "{where} of {old} is called `{writer_field}` now, which is one of its aliases there",
        ),
        _tells(
            "NAME_CHANGED",
            "{where} is {reader_name} now and was {writer_name} in {old}, which reads as the same",
            "{where} is {writer_name} now and {reader_name} in {old}, as which it reads",
        ),
        _tells(
            "TYPE_PROMOTED",
            "{where} is {reader} now and was {writer} in {old}, which reads as {reader}",
            "{where} is {writer} now and {reader} in {old}, as which it reads",
        ),
        _tells(
            "UNION_BRANCH_ADDED",
            "{where} may be {reader} now, and could not in {old}",
            "{where} can no longer be {reader}, as it could in {old}",
        ),
        _tells(
            "ENUM_SYMBOLS_ADDED",
            "{where} has {symbols} now, and had not in {old}",
            "{where} no longer has {symbols} of {old}",
        ),
        _tells(
            "ENUM_SYMBOLS_REMOVED",
            "{where} no longer has {symbols} of {old}, which consumers with this schema read as {default}",
            "{where} has {symbols} now, which consumers with {old} read as {default}",
        ),
    )
}
"""By key, which is the code."""
