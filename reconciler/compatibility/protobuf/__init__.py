"""Can a reader with one Protobuf file read what a writer with another one wrote? As Confluent's registry judges it.

Source of the rules: the behaviour of Confluent Schema Registry, which follows the Protobuf language guide, "Updating A
Message Type". Fields are told by number, messages by name; labels count only where both files write them; a referenced
definition is compared where it differs. Syntax, options, reserved numbers, groups, extensions and services are ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import cast

from reconciler.compatibility.clash import Clash, Rule
from reconciler.compatibility.dialects import departure_of, make_rules
from reconciler.compatibility.protobuf.comparison import find_clashes
from reconciler.compatibility.protobuf.more_rules import MORE_RULES
from reconciler.compatibility.protobuf.rules import RULES
from reconciler.compatibility.terms import CONFLUENT, Terms
from reconciler.errors import SchemaError
from reconciler.model import Dialect, Format
from reconciler.schemas import Parsed
from reconciler.schemas.protobuf import ParsedProtobuf

__all__ = ["compare", "rules_of"]


@cache
def rules_of(dialect: Dialect) -> Mapping[str, Rule]:
    """A dialect's table of rules, by key."""
    departure = departure_of(dialect, Format.PROTOBUF)
    return make_rules(RULES, MORE_RULES, departure) if departure else RULES


def compare(reader: Parsed, writer: Parsed, terms: Terms = CONFLUENT) -> Iterable[Clash]:
    """Everything that differs between two files, what breaks and what does no harm, each place once.

    Args:
        reader: the new schema where the question is BACKWARD.
        writer: the old one then.
        terms: whose rules.

    Raises:
        SchemaError: imported types refer to types in a chain of hundreds.
    """
    ours, theirs, rules = cast(ParsedProtobuf, reader), cast(ParsedProtobuf, writer), rules_of(terms.dialect)
    try:
        found = find_clashes(ours.types, theirs.types, rules)
    except RecursionError as error:
        raise SchemaError(
            "types use each other in too long a chain to be compared", fix="split the schema into several"
        ) from error
    if rules is RULES or MORE_RULES.keys().isdisjoint(rules):
        return found
    return _with_spelling(found, ours, theirs, rules)


def _with_spelling(
    found: Iterable[Clash], reader: ParsedProtobuf, writer: ParsedProtobuf, rules: Mapping[str, Rule]
) -> Iterable[Clash]:
    """Add what differs in writing alone; a place that breaks already needs no second reason."""
    from reconciler.compatibility.protobuf.spelling import compare_spelling

    clashes = list(found)
    broken = {clash.path for clash in clashes if clash.rule.breaks}
    return [*clashes, *(clash for clash in compare_spelling(reader, writer, rules) if clash.path not in broken)]
