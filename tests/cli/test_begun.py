"""Registries that a plan reads while another process still reads the schemas: what the plan says is the same."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import Future

import pytest

from reconciler import documents
from reconciler.operations import live_reading
from reconciler.operations import plan as planning
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.fault_proxy import FaultProxy, WireFault
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
    open_and_read = planning.open_and_read

    def read_and_note(*arguments: object) -> object:
        begun.extend(arguments[2])  # type: ignore[arg-type]
        return open_and_read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(planning, "open_and_read", read_and_note)
    # So few files are read before Git has told the ledger, which is then waited for.
    monkeypatch.setattr(Future, "done", lambda _: True)
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


def test_many_new_modes_are_read_all_at_once(
    shop: Repository, double: ConfluentDouble, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    double.requests.clear()
    alone, asked_alone = plan(shop), asked(double)
    begun = request.getfixturevalue("by_two")
    monkeypatch.setattr(live_reading, "_FEW", 0)

    together = plan(shop)

    assert (together.out, begun) == (alone.out, ["orders"])
    # Once before the schemas were there, and once with what they declare.
    further = Counter(asked(double)) - Counter(asked_alone)
    assert "GET /schemas" in further and "GET /subjects/kept/versions/latest" not in further


def test_what_is_planned_so_is_applied(shop: Repository, double: ConfluentDouble, by_two: list[str]) -> None:
    raw = RawRegistry(double.url)
    raw.delete_subject("drifted", permanent=True)
    (shop.root / "schemas/drifted.avsc").unlink()
    shop.commit()

    applied = shop.run("apply", "--yes", "--take-over", "*")

    assert applied.exit_code == 0, applied.text
    assert by_two == ["orders"]
    assert sorted(raw.read_subjects()) == ["changed", "kept", "moded", "new"]
    assert [raw.read_compatibility(name) for name in ("kept", "moded", "new")] == ["FORWARD", "FULL", "NONE"]
    assert shop.run("plan", "--detailed-exitcode").exit_code == 0


def test_nothing_is_read_before_where_nothing_was_applied(
    double: ConfluentDouble, make_repository: MakeRepository, by_two: list[str]
) -> None:
    repository = make_repository(SETTINGS.format(url=double.url, more=""))
    repository.write("schemas/new.avsc", record("New", "id"))
    repository.commit()

    assert plan(repository).exit_code == 0
    assert by_two == ["orders"]
    assert sum(path.startswith("GET /schemas") for path in asked(double)) == 1


@pytest.mark.parametrize("options", [("--subject", "new"), ("--since", "HEAD~1")])
def test_a_plan_of_a_part_asks_for_no_more_than_that(
    shop: Repository, by_two: list[str], options: tuple[str, str]
) -> None:
    assert plan(shop, *options).exit_code == 0
    assert by_two == []


def test_a_registry_that_does_not_answer_is_asked_once(
    shop: Repository, double: ConfluentDouble, request: pytest.FixtureRequest
) -> None:
    other = f"  far: {{kind: confluent, url: {double.url}, retries: 0}}\n"
    with FaultProxy(double.url) as proxy:
        settings = SETTINGS.format(url=proxy.url, more="").replace("environments:", f"{other}environments:")
        shop.write("schemafed.yaml", settings.replace("[orders]", "[orders, far]"))
        shop.commit()
        proxy.arm({0: WireFault.REFUSE})
        alone = plan(shop)
        tries = len(proxy.passed)
        proxy.arm({0: WireFault.REFUSE})
        begun = request.getfixturevalue("by_two")

        together = plan(shop)

        assert len(proxy.passed) == tries > 0
    assert (together.exit_code, together.out) == (alone.exit_code, alone.out)
    assert begun == ["orders", "far"]
    assert together.out.count("REGISTRY_UNREADABLE") == 1


def test_what_is_wrong_with_the_settings_or_the_schemas_is_said_alike(
    shop: Repository, double: ConfluentDouble, request: pytest.FixtureRequest
) -> None:
    shop.write("schemafed.yaml", SETTINGS.format(url=double.url, more=', auth: {kind: bearer, token: "${NOT_SET}"}'))
    no_secret = plan(shop)
    shop.write("schemas/wrong.avsc", "{")
    wrong = plan(shop)
    begun = request.getfixturevalue("by_two")

    assert plan(shop).text == wrong.text
    assert begun == ["orders"]
    (shop.root / "schemas/wrong.avsc").unlink()
    assert plan(shop).text == no_secret.text
    assert "NOT_SET" in no_secret.text and "schemas/wrong.avsc" in wrong.text
