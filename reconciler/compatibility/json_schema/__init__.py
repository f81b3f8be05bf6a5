"""Can a reader with one JSON Schema take what is valid under another? As Confluent Schema Registry judges it.

Source of the rules: Confluent's documentation ("Schema evolution and compatibility", JSON Schema) and the behaviour of
its registry. Two bugs of it are not repeated: a lowered ``exclusiveMaximum`` is compared with the one before, and the
boolean ``exclusiveMaximum`` of draft 4 counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from reconciler.compatibility.clash import Clash
from reconciler.compatibility.json_schema.comparison import find_all
from reconciler.compatibility.json_schema.differences import make_clash
from reconciler.compatibility.json_schema.loading import prepare
from reconciler.compatibility.json_schema.rules import RULES, Policy
from reconciler.errors import SchemaError
from reconciler.schemas import Parsed
from reconciler.schemas.json_schema.references import ParsedJson

__all__ = ["Policy", "compare"]


def compare(reader: Parsed, writer: Parsed, policy: Policy = Policy.STRICT) -> Iterable[Clash]:
    """Every difference between the schemas, each place once: what makes the reader's schema refuse what is valid under
    the writer's, and what does no harm.

    Args:
        reader: the schema that data is read with (Confluent's *update*).
        writer: the schema that data was written with (Confluent's *original*).
        policy: Confluent's ``compatibilityPolicy``; decides which differences break.

    Raises:
        SchemaError: a schema nests, or combines others, beyond what can be compared in about a second, or has a
            pattern among ``patternProperties`` that is none.
    """
    new, old = prepare(cast(ParsedJson, reader)), prepare(cast(ParsedJson, writer))
    try:
        differences = find_all(old, new, policy)
    except RecursionError as error:
        raise SchemaError("the schemas are nested too deeply to be compared", fix="nest them less") from error
    unique: dict[tuple[str, str], Clash] = {}
    for difference in differences:
        clash = make_clash(difference, RULES[policy][difference.code])
        unique.setdefault((difference.code, clash.path), clash)
    return unique.values()
