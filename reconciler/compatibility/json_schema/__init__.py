"""Can a reader with one JSON Schema take what is valid under another? As Confluent Schema Registry judges it.

Source of the rules: Confluent's documentation ("Schema evolution and compatibility", JSON Schema) and the behaviour of
its registry. Two bugs of it are not repeated: a lowered ``exclusiveMaximum`` is compared with the one before, and a
reference that leads to another one is followed to the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import cast

from reconciler.compatibility.clash import Clash, Rule
from reconciler.compatibility.dialects import departure_of, make_rules
from reconciler.compatibility.json_schema.comparison import find_all
from reconciler.compatibility.json_schema.differences import make_clash
from reconciler.compatibility.json_schema.loading import prepare
from reconciler.compatibility.json_schema.more_rules import MORE_RULES
from reconciler.compatibility.json_schema.rules import RULES
from reconciler.compatibility.terms import CONFLUENT, Policy, Terms
from reconciler.errors import SchemaError
from reconciler.model import Dialect, Format
from reconciler.schemas import Parsed
from reconciler.schemas.json_schema.references import ParsedJson

__all__ = ["compare", "rules_of"]


@cache
def rules_of(dialect: Dialect) -> Mapping[str, Rule]:
    """The table of rules, by key, of a dialect that departs from Confluent's; it has no policies."""
    return make_rules(RULES[Policy.STRICT], MORE_RULES, departure_of(dialect, Format.JSON))


def compare(reader: Parsed, writer: Parsed, terms: Terms = CONFLUENT) -> Iterable[Clash]:
    """Every difference between the schemas, each place once: what makes the reader's schema refuse what is valid under
    the writer's, and what does no harm.

    Args:
        reader: the schema that data is read with (Confluent's *update*).
        writer: the schema that data was written with (Confluent's *original*).
        terms: whose rules; in Confluent's own dialect its policy decides which differences break.

    Raises:
        SchemaError: a schema nests, or combines others, beyond what can be compared in about a second, or has a
            pattern among ``patternProperties`` that is none.
    """
    departs = bool(departure_of(terms.dialect, Format.JSON))
    rules = rules_of(terms.dialect) if departs else RULES[terms.policy]
    more = departs and not MORE_RULES.keys().isdisjoint(rules)
    again = terms.tells_again
    new, old = (prepare(cast(ParsedJson, side), more=more, apart=again) for side in (reader, writer))
    try:
        differences = find_all(old, new, rules, more=more, again=again)
    except RecursionError as error:
        raise SchemaError("the schemas are nested too deeply to be compared", fix="nest them less") from error
    unique: dict[tuple[str, str], Clash] = {}
    for difference in differences:
        clash = make_clash(difference, rules)
        unique.setdefault((difference.code, clash.path), clash)
    return unique.values()
