"""How often the rules about personal data are right: held against labels given by hand before the rules were written.

``pii_labels.csv`` has 300 fields of the corpus, drawn by chance within each source, with what personal data they hold,
if any. ``pii_wrong.csv`` has those fields of which a rule that is on by default speaks wrongly, anywhere in the corpus.
docs/policies/pii.md tells both.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from reconciler.config import Config
from reconciler.errors import SchemaError
from reconciler.model import EVENT_FORMATS, DesiredSubject, Format, Location, Schema
from reconciler.operations.policies.loading import load_shipped
from reconciler.operations.policies.making import make_inspection
from reconciler.policy.schema_facts import make_schema
from reconciler.policy.selection import make_policies
from reconciler.repository.state import DesiredState
from reconciler.schemas.resolved import SchemaSet
from tests.corpus import CORPUS, NEEDS_CORPUS, read_text, records

pytestmark = NEEDS_CORPUS
HERE = Path(__file__).parent
OUTSIDE = {"pseudonym", "content", "place"}
"""Kinds that no rule looks for unless it is switched on."""


class Told(NamedTuple):
    file: str
    code: str
    field: str


def read_rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load_subjects() -> Mapping[str, DesiredSubject]:
    subjects = {}
    for schema_format in EVENT_FORMATS:
        for path in records(schema_format):
            schema = Schema(schema_format, read_text(path))
            try:
                make_schema(schema)
            except SchemaError:
                continue
            subjects[path] = DesiredSubject(path, schema, Location(path))
    return subjects


@pytest.fixture(scope="module")
def told() -> frozenset[Told]:
    """What the rules say that are on by default, with fields by their paths in words."""
    subjects = load_subjects()
    shipped = load_shipped()
    config = Config.model_validate({"version": 1, "policies": [{"use": "pii"}]})
    policies = make_policies(config, shipped.packs, {}, shipped.packs, {}, "default")
    state = DesiredState("default", subjects, {}, {}, SchemaSet(lambda reference: None), ())
    found = list(make_inspection(CORPUS, state, policies).check_subjects(subjects))
    paths = {
        (name, field["at"]): field["path"]
        for name in {finding.subject or "" for finding in found}
        for field in make_schema(subjects[name].schema)["fields"]
    }
    return frozenset(Told(f.subject or "", f.code, paths[f.subject or "", f.path or ""]) for f in found)


def test_the_labelled_sample_has_300_fields_of_every_format() -> None:
    rows = read_rows("pii_labels.csv")

    assert len(rows) == 300
    assert {records_format(row["file"]) for row in rows} == EVENT_FORMATS
    assert sum(bool(row["kind"]) for row in rows) == 50


def records_format(path: str) -> Format:
    return next(each for each in EVENT_FORMATS if path in records(each))


def test_precision_and_recall_on_the_labelled_sample(told: frozenset[Told]) -> None:
    spoken_of = {(each.file, each.field) for each in told}
    rows = read_rows("pii_labels.csv")

    right = [row for row in rows if row["kind"] and (row["file"], row["field"]) in spoken_of]
    wrong = [row for row in rows if not row["kind"] and (row["file"], row["field"]) in spoken_of]
    meant = [row for row in rows if row["kind"] and row["kind"] not in OUTSIDE]

    assert (len(right), len(wrong), len(meant)) == (23, 1, 40)


def test_precision_on_everything_that_is_told(told: frozenset[Told]) -> None:
    distinct = {(each.file.partition("/")[0], each.code, each.field) for each in told}
    wrong = {(row["source"], row["code"], row["field"]) for row in read_rows("pii_wrong.csv")}

    assert wrong <= distinct
    assert (len(distinct), len(wrong)) == (181, 22)
