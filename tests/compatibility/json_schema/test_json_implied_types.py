"""Which type a keyword implies that stands without one, in each draft."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from json_pairs import ADDRESSES, differences

from reconciler.compatibility.json_schema import keywords
from reconciler.schemas import Parsed, json_schema
from reconciler.schemas.json_schema.drafts import DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019_09, DRAFT_2020_12

ROWS = yaml.safe_load((Path(__file__).parent / "implied_types.yaml").read_text(encoding="utf-8"))
NAMES = dict(zip(ADDRESSES, (d.name for d in (DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019_09, DRAFT_2020_12)), strict=True))


class Implied(NamedTuple):
    draft: str
    type: str
    keyword: str
    value: object


def listed() -> Iterator[Implied]:
    for row in ROWS:
        for draft in row["drafts"]:
            for keyword, value in row["keywords"].items():
                yield Implied(draft, row["type"], keyword, value)


IMPLIED = list(listed())
DRAFTS_OF = {keyword: {i.draft for i in IMPLIED if i.keyword == keyword} for keyword in {i.keyword for i in IMPLIED}}
UNKNOWN = [
    Implied(draft, implied.type, implied.keyword, implied.value)
    for implied in {i.keyword: i for i in IMPLIED}.values()
    for draft in ADDRESSES
    if draft not in DRAFTS_OF[implied.keyword]
]


def parsed(schema: Mapping[str, Any], draft: str) -> Parsed:
    """Parse anew: what was made of a schema is remembered with it."""
    return json_schema.parse(json_schema.read(json.dumps({"$schema": ADDRESSES[draft], **schema})), {})


def found(implied: Implied) -> list[str]:
    """What differs when the type is written down."""
    plain = {implied.keyword: implied.value}
    return differences(parsed({"type": implied.type, **plain}, implied.draft), parsed(plain, implied.draft))


def label(implied: Implied) -> str:
    return f"{implied.keyword} in draft {implied.draft}"


@pytest.mark.parametrize("implied", IMPLIED, ids=label)
def test_a_keyword_implies_its_type(implied: Implied) -> None:
    assert found(implied) == []


@pytest.mark.parametrize("implied", UNKNOWN, ids=label)
def test_a_keyword_that_a_draft_does_not_know_implies_none(implied: Implied) -> None:
    assert found(implied) == ["TYPE_CHANGED #/"]


@pytest.mark.parametrize("implied", IMPLIED, ids=label)
def test_no_keyword_can_be_missed(implied: Implied, monkeypatch: pytest.MonkeyPatch) -> None:
    name = NAMES[implied.draft]
    known = keywords._BY_DRAFT[name]
    less = {**known.by_type, implied.type: known.by_type[implied.type] - {implied.keyword}}
    monkeypatch.setitem(keywords._BY_DRAFT, name, replace(known, by_type=less))

    assert found(implied) == ["TYPE_CHANGED #/"]


def test_every_keyword_of_the_tables_is_listed() -> None:
    known = {
        (draft, kind, keyword)
        for draft, name in NAMES.items()
        for kind, names in keywords._BY_DRAFT[name].by_type.items()
        for keyword in names
    }

    assert known == {(implied.draft, implied.type, implied.keyword) for implied in IMPLIED}
