"""Histories of public repositories, each version judged after the one before it, with the schemas that it refers to."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import pairwise
from typing import Any

from json_pairs import breaking, differences

from reconciler.errors import SchemaError
from reconciler.model import Format
from reconciler.schemas import Parsed, json_schema
from reconciler.schemas.json_schema import content_of
from tests.corpus import NEEDS_CORPUS, histories, read_text, records

pytestmark = NEEDS_CORPUS


@cache
def load(path: str) -> Parsed:
    document = json_schema.read(read_text(path))
    others = {content_of(load(other).document).base: load(other) for other in records(Format.JSON)[path]["references"]}
    by_file = {other.rsplit("/", 1)[-1]: load(other) for other in records(Format.JSON)[path]["references"]}
    found = {need.name: _named(need, others, by_file) for need in document.needs}
    return json_schema.parse(document, {name: parsed for name, parsed in found.items() if parsed})


def _named(need: Any, others: dict[str, Parsed], by_file: dict[str, Parsed]) -> Parsed | None:
    addresses = [others[name] for name in (need.name, *need.alternatives) if name in others]
    return next(iter(addresses), by_file.get(need.name.rsplit("/", 1)[-1]))


def judged_pairs() -> list[tuple[list[str], list[str]]]:
    """What is found in each direction between neighbours of which all references are there."""
    return [
        (differences(new, old), differences(old, new))
        for paths in histories(Format.JSON).values()
        for old, new in pairwise([load(path) for path in paths if is_whole(path)])
    ]


def is_whole(path: str) -> bool:
    """Whether it is JSON and everything that it refers to is in the corpus."""
    try:
        load(path)
    except SchemaError:
        return False
    return True


def test_the_verdicts_over_real_histories_are_the_known_ones() -> None:
    pairs = judged_pairs()

    codes = Counter(line.split()[0] for backward, _ in pairs for line in breaking(backward))

    assert len(pairs) == 199
    assert sum(not breaking(backward) for backward, _ in pairs) == 103
    assert sum(not breaking(forward) for _, forward in pairs) == 68
    assert codes == {
        "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL": 111,
        "COMBINED_TYPE_SUBSCHEMAS_CHANGED": 43,
        "MAX_LENGTH_ADDED": 41,
        "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL": 31,
        "TYPE_CHANGED": 25,
        "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL": 22,
        "MIN_LENGTH_ADDED": 17,
        "REQUIRED_ATTRIBUTE_ADDED": 6,
        "PATTERN_ADDED": 3,
        "ENUM_ARRAY_CHANGED": 3,
        "MAXIMUM_ADDED": 1,
        "MAXIMUM_DECREASED": 1,
        "ADDITIONAL_PROPERTIES_REMOVED": 1,
    }


def test_every_version_is_compatible_with_itself() -> None:
    versions = [path for paths in histories(Format.JSON).values() for path in paths if is_whole(path)]

    assert [path for path in versions if breaking(differences(load(path), load(path)))] == []
    assert len(versions) > 400
