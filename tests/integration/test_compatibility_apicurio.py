"""Our verdicts in Apicurio's dialect beside those of a real Apicurio Registry, over every case that we have.

Each case that needs no second file is asked in both directions: "<" exchanges the old schema and the new one. What is
judged otherwise stands here with its reason, and in docs/compatibility.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from uuid import uuid4

import pytest

from reconciler.model import Format
from tests.compatibility.case_texts import Pair, list_dialect_files, list_files, load_pairs
from tests.integration.apicurio_verdicts import ask_all, judge, send
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest
from tests.servers.apicurio import ApicurioServer

pytestmark = pytest.mark.server

FILES = [*list_files(Format.JSON), *list_files(Format.PROTOBUF), *list_dialect_files()]
Named = Sequence[str]
"""``file: title`` with ``>``, or ``<`` where the schemas are exchanged."""

SERVER_IS_STRICTER: Mapping[str, Named] = {
    "a list of types takes the place of a string in properties only": [
        "json_schema/combinations: a plain schema becomes one of two >",
        "json_schema/combinations: one of two stays <",
        "json_schema/types: one type in a list becomes the type alone <",
    ],
    "what is added must fit the schema of additional ones, not the other way round": [
        "json_schema/arrays: an element goes that what follows does not cover <",
        "json_schema/arrays: an element that what follows covers is added >",
    ],
    "alternatives are counted and paired as they come": [
        "json_schema/combinations: an alternative stands there twice <",
        "json_schema/combinations: alternatives with a format that the registry's reader does not know are one >",
        "json_schema/combinations: only one way to pair the alternatives >",
        "json_schema/loading: all kinds of combinations at once >",
    ],
    "1 and 1.0 are two values": [
        "json_schema/enumerations: a number written in another way is the same value >",
        "json_schema/enumerations: a number written in another way is the same value <",
        "json_schema/enumerations: the same constant >",
        "json_schema/enumerations: the same constant <",
    ],
    "a number in octal is read as decimal": [
        "protobuf/fields: a number in octal >",
        "protobuf/fields: a number in octal <",
    ],
    "a field that another one with its number hides is one that goes": [
        "protobuf/not_quite_right: two fields with one number, of which the last counts >",
        "protobuf/not_quite_right: a member of a oneof with the number of a field, which it hides >",
    ],
}

SERVER_IS_LAXER: Mapping[str, Named] = {
    "what is added must fit the schema of additional ones, not the other way round": [
        "json_schema/arrays: an element goes that what follows covers <",
        "json_schema/lenient: what additional properties do not cover is within them >",
        "json_schema/properties: a property that accepts less than additional ones is added >",
        "json_schema/properties: a property with a limit is covered by additional strings once it goes <",
        "json_schema/properties: additional properties of any kind are not an open model >",
    ],
    "branches are not compared once their number or their kind has changed": [
        "json_schema/combinations: a demand goes and another is tightened >",
        "json_schema/combinations: the only one of any becomes exactly one of two <",
    ],
    "an inclusive bound and an exclusive one are one bound": [
        "json_schema/limits: exclusive becomes inclusive <",
        "json_schema/loading: an exclusive bound moves to another draft <",
    ],
    "the schema false, alone in its file, is not looked at": [
        "json_schema/combinations: false becomes one of two <",
        "json_schema/types: an object becomes false >",
        "json_schema/types: anything becomes false >",
    ],
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.parent.name}/{file.stem}")
def test_verdicts_agree(apicurio: ApicurioServer, file: Path) -> None:
    pairs = dict(name_pairs(file))
    registry = RawRegistry(apicurio.url)
    answers = dict(zip(pairs, ask_all(registry, pairs.values()), strict=True))
    judged = {name: judge(pair) for name, pair in pairs.items() if answers[name] is not None}

    stricter = [name for name, here in judged.items() if here and not answers[name]]
    laxer = [name for name, here in judged.items() if not here and answers[name]]
    assert stricter == [name for name in judged if name in listed(SERVER_IS_STRICTER)]
    assert laxer == [name for name in judged if name in listed(SERVER_IS_LAXER)]


def test_what_is_listed_is_there() -> None:
    known = {name for file in FILES for name, _ in name_pairs(file)}

    assert listed(SERVER_IS_STRICTER) | listed(SERVER_IS_LAXER) <= known


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "integer"},
            {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "number"},
        ),
        ({"$schema": "https://json-schema.org/draft/2019-09/schema"}, {"type": "string"}),
    ],
)
def test_the_server_fails_over_newer_drafts(apicurio: ApicurioServer, old: dict[str, str], new: dict[str, str]) -> None:
    answer = send(RawRegistry(apicurio.url), Pair(Format.JSON, json.dumps(old), json.dumps(new), {}))

    assert answer.status == 500


def test_the_server_reads_no_editions(apicurio: ApicurioServer) -> None:
    texts = ('syntax = "proto3"; message M {}', 'edition = "2023"; message M {}')

    assert send(RawRegistry(apicurio.url), Pair(Format.PROTOBUF, *texts, {})).status == 422


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ("string key = 1;", ["FIELD_NAME_CHANGED"]),
        ("int64 number = 2;", ["FIELD_REMOVED_WITHOUT_RESERVATION"]),
    ],
)
def test_a_plan_tells_what_the_server_will_refuse(
    apicurio: ApicurioServer, make_repository: MakeRepository, fields: str, codes: list[str]
) -> None:
    repository = registered(apicurio, make_repository, "string id = 1;")
    repository.write("schemas/event.proto", f'syntax = "proto3"; message Event {{ {fields} }}')
    repository.commit()

    planned = json.loads(repository.run("plan", "--output", "json").out)

    assert [finding["code"] for finding in planned["findings"] if finding["severity"] == "error"] == codes


def test_a_field_goes_if_it_is_reserved(apicurio: ApicurioServer, make_repository: MakeRepository) -> None:
    repository = registered(apicurio, make_repository, "string id = 1; string note = 2;")
    text = 'syntax = "proto3"; message Event { string id = 1; reserved 2; reserved "note"; }'
    repository.write("schemas/event.proto", text)
    repository.commit()

    applied = repository.run("apply", "--yes")

    assert applied.exit_code == 0, applied.text


def registered(apicurio: ApicurioServer, make_repository: MakeRepository, fields: str) -> Repository:
    """A repository whose one schema is applied, under BACKWARD."""
    prefix = f"dialect-{uuid4().hex[:10]}-"
    repository = make_repository(over_rest(apicurio.url, f'    name: "{prefix}{{{{ name }}}}"'))
    repository.write("schemas/event.proto", f'syntax = "proto3"; message Event {{ {fields} }}')
    repository.write("schemas/defaults.yaml", "compatibility: BACKWARD\n")
    repository.commit()
    assert repository.run("apply", "--yes").exit_code == 0
    return repository


def name_pairs(file: Path) -> Iterable[tuple[str, Pair]]:
    """Every pair of a file, in both directions, by its name."""
    for pair in load_pairs(file):
        name = f"{file.parent.parent.name}/{file.stem}: {pair.title}"
        yield from ((f"{name} >", pair), (f"{name} <", pair.exchanged))


def listed(reasons: Mapping[str, Named]) -> set[str]:
    return {name for names in reasons.values() for name in names}
