"""`normalize: true`: schemas are stored in the server's own normal form, and are still those of the files."""

from __future__ import annotations

import pytest

from reconciler.errors import ConfigurationError
from reconciler.model import Format, Mode, Outcome, Schema
from tests.doubles.confluent import ConfluentDouble
from tests.integration.confluent.confluent_samples import open_registry
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository

UNORDERED = Schema(Format.JSON, '{"type": "object", "properties": {"b": {}, "a": {}}}')
ORDERED = '{"properties":{"a":{},"b":{}},"type":"object"}'
PROTO = """\
syntax = "proto3";
import "google/protobuf/timestamp.proto";
import "google/protobuf/any.proto";
message M { google.protobuf.Timestamp at = 2; google.protobuf.Any what = 1; }
"""


def test_a_schema_is_stored_normalized_and_found_again(confluent: ConfluentDouble) -> None:
    registry = open_registry(confluent.url, normalize=True)

    assert registry.register_schema("a", UNORDERED).version == 1
    assert registry.register_schema("a", UNORDERED).version == 1
    assert registry.find_version("a", UNORDERED) == 1
    assert RawRegistry(confluent.url).read_version("a").text == ORDERED


def test_without_it_nothing_is_normalized(confluent: ConfluentDouble) -> None:
    registry = open_registry(confluent.url)

    registry.register_schema("a", UNORDERED)

    assert RawRegistry(confluent.url).read_version("a").text != ORDERED
    assert not [request for request in confluent.requests if "normalize" in request.query]


def test_every_schema_that_is_sent_asks_for_it(confluent: ConfluentDouble) -> None:
    registry = open_registry(confluent.url, normalize=True)

    registry.register_schema("a", UNORDERED)
    verdict = registry.probe("a", UNORDERED, Mode.BACKWARD)
    registry.find_version("a", UNORDERED)

    assert verdict is not None
    assert verdict.outcome is Outcome.COMPATIBLE
    assert {r.query.get("normalize") for r in confluent.requests if r.method == "POST"} == {"true"}


def test_an_older_schema_becomes_the_latest_in_its_normal_form(confluent: ConfluentDouble) -> None:
    registry = open_registry(confluent.url, normalize=True)
    registry.set_compatibility("a", Mode.NONE)
    registry.register_schema("a", UNORDERED)
    registry.register_schema("a", Schema(Format.JSON, '{"type": "string"}'))

    assert registry.restore_schema("a", UNORDERED).version == 3
    assert registry.restore_schema("a", UNORDERED).version == 3
    assert RawRegistry(confluent.url).read_version("a").text == ORDERED


def test_the_plan_after_an_apply_is_empty(confluent: ConfluentDouble, make_repository: MakeRepository) -> None:
    repository = make_repository(
        f"version: 1\nregistries:\n  orders: {{kind: confluent, url: '{confluent.url}', normalize: true}}\n"
    )
    repository.write("schemas/j.schema.json", UNORDERED.definition)
    repository.write("schemas/p.proto", PROTO)
    repository.write("schemas/v.avsc", {"name": "a.V", "type": "record", "fields": [{"type": "int", "name": "x"}]})
    repository.commit()

    applied = repository.run("apply", "--yes")
    planned = repository.run("plan", "--detailed-exitcode")
    drifted = repository.run("drift")

    raw = RawRegistry(confluent.url)
    assert (applied.exit_code, planned.exit_code, drifted.exit_code) == (0, 0, 0)
    assert "Nothing to do." in planned.text
    assert raw.read_version("j").text == ORDERED
    assert raw.read_version("p").text.index("any.proto") < raw.read_version("p").text.index("timestamp.proto")
    assert [len(raw.read_versions(name)) for name in "jpv"] == [1, 1, 1]


def test_a_file_whose_normal_form_stays_is_no_change_and_another_one_is(
    confluent: ConfluentDouble, make_repository: MakeRepository
) -> None:
    repository = make_repository(
        f"version: 1\nregistries:\n  orders: {{kind: confluent, url: '{confluent.url}', normalize: true}}\n"
    )
    repository.write("schemas/j.schema.json", UNORDERED.definition)
    repository.commit()
    assert repository.run("apply", "--yes").exit_code == 0

    repository.write("schemas/j.schema.json", '{"properties": {"b": {}, "a": {}}, "type": "object"}')
    repository.commit("Write it otherwise")
    assert repository.run("plan", "--detailed-exitcode").exit_code == 0

    repository.write("schemas/j.schema.json", '{"properties": {"b": {}, "a": {}}, "type": "object", "title": "J"}')
    repository.commit("Give it a title")
    assert repository.run("plan", "--detailed-exitcode").exit_code == 2


@pytest.mark.parametrize("dialect", ["karapace", "apicurio"])
def test_other_products_do_not_take_it(dialect: str) -> None:
    with pytest.raises(ConfigurationError, match="`normalize` is for registries of kind `confluent`") as caught:
        open_registry("http://127.0.0.1:1", normalize=True, dialect=dialect)

    assert caught.value.problems[0].path == ("normalize",)
