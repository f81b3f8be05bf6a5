"""Histories of public repositories, version after version, each with the imports of its own revision."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from protobuf_pairs import verdict

from reconciler.model import Mode, Outcome
from reconciler.schemas import Parsed, protobuf

CORPUS = Path(os.environ.get("SCHEMAFED_CORPUS", Path(__file__).parents[4] / "shared" / "corpus"))

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not (CORPUS / "index.json").is_file(), reason="no corpus: name its folder in SCHEMAFED_CORPUS"),
]


@cache
def records() -> dict[str, dict[str, Any]]:
    index = json.loads((CORPUS / "index.json").read_text(encoding="utf-8"))
    return {file["path"]: file for file in index["files"] if file["format"] == "PROTOBUF"}


@cache
def load(path: str) -> Parsed:
    imports = {records()[other]["original"]: other for other in records()[path]["references"]}
    document = protobuf.read((CORPUS / path).read_text(encoding="utf-8"))
    named = {
        need.name: next(load(other) for original, other in imports.items() if original.endswith(need.name))
        for need in document.needs
    }
    return protobuf.parse(document, named)


def histories() -> dict[str, list[str]]:
    """Paths of the valid files of a family, oldest first."""
    found: dict[str, list[str]] = defaultdict(list)
    for path, record in records().items():
        if record["valid"]:
            found[record["family"]].append(path)
    return found


def codes(old: str, new: str, mode: Mode) -> set[str]:
    return {finding.code for finding in verdict(load(new), load(old), mode).findings}


def test_every_pair_of_neighbours_gets_a_verdict_in_both_directions() -> None:
    pairs = [pair for paths in histories().values() for pair in pairwise(paths)]

    outcomes = [verdict(load(new), load(old), mode).outcome for old, new in pairs for mode in Mode if mode.directions]

    assert len(pairs) > 150
    assert set(outcomes) == {Outcome.COMPATIBLE, Outcome.INCOMPATIBLE}


def test_equal_bytes_are_judged_without_a_difference() -> None:
    pairs = [pair for paths in histories().values() for pair in pairwise(paths)]
    alone = [pair for pair in pairs if not records()[pair[1]]["references"]]
    same = [pair for pair in alone if (CORPUS / pair[0]).read_bytes() == (CORPUS / pair[1]).read_bytes()]

    assert same
    assert [codes(*pair, Mode.FULL) for pair in same] == [set()] * len(same)
