"""Plan and apply on a real Apicurio Registry, through its Confluent-compatible interface."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest, record
from tests.servers.apicurio import ApicurioServer

pytestmark = pytest.mark.server


@pytest.fixture
def prefix() -> str:
    return f"converge-{uuid.uuid4().hex[:8]}-"


@pytest.fixture
def shop(apicurio: ApicurioServer, make_repository: MakeRepository, prefix: str) -> Repository:
    repository = make_repository(over_rest(apicurio.url, f'    name: "{prefix}{{{{ name }}}}"'))
    repository.write("schemas/money.avsc", record("Money", "currency"))
    repository.write("schemas/order.avsc", record("Order", "id", {"name": "total", "type": "Money"}))
    repository.write("schemas/person.schema.json", {"type": "object", "properties": {"name": {"type": "string"}}})
    repository.write("schemas/event.proto", 'syntax = "proto3";\npackage acme;\nmessage Event { string id = 1; }\n')
    repository.write("schemas/defaults.yaml", "compatibility: BACKWARD\n")
    repository.commit()
    return repository


def test_first_apply_then_nothing_to_do(shop: Repository, apicurio: ApicurioServer, prefix: str) -> None:
    applied = shop.run("apply", "--yes")
    planned = shop.run("plan", "--detailed-exitcode")

    assert applied.exit_code == 0, applied.text
    assert planned.exit_code == 0, planned.text
    raw = RawRegistry(apicurio.url)
    live = raw.read_state(prefix)
    assert sorted(live) == [prefix + name for name in ("event", "money", "order", "person")]
    assert json.loads(raw.read_version(prefix + "money").text) == record("Money", "currency")
    assert raw.read_compatibility(prefix + "order") == "BACKWARD"


def test_a_new_version_and_its_dependant(shop: Repository, apicurio: ApicurioServer, prefix: str) -> None:
    shop.run("apply", "--yes")
    note = {"name": "note", "type": ["null", "string"], "default": None}
    shop.write("schemas/money.avsc", record("Money", "currency", note))
    shop.commit()

    applied = shop.run("apply", "--yes")
    planned = shop.run("plan", "--detailed-exitcode")

    assert applied.exit_code == 0, applied.text
    assert planned.exit_code == 0, planned.text
    order = RawRegistry(apicurio.url).read_version(prefix + "order")
    assert [(r.subject, r.version) for r in order.references] == [(prefix + "money", 2)]


def test_documentation_that_the_registry_does_not_tell_apart_is_said_and_not_planned_for_ever(shop: Repository) -> None:
    shop.run("apply", "--yes")
    shop.write("schemas/money.avsc", {**record("Money", "currency"), "doc": "An amount of money."})
    shop.commit()

    planned = shop.run("plan", "--detailed-exitcode")

    assert planned.exit_code == 0, planned.text
    assert "SAME_FOR_REGISTRY" in planned.out


def test_the_servers_own_verdict_blocks_before_anything_is_written(
    shop: Repository, apicurio: ApicurioServer, prefix: str
) -> None:
    shop.run("apply", "--yes")
    shop.write("schemas/person.schema.json", {"type": "object", "properties": {"name": {"type": "integer"}}})
    shop.commit()

    planned = shop.run("plan")

    assert planned.exit_code == 3, planned.text
    assert "schemas/person.schema.json" in planned.out
    assert len(RawRegistry(apicurio.url).read_versions(prefix + "person")) == 1


def test_a_json_change_that_both_accept_is_planned_and_applied(shop: Repository) -> None:
    shop.run("apply", "--yes")
    person = {"type": "object", "properties": {"name": {"type": "string"}}, "description": "Somebody."}
    shop.write("schemas/person.schema.json", person)
    shop.commit()

    planned = shop.run("plan")
    applied = shop.run("apply", "--yes")

    assert planned.exit_code == 0, planned.text
    assert "compatible with version 1 (BACKWARD" in planned.out, planned.text
    assert "VERDICTS_DISAGREE" not in planned.out
    assert applied.exit_code == 0, applied.text
    assert "Nothing to do." in shop.run("plan").out
