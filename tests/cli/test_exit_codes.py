"""Semantic 13: what a run comes to as one number, and which number wins where several could."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, record

NOTE = {"name": "note", "type": ["null", "string"], "default": None}
SETTINGS = """\
version: 1
registries:
  europe: {{kind: confluent, url: {europe}, retries: 0}}
  america: {{kind: confluent, url: {america}, retries: 0}}
environments:
  prod: {{registries: [europe, america]}}
"""


@pytest.fixture
def europe() -> Iterator[ConfluentDouble]:
    with ConfluentDouble("8.1") as started:
        yield started


@pytest.fixture
def america() -> Iterator[ConfluentDouble]:
    with ConfluentDouble("7.9") as started:
        yield started


@pytest.fixture
def shop(europe: ConfluentDouble, america: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    """One subject in two registries, applied."""
    repository = make_repository(SETTINGS.format(europe=europe.url, america=america.url))
    change(repository, "id")
    assert repository.run("apply", "--yes").exit_code == 0
    return repository


def change(shop: Repository, *fields: str | dict[str, object]) -> None:
    shop.write("schemas/order.avsc", record("Order", *fields))
    shop.commit()


def drift(registry: ConfluentDouble) -> None:
    """Someone else changes the subject."""
    text = json.dumps(record("Order", "id", {"name": "tag", "type": ["null", "string"], "default": None}))
    assert RawRegistry(registry.url).register("order", text).status == 200


def codes(shop: Repository) -> dict[str, int]:
    """The exit code of each command that tells what is so."""
    return {
        "plan": shop.run("plan").exit_code,
        "plan --detailed-exitcode": shop.run("plan", "--detailed-exitcode").exit_code,
        "apply": shop.run("apply", "--yes").exit_code,
        "drift": shop.run("drift").exit_code,
    }


def test_semantic_13_nothing_to_do_passes(shop: Repository) -> None:
    assert codes(shop) == {"plan": 0, "plan --detailed-exitcode": 0, "apply": 0, "drift": 0}


def test_semantic_13_pending_changes_are_told_where_that_is_asked_for(shop: Repository) -> None:
    change(shop, "id", NOTE)

    assert codes(shop) == {"plan": 0, "plan --detailed-exitcode": 2, "apply": 0, "drift": 0}


def test_semantic_13_what_blocks_comes_before_what_is_pending(shop: Repository) -> None:
    shop.write("schemas/other.avsc", record("Other", "id"))
    change(shop, "id", "amount")

    assert codes(shop) == {"plan": 3, "plan --detailed-exitcode": 3, "apply": 3, "drift": 0}


def test_semantic_13_drift_blocks(shop: Repository, europe: ConfluentDouble) -> None:
    drift(europe)

    assert codes(shop) == {"plan": 3, "plan --detailed-exitcode": 3, "apply": 3, "drift": 3}


def test_semantic_13_an_error_comes_before_what_blocks(
    shop: Repository, europe: ConfluentDouble, america: ConfluentDouble
) -> None:
    drift(europe)
    america.stop()

    assert codes(shop) == {"plan": 1, "plan --detailed-exitcode": 1, "apply": 1, "drift": 1}


def test_semantic_10_a_registry_that_cannot_be_read_makes_the_plan_not_applicable(
    shop: Repository, europe: ConfluentDouble, america: ConfluentDouble
) -> None:
    change(shop, "id", NOTE)
    america.stop()
    before = len(europe.writes)

    planned = shop.run("plan")
    refused = shop.run("apply", "--yes")
    part = shop.run("apply", "--yes", "--registry", "europe")

    assert (planned.exit_code, refused.exit_code, part.exit_code) == (1, 1, 0)
    assert "europe (confluent): 1 change" in planned.out, "the others are planned all the same"
    assert "REGISTRY_UNREADABLE" in planned.out
    assert "look at the others meanwhile with --registry europe" in planned.out
    assert len(europe.writes) == before + 1


def test_semantic_13_a_repository_with_problems_blocks(shop: Repository) -> None:
    shop.write("schemas/order.avsc", "{")
    shop.commit()

    assert codes(shop)["plan"] == 3
    assert shop.run("validate").exit_code == 3
    assert shop.run("check", "--base", "HEAD~1").exit_code == 3


def test_semantic_13_a_stale_plan_blocks(shop: Repository, europe: ConfluentDouble, tmp_path: object) -> None:
    change(shop, "id", NOTE)
    saved = f"{tmp_path}/plan.json"
    shop.run("plan", "--plan-file", saved)
    drift(europe)

    assert shop.run("apply", saved, "--yes").exit_code == 3


def test_semantic_13_a_change_that_fails_is_an_error(shop: Repository, america: ConfluentDouble) -> None:
    change(shop, "id", NOTE)
    america.faults.add(kind="error_500", method="POST", path="/subjects/order/versions", times=None)

    applied = shop.run("apply", "--yes")

    assert applied.exit_code == 1
    assert "1 applied, 1 failed" in applied.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "-e", "nowhere"),
        ("plan", "--registry", "asia"),
        ("apply", "missing.json"),
        ("drift", "--branch", "x"),
        ("history", "--since", "yesterday"),
        ("rollback", "--to", "nowhere"),
        ("promote", "--from", "prod", "--to", "prod"),
        ("release", "nobody"),
    ],
)
def test_semantic_13_what_cannot_be_meant_is_an_error(shop: Repository, arguments: tuple[str, ...]) -> None:
    done = shop.run(*arguments)

    assert done.exit_code == 1
    assert done.err.startswith(("error: ", "Usage: ")) or "\nerror: " in done.err, done.err
    assert "Traceback" not in done.text
