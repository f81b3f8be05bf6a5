"""Every Avro file of the public repositories in the corpus reads as its index says."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import SchemaError
from reconciler.model import Dialect
from reconciler.schemas import Parsed, avro

CORPUS = Path(os.environ.get("SCHEMAFED_CORPUS", Path(__file__).parents[5] / "shared" / "corpus"))
INDEX = CORPUS / "index.json"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not INDEX.is_file(), reason="no corpus: name its folder in SCHEMAFED_CORPUS"),
]


@cache
def avro_files() -> dict[str, dict[str, Any]]:
    files = json.loads(INDEX.read_text(encoding="utf-8"))["files"]
    return {file["path"]: file for file in files if file["format"] == "AVRO"}


@cache
def load(path: str) -> Parsed:
    dependencies = {p.document.defines[0]: p for p in map(load, avro_files()[path]["references"])}
    return avro.parse(avro.read((CORPUS / path).read_text(encoding="utf-8")), dependencies)


def valid_files() -> list[str]:
    return [path for path, file in avro_files().items() if file["valid"]]


def canonical_texts(path: str) -> set[str]:
    """The canonical texts of a file, of its layout and of its canonical text."""
    schema = load(path)
    text = avro.canonical(schema, Dialect.CONFLUENT)
    again = [avro.parse(avro.read(t), schema.dependencies) for t in (avro.pretty(schema.document.definition), text)]
    return {text, *(avro.canonical(parsed, Dialect.CONFLUENT) for parsed in again)}


def test_every_valid_file_parses_and_defines_the_names_of_the_index() -> None:
    names = {path: set(load(path).document.defines) for path in valid_files()}

    assert names == {path: set(avro_files()[path]["names"]) for path in valid_files()}
    assert len(names) == 564


def test_every_invalid_file_is_refused_with_a_line() -> None:
    lines = []
    for path in sorted(set(avro_files()) - set(valid_files())):
        with pytest.raises(SchemaError) as caught:
            avro.read((CORPUS / path).read_text(encoding="utf-8"))
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
