"""Every Avro file of the public repositories in the corpus reads as its index says."""

from __future__ import annotations

from functools import cache

import pytest
from avro_texts import raise_flaw

from reconciler.errors import SchemaError
from reconciler.model import Dialect, Format
from reconciler.schemas import Parsed, avro
from tests.corpus import NEEDS_CORPUS, read_text, records

pytestmark = NEEDS_CORPUS


@cache
def load(path: str) -> Parsed:
    dependencies = {p.document.defines[0]: p for p in map(load, records(Format.AVRO)[path]["references"])}
    return avro.parse(avro.read(read_text(path)), dependencies)


def valid_files() -> list[str]:
    return [path for path, file in records(Format.AVRO).items() if file["valid"]]


def canonical_texts(path: str) -> set[str]:
    """The canonical texts of a file, of its layout and of its canonical text."""
    schema = load(path)
    text = avro.canonical(schema, Dialect.CONFLUENT)
    again = [avro.parse(avro.read(t), schema.dependencies) for t in (avro.pretty(schema.document.definition), text)]
    return {text, *(avro.canonical(parsed, Dialect.CONFLUENT) for parsed in again)}


def test_every_valid_file_parses_and_defines_the_names_of_the_index() -> None:
    names = {path: set(load(path).document.defines) for path in valid_files()}

    assert names == {path: set(records(Format.AVRO)[path]["names"]) for path in valid_files()}
    assert len(names) == 564


def test_every_invalid_file_is_refused_with_a_line() -> None:
    lines = []
    for path in sorted(set(records(Format.AVRO)) - set(valid_files())):
        with pytest.raises(SchemaError) as caught:
            raise_flaw(read_text(path))
        lines.append(caught.value.line)

    assert lines == [59, 38]


def test_layout_and_canonical_text_keep_every_schema_the_same() -> None:
    changed = [path for path in valid_files() if len(canonical_texts(path)) != 1]

    assert changed == []


def test_every_schema_bundles_into_one_that_needs_nothing() -> None:
    needs = {
        path: avro.read(avro.bundle(load(path), frozenset(load(path).dependencies))).needs for path in valid_files()
    }

    assert {path: need for path, need in needs.items() if need} == {}


def test_every_schema_has_an_outline() -> None:
    assert min(len(avro.outline(load(path))) for path in valid_files()) >= 1
