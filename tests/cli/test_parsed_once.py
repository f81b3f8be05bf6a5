"""A run reads and parses each text once, and prepares it once for being compared, however often it meets it.

Two registries are read side by side, and may come upon one text at the same time; hence one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest

import reconciler.compatibility.json_schema.loading
import reconciler.schemas.avro.parsed
import reconciler.schemas.protobuf
from reconciler import schemas
from reconciler.model import Format
from tests.repositories import MakeRepository, Repository, record

CONFIGURATION = """\
version: 1
registries:
  laptop: {kind: local, path: .schemafed/registry.db}
environments:
  dev: {registries: [laptop], compatibility: BACKWARD_TRANSITIVE}
"""


class Case(NamedTuple):
    """A format: how a file ends, a text with some fields, and the function that prepares one for being compared."""

    ending: str
    text: Callable[[int], str]
    prepares: tuple[Any, str]


def _avro(count: int) -> str:
    return json.dumps(record("Order", *({"name": f"f{n}", "type": "int", "default": 0} for n in range(count))))


def _json(count: int) -> str:
    properties = {f"f{n}": {"type": "string"} for n in range(count)}
    return json.dumps({"type": "object", "additionalProperties": False, "properties": properties})


def _protobuf(count: int) -> str:
    return 'syntax = "proto3"; message Order { ' + " ".join(f"int32 f{n} = {n};" for n in range(1, count + 1)) + " }"


CASES: Mapping[Format, Case] = {
    Format.AVRO: Case(".avsc", _avro, (reconciler.schemas.avro.parsed, "make_node")),
    Format.JSON: Case(".schema.json", _json, (reconciler.compatibility.json_schema.loading, "_load_all")),
    Format.PROTOBUF: Case(".proto", _protobuf, (reconciler.schemas.protobuf, "make_file")),
}


@contextmanager
def counting(schema_format: Format) -> Iterator[Counter[tuple[str, str]]]:
    """Count what is read, parsed and prepared, by what was done and to which text."""
    lang = schemas.language(schema_format)
    counts: Counter[tuple[str, str]] = Counter()
    places = ((lang, "read"), (lang, "parse"), CASES[schema_format].prepares)
    with pytest.MonkeyPatch.context() as patch:
        for where, name in places:
            patch.setattr(where, name, counted(getattr(where, name), name, counts))
        schemas._read_remembered.cache_clear()
        schemas._parse_remembered.cache_clear()
        yield counts


def counted(function: Callable[..., Any], name: str, counts: Counter[tuple[str, str]]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        counts[name, text_of(arguments[0])] += 1
        return function(*arguments, **options)

    return call


def text_of(argument: Any) -> str:
    """The text of what a function was given: that itself, its JSON, a document, or a parsed schema."""
    document = getattr(argument, "document", argument)
    text = getattr(document, "definition", document)
    return text if isinstance(text, str) else json.dumps(text)


@pytest.fixture(params=CASES)
def grown(request: pytest.FixtureRequest, make_repository: MakeRepository) -> tuple[Format, Repository]:
    """A repository of which four versions were applied, and a fifth is committed."""
    schema_format: Format = request.param
    ending, text, _ = CASES[schema_format]
    repository = make_repository(CONFIGURATION)
    for count in range(1, 6):
        repository.write(f"schemas/order{ending}", text(count))
        repository.commit()
        if count < 5:
            done = repository.run("apply", "--yes")
            assert done.exit_code == 0, done.text
    return schema_format, repository


@pytest.mark.parametrize("command", [("plan",), ("check", "--base", "HEAD~1"), ("apply", "--yes")], ids=" ".join)
def test_each_text_is_read_parsed_and_prepared_once(grown: tuple[Format, Repository], command: tuple[str, ...]) -> None:
    schema_format, repository = grown

    with counting(schema_format) as counts:
        done = repository.run(*command)

    assert done.exit_code == 0, done.text
    assert {key: n for key, n in counts.items() if n > 1} == {}
    # A registry keeps Avro in a form of its own: an apply also reads what became of the fifth.
    stored = schema_format is Format.AVRO and command[0] == "apply"
    assert len({text for name, text in counts if name == "parse"}) == (6 if stored else 5)
