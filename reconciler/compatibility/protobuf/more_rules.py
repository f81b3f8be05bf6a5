"""Differences between Protobuf files that Confluent does not look at and other registries do, as rows.

They are about what sources and JSON go by (names, types as they are written, what is reserved), not about the bytes.
Words are as in ``rules.py``.
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.compatibility.clash import Rule, Words

_SWAPPED = "; this mode compares the two with their roles exchanged"

MORE_RULES: Mapping[str, Rule] = {
    rule.code: rule
    for rule in (
        Rule(
            "FIELD_NUMBER_CHANGED",
            Words("{where} has number {reader} now and had {writer} in {old}", "keep the number {writer}"),
            Words("{where} has number {writer} now and had {reader} in {old}", "keep the number {reader}"),
        ),
        Rule(
            "FIELD_REMOVED_WITHOUT_RESERVATION",
            Words(
                "{where} of {old} was removed, and its name and number may be used for something else now",
                "write `reserved {number};` and `reserved {name};` into the message, or keep the field",
            ),
            Words(
                "{where} was added, and {old} does not reserve its name and number" + _SWAPPED,
                "choose a mode that looks backward only, such as BACKWARD_TRANSITIVE",
            ),
        ),
        Rule(
            "FIELD_TYPE_CHANGED",
            Words(
                "{where} is of type `{reader}` now and was `{writer}` in {old}, which this registry takes for another",
                "keep `{writer}`, or add a new field",
            ),
            Words(
                "{where} is of type `{writer}` now and was `{reader}` in {old}, which this registry takes for another",
                "keep `{reader}`, or add a new field",
            ),
        ),
        Rule(
            "FIELD_LABEL_CHANGED",
            Words(
                "{where} has {reader} now and had {writer} in {old}, which this registry does not allow to change",
                "go back to {writer}",
            ),
            Words(
                "{where} has {writer} now and had {reader} in {old}, which this registry does not allow to change",
                "go back to {reader}",
            ),
        ),
        Rule(
            "RESERVED_REMOVED",
            Words(
                "{where} no longer reserves all that {old} does ({writer})",
                "keep the `reserved` lines, and give new fields names and numbers of their own",
            ),
            Words(
                "{where} reserves {writer} now, and {old} does not" + _SWAPPED,
                "choose a mode that looks backward only, such as BACKWARD_TRANSITIVE",
            ),
        ),
        Rule(
            "RPC_REMOVED",
            Words("the method {where} of {old} was removed", "keep the method"),
            Words(
                "the method {where} was added, and {old} does not have it" + _SWAPPED,
                "choose a mode that looks backward only, such as BACKWARD_TRANSITIVE",
            ),
        ),
        Rule(
            "RPC_CHANGED",
            Words("the method {where} is `{reader}` now and was `{writer}` in {old}", "keep what it takes and returns"),
            Words("the method {where} is `{writer}` now and was `{reader}` in {old}", "keep what it takes and returns"),
        ),
    )
}
"""By key, which is the code. A row counts in the dialects that name it among those that break."""
