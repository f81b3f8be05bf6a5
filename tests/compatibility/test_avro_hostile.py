"""Avro schemas that would take all time and memory: an answer, or an error that says that it gave up."""

from __future__ import annotations

import json
from typing import Any

import pytest
from avro_pairs import clashes, parsed, verdict

from reconciler.compatibility import Judged, check
from reconciler.compatibility.avro.places import find_place
from reconciler.errors import SchemaError
from reconciler.model import Mode, Outcome
from reconciler.schemas import avro


def record(name: str, *fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields)}


def tower(height: int, kind: str) -> dict[str, Any]:
    """Records that each use the one before twice."""
    whole = record("T0", {"name": "v", "type": kind})
    for floor in range(1, height):
        whole = record(f"T{floor}", {"name": "a", "type": whole}, {"name": "b", "type": f"T{floor - 1}"})
    return whole


def union(name: str, count: int, kind: str, **more: Any) -> list[Any]:
    return [record(name.format(number), {"name": "v", "type": kind, **more}) for number in range(count)]


def test_a_clash_below_types_that_are_used_twice_each_is_told_once() -> None:
    found = clashes(tower(60, "int"), tower(60, "string"), Mode.BACKWARD)

    assert found == ["TYPE_MISMATCH " + "/fields/0/type" * 60]


def test_unions_of_thousands_are_compared_by_name() -> None:
    new, old = union("A{}", 4_000, "long"), union("A{}", 4_000, "int")

    assert clashes(new, [*reversed(old)], Mode.BACKWARD) == []
    assert len(clashes(new, old, Mode.FORWARD)) == 4_000


def test_a_large_union_says_how_many_branches_it_has() -> None:
    new, old = union("A{}", 100, "int"), union("B{}", 1, "int")

    (finding,) = verdict(new, old, Mode.BACKWARD).findings

    assert "union A0 | A1 |" in finding.message
    assert "A19 | 80 more now" in finding.message


def test_large_unions_are_judged_as_small_ones() -> None:
    # By an alias, by a type without a name, and a record that uses itself, which counts under any name there.
    aliased = record("Z", {"name": "v", "type": "int"}) | {"aliases": ["Old"]}
    many = [*union("A{}", 30, "int"), aliased, "int", {"type": "array", "items": "string"}]
    old = [record("Old", {"name": "v", "type": "int"}), "int", {"type": "array", "items": "bytes"}, "boolean"]

    assert clashes(many, old, Mode.BACKWARD) == ["MISSING_UNION_BRANCH /3"]

    itself = record("S", {"name": "next", "type": "S"})
    looped = record("R", {"name": "next", "type": [*union("A{}", 30, "int"), "R"]})
    assert clashes(looped, itself, Mode.BACKWARD) == ["NAME_MISMATCH /name"]


def test_places_of_thousands_of_differences_in_a_large_text_are_found() -> None:
    new, old = ([{"name": f"{kind}{n}", "type": "int"} for n in range(8_000)] for kind in ("new", "old"))
    texts = [json.dumps(record("R", *fields), indent=1) for fields in (new, old)]
    ours, theirs = (avro.parse(avro.read(text), {}) for text in texts)
    findings = check(ours, [Judged(1, theirs)], Mode.FULL).findings

    places = [avro.locate(texts[0], find_place(finding, texts[1], texts[0])) for finding in findings]

    assert len(texts[0]) > 300_000
    assert places[:8_000] == [(5 + 4 * number, 3) for number in range(8_000)]  # what is new, where it is
    assert places[8_000:] == [(4, 2)] * 8_000  # what is gone, among the fields


def test_harmless_differences_of_large_unions_are_found_by_name() -> None:
    new, old = union("A{}", 3_000, "long"), union("A{}", 3_000, "int")

    verdict = check(parsed(new), [Judged(1, parsed([*reversed(old)]))], Mode.BACKWARD, tells_all=True)

    assert [finding.path for finding in verdict.findings] == [f"/{n}/fields/0/type" for n in reversed(range(3_000))]


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (union("A{}", 600, "int", aliases=["w"]), union("B{}", 600, "int")),
        (union("a{}.R", 600, "int"), union("b{}.R", 600, "string")),
    ],
    ids=["aliases of fields", "one name in many namespaces"],
)
def test_too_many_types_to_compare_each_with_each_are_an_error(new: Any, old: Any) -> None:
    with pytest.raises(SchemaError, match="too many types to compare each with each"):
        clashes(new, old, Mode.BACKWARD)


def test_a_clash_in_a_large_enum_names_the_first_symbols_that_are_missing() -> None:
    new, old = ({"type": "enum", "name": "E", "symbols": [f"S{n}" for n in range(count)]} for count in (1, 1_000))

    found = verdict(new, old, Mode.BACKWARD)

    assert found.outcome is Outcome.INCOMPATIBLE
    assert "S20, 979 more of version 4" in found.findings[0].message
