"""The verdicts over the histories of public repositories are the ones that two other implementations came to."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reconciler.compatibility import Judged, check
from reconciler.model import Direction, Mode
from reconciler.schemas import Parsed, avro

CORPUS = Path(os.environ.get("SCHEMAFED_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
FILE = CORPUS / "avro-compatibility.json"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILE.is_file(), reason="no corpus: name its folder in SCHEMAFED_CORPUS"),
]


@cache
def references() -> dict[str, list[str]]:
    index = json.loads((CORPUS / "index.json").read_text(encoding="utf-8"))
    return {file["path"]: file["references"] for file in index["files"] if file["format"] == "AVRO"}


@cache
def load(path: str) -> Parsed:
    dependencies = {parsed.document.defines[0]: parsed for parsed in map(load, references().get(path, []))}
    return avro.parse(avro.read((CORPUS / path).read_text(encoding="utf-8")), dependencies)


def codes_by_direction(pair: dict[str, Any]) -> dict[str, set[str]]:
    findings = check(load(pair["new"]), [Judged(1, load(pair["old"]))], Mode.FULL).findings
    return {d: {f.code.lower() for f in findings if f.direction is d} for d in Direction}


def test_every_pair_has_the_verdict_and_the_kinds_of_clashes_that_are_known() -> None:
    pairs = json.loads(FILE.read_text(encoding="utf-8"))
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
