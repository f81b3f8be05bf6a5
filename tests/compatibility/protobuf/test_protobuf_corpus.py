"""Histories of public repositories, version after version, each with the imports of its own revision."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from protobuf_pairs import verdict

from reconciler.model import Format, Mode, Outcome
from reconciler.schemas import Parsed, protobuf
from tests.corpus import NEEDS_CORPUS, histories, read_text, records

pytestmark = NEEDS_CORPUS


@cache
def load(path: str) -> Parsed:
    imports = {
        records(Format.PROTOBUF)[other]["original"]: other for other in records(Format.PROTOBUF)[path]["references"]
    }
    document = protobuf.read(read_text(path))
    named = {
        need.name: next(load(other) for original, other in imports.items() if original.endswith(need.name))
        for need in document.needs
    }
    return protobuf.parse(document, named)


def codes(old: str, new: str, mode: Mode) -> set[str]:
    return {finding.code for finding in verdict(load(new), load(old), mode).findings}


def test_every_pair_of_neighbours_gets_a_verdict_in_both_directions() -> None:
    pairs = [pair for paths in histories(Format.PROTOBUF).values() for pair in pairwise(paths)]

    outcomes = [verdict(load(new), load(old), mode).outcome for old, new in pairs for mode in Mode if mode.directions]

    assert len(pairs) > 150
    assert set(outcomes) == {Outcome.COMPATIBLE, Outcome.INCOMPATIBLE}


def test_equal_bytes_are_judged_without_a_difference() -> None:
    pairs = [pair for paths in histories(Format.PROTOBUF).values() for pair in pairwise(paths)]
    alone = [pair for pair in pairs if not records(Format.PROTOBUF)[pair[1]]["references"]]
    same = [pair for pair in alone if read_text(pair[0]) == read_text(pair[1])]

    assert same
    assert [codes(*pair, Mode.FULL) for pair in same] == [set()] * len(same)
