"""Can a reader with one Avro schema read what a writer with another one wrote? As Apache's ``SchemaCompatibility``.

Source of the rules: the Avro specification, "Schema Resolution", and the behaviour of the Java library, which
Confluent's registry asks. Names are compared without namespaces, logical types are ignored, a pair that is being
compared counts as compatible, and what fails inside a branch of a union is told as the missing branch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from reconciler.compatibility.avro.comparison import find_clashes
from reconciler.compatibility.clash import Clash
from reconciler.compatibility.terms import CONFLUENT, Terms
from reconciler.errors import SchemaError
from reconciler.schemas import Parsed
from reconciler.schemas.avro.parsed import AvroSchema

__all__ = ["compare"]


def compare(reader: Parsed, writer: Parsed, terms: Terms = CONFLUENT) -> Iterable[Clash]:
    """Everything because of which the reader cannot read what the writer wrote.

    Args:
        reader: the new schema where the question is BACKWARD.
        writer: the old one then.
        terms: whether what does no harm is told too, which Confluent has no names for, and whether a place is told
            again where its type is used again. Every dialect has these rules.

    Raises:
        SchemaError: types refer to types in a chain of hundreds, or there are too many to compare each with each.
    """
    try:
        ours, theirs = cast(AvroSchema, reader).node, cast(AvroSchema, writer).node
        clashes = find_clashes(ours, theirs, may_be_ambiguous=cast(AvroSchema, reader).has_field_aliases)
        if terms.tells_all:
            from reconciler.compatibility.avro.more import find_more

            clashes = [*clashes, *find_more(ours, theirs)]
    except RecursionError as error:
        raise SchemaError(
            "types use each other in too long a chain to be compared", fix="split the schema into several"
        ) from error
    if terms.tells_again:
        return clashes
    unique: dict[tuple[str, str], Clash] = {}
    for clash in clashes:
        unique.setdefault((clash.rule.code, clash.path), clash)
    return unique.values()
