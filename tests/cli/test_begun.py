"""Registries that a plan reads while another process still reads the schemas: what the plan says is the same."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from reconciler import documents
from reconciler.operations import plan as planning
from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Outcome, Repository, record

NOTE = {"name": "note", "type": ["null", "string"], "default": None}
SETTINGS = """\
version: 1
registries:
  orders: {{kind: confluent, url: {url}, retries: 0{more}}}
environments:
  prod: {{registries: [orders], deletion: soft}}
"""


@pytest.fixture
def shop(double: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    """What was applied, some of it changed since, here and there."""
    repository = make_repository(SETTINGS.format(url=double.url, more=""))
    for name in ("kept", "moded", "changed", "dropped", "drifted"):
        repository.write(f"schemas/{name}.avsc", record(name.title(), "id"))
    for name in ("moded", "dropped"):
        repository.write(f"schemas/{name}.meta.yaml", "compatibility: FULL\n")
    repository.commit()
    assert repository.run("apply", "--yes").exit_code == 0
    repository.write("schemas/changed.avsc", record("Changed", "id", NOTE))
    repository.write("schemas/kept.meta.yaml", "compatibility: FORWARD\n")
    repository.write("schemas/new.avsc", record("New", "id"))
    repository.write("schemas/new.meta.yaml", "compatibility: NONE\n")
    for ending in ("avsc", "meta.yaml"):
        (repository.root / f"schemas/dropped.{ending}").unlink()
    repository.commit()
    raw = RawRegistry(double.url)
    raw.register("drifted", json.dumps(record("Drifted", "id", NOTE)))
    raw.set_compatibility("kept", "FULL")
    return repository


@pytest.fixture
def by_two(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let few files be worth a second process; the registries that were read meanwhile."""
    monkeypatch.setattr(documents, "WORTHWHILE", 1)
    monkeypatch.setattr(documents, "processors", lambda: 2)
    begun: list[str] = []
    begin_reading = planning.begin_reading

    def begin_and_note(*arguments: object) -> object:
        begun.extend(arguments[2])  # type: ignore[arg-type]
        return begin_reading(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(planning, "begin_reading", begin_and_note)
    return begun


def plan(repository: Repository, *options: str) -> Outcome:
    return repository.run("plan", "--output", "json", *options)


def asked(double: ConfluentDouble) -> list[str]:
    """What was asked since the last time, in any order."""
    found = sorted(f"{request.method} {request.path}" for request in double.requests)
    double.requests.clear()
    return found


def test_the_plan_is_that_of_one_process(
    shop: Repository, double: ConfluentDouble, request: pytest.FixtureRequest
) -> None:
    double.requests.clear()
    alone, asked_alone = plan(shop), asked(double)
    begun = request.getfixturevalue("by_two")

    together = plan(shop)

    assert together.out == alone.out
    assert json.loads(alone.out)["changes"]
    assert begun == ["orders"]
    # Whose mode is declared newly is read again by name, with the level: the ledger did not tell of it.
    further = Counter(asked(double)) - Counter(asked_alone)
    assert further == Counter(["GET /config", "GET /subjects/kept/versions/latest"])


@pytest.mark.parametrize("options", [("--subject", "new"), ("--since", "HEAD~1")])
def test_a_plan_of_a_part_asks_for_no_more_than_that(
    shop: Repository, by_two: list[str], options: tuple[str, str]
) -> None:
    assert plan(shop, *options).exit_code == 0
    assert by_two == []


def test_a_registry_that_does_not_answer_is_asked_once(
    shop: Repository, double: ConfluentDouble, request: pytest.FixtureRequest
) -> None:
    double.stop()
    alone = plan(shop)
    request.getfixturevalue("by_two")

    together = plan(shop)

    assert (together.exit_code, together.out) == (alone.exit_code, alone.out)
    assert together.out.count("REGISTRY_UNREADABLE") == 1


def test_what_is_wrong_with_the_settings_or_the_schemas_is_said_alike(
    shop: Repository, double: ConfluentDouble, request: pytest.FixtureRequest
) -> None:
    shop.write("schemafed.yaml", SETTINGS.format(url=double.url, more=', auth: {kind: bearer, token: "${NOT_SET}"}'))
    no_secret = plan(shop)
    shop.write("schemas/wrong.avsc", "{")
    wrong = plan(shop)
    request.getfixturevalue("by_two")

    assert plan(shop).text == wrong.text
    (shop.root / "schemas/wrong.avsc").unlink()
    assert plan(shop).text == no_secret.text
    assert "NOT_SET" in no_secret.text and "schemas/wrong.avsc" in wrong.text
