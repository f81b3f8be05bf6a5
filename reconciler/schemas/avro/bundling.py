"""One text out of several, for registries that know no references."""

from __future__ import annotations

from typing import cast

from reconciler.errors import SchemaError
from reconciler.schemas import Parsed
from reconciler.schemas.avro.moving import Inlining
from reconciler.schemas.avro.parsed import AvroSchema
from reconciler.schemas.json_positions import render_json


def bundle(parsed: Parsed, names: frozenset[str]) -> str:
    """Write one text in which the dependencies called ``names`` stand inline, each type where it is first used.

    What they depend on stands inline too, unless another dependency, which stays a reference, defines it.

    Raises:
        SchemaError: the types use each other in so long a chain that one text cannot nest them.
    """
    assert isinstance(parsed, AvroSchema)
    kept = {
        full for name, d in parsed.dependencies.items() if name not in names for full in cast(AvroSchema, d).origins
    }
    own = set(parsed.document.defines)
    inlined = {full: raw for full, raw in parsed.definitions.items() if full not in kept and full not in own}
    try:
        return render_json(Inlining(inlined).rewrite(parsed.json, ""))
    except RecursionError as error:
        raise SchemaError(
            "types use each other in too long a chain to stand in one text", fix="use a registry that has references"
        ) from error
