"""The verdicts over the histories of public repositories are the ones that two other implementations came to."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from reconciler.compatibility import Judged, check
from reconciler.model import Direction, Format, Mode
from reconciler.schemas import Parsed, avro
from tests.corpus import NEEDS_CORPUS, read_text, records

pytestmark = NEEDS_CORPUS


@cache
def load(path: str) -> Parsed:
    references = records(Format.AVRO)[path]["references"]
    dependencies = {parsed.document.defines[0]: parsed for parsed in map(load, references)}
    return avro.parse(avro.read(read_text(path)), dependencies)


def codes_by_direction(pair: dict[str, Any]) -> dict[str, set[str]]:
    findings = check(load(pair["new"]), [Judged(1, load(pair["old"]))], Mode.FULL).findings
    return {d: {f.code.lower() for f in findings if f.direction is d} for d in Direction}


def test_every_pair_has_the_verdict_and_the_kinds_of_clashes_that_are_known() -> None:
    pairs = json.loads(read_text("avro-compatibility.json"))
    pairs = pairs if isinstance(pairs, list) else pairs["pairs"]

    different = [
        (pair["old"], pair["new"], found)
        for pair in pairs
        if (found := codes_by_direction(pair))
        != {
            "BACKWARD": set(pair["backward_incompatibilities"]),
            "FORWARD": set(pair["forward_incompatibilities"]),
        }
    ]

    assert different == []
    assert len(pairs) == 161
