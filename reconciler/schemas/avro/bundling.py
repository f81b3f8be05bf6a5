"""One text out of several, for registries that know no references."""

from __future__ import annotations

from typing import cast

from reconciler.schemas import Parsed
from reconciler.schemas.avro.moving import Inlining
from reconciler.schemas.avro.parsed import AvroSchema
from reconciler.schemas.json_positions import render_json


def bundle(parsed: Parsed, names: frozenset[str]) -> str:
    """Write one text in which the dependencies called ``names`` stand inline, each type where it is first used.

    What they depend on stands inline too, unless another dependency, which stays a reference, defines it.
    """
    assert isinstance(parsed, AvroSchema)
    kept = {
        full for name, d in parsed.dependencies.items() if name not in names for full in cast(AvroSchema, d).origins
    }
    own = set(parsed.document.defines)
    inlined = {full: raw for full, raw in parsed.definitions.items() if full not in kept and full not in own}
    return render_json(Inlining(inlined).rewrite(parsed.json, ""))
