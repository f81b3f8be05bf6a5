"""Every row that a dialect judges otherwise than Confluent: one YAML file a dialect and format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.compatibility import Judged, check, json_schema, protobuf
from reconciler.compatibility.dialects import DIALECTS, Departure
from reconciler.compatibility.json_schema.more_rules import MORE_RULES as MORE_OF_JSON
from reconciler.compatibility.json_schema.rules import RULES as RULES_OF_JSON
from reconciler.compatibility.protobuf.more_rules import MORE_RULES as MORE_OF_PROTOBUF
from reconciler.compatibility.protobuf.rules import RULES as RULES_OF_PROTOBUF
from reconciler.compatibility.terms import Policy
from reconciler.model import Dialect, Format, Mode, Outcome
from tests.compatibility.case_texts import Pair, list_dialect_files, load_pairs

KEYS = {
    Format.JSON: RULES_OF_JSON[Policy.STRICT].keys() | MORE_OF_JSON.keys(),
    Format.PROTOBUF: RULES_OF_PROTOBUF.keys() | MORE_OF_PROTOBUF.keys(),
}


def dialect_of(file: Path) -> Dialect:
    return Dialect(file.stem.partition("_")[0])


PAIRS = [(dialect_of(file), pair) for file in list_dialect_files() for pair in load_pairs(file)]
ROWS = [
    (dialect, schema_format, row)
    for dialect, rules in DIALECTS.items()
    for schema_format, departure in rules.departures.items()
    for row in sorted(departure.breaking | departure.harmless)
]


def listed() -> list[Any]:
    return [pytest.param(dialect, pair, id=f"{dialect} {pair.format}: {pair.title}") for dialect, pair in PAIRS]


def outcome(pair: Pair, dialect: Dialect, mode: Mode = Mode.BACKWARD) -> Outcome:
    old, new = pair.parse()
    return check(new, [Judged(1, old)], mode, dialect).outcome


@pytest.fixture
def _fresh_tables() -> Iterator[None]:
    yield
    forget_tables()


def forget_tables() -> None:
    json_schema.rules_of.cache_clear()
    protobuf.rules_of.cache_clear()


@pytest.mark.parametrize(("dialect", "pair"), listed())
def test_a_dialect_gives_its_own_verdict(dialect: Dialect, pair: Pair) -> None:
    expected = Outcome.COMPATIBLE if pair.case["compatible"] else Outcome.INCOMPATIBLE

    assert outcome(pair, dialect) is expected
    assert outcome(pair.exchanged, dialect, Mode.FORWARD) is expected


@pytest.mark.parametrize(("dialect", "pair"), [each for each in listed() if each.values[1].row])
def test_what_names_a_row_is_judged_otherwise_than_confluent_does(dialect: Dialect, pair: Pair) -> None:
    assert outcome(pair, dialect) is not outcome(pair, Dialect.CONFLUENT)


@pytest.mark.parametrize(("dialect", "schema_format", "row"), ROWS)
@pytest.mark.usefixtures("_fresh_tables")
def test_a_row_of_a_dialect_cannot_be_missed(
    dialect: Dialect, schema_format: Format, row: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    concerned = [pair for of, pair in PAIRS if of is dialect and pair.format is schema_format and pair.row == row]
    before = [outcome(pair, dialect) for pair in concerned]
    departures = DIALECTS[dialect].departures
    departure = departures[schema_format]
    less = Departure(departure.breaking - {row}, departure.harmless - {row})
    monkeypatch.setitem(DIALECTS, dialect, replace(DIALECTS[dialect], departures={**departures, schema_format: less}))
    forget_tables()

    assert concerned
    assert any(outcome(pair, dialect) is not was for pair, was in zip(concerned, before, strict=True))


@pytest.mark.parametrize(("dialect", "schema_format", "row"), ROWS)
def test_a_dialect_names_rows_that_there_are(dialect: Dialect, schema_format: Format, row: str) -> None:
    departure = DIALECTS[dialect].departures[schema_format]

    assert row in KEYS[schema_format]
    assert (row in departure.breaking) is not (row in departure.harmless)


@pytest.mark.parametrize("schema_format", MORE := {Format.JSON: MORE_OF_JSON, Format.PROTOBUF: MORE_OF_PROTOBUF})
def test_every_row_that_confluent_lacks_belongs_to_a_dialect(schema_format: Format) -> None:
    named = {row for _, of, row in ROWS if of is schema_format}

    assert MORE[schema_format].keys() <= named
    assert not MORE[schema_format].keys() & KEYS_OF_CONFLUENT[schema_format]


KEYS_OF_CONFLUENT = {
    Format.JSON: RULES_OF_JSON[Policy.STRICT].keys(),
    Format.PROTOBUF: RULES_OF_PROTOBUF.keys(),
}
