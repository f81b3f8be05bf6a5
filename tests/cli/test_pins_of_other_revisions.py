"""Pinned texts that lie outside of the folders with schemas, in every command that reads another revision."""

from __future__ import annotations

import pytest

from tests.repositories import MakeRepository, Repository, record

SETTINGS = """\
version: 1
registries:
  test: {kind: local, path: .schemafed/test.db}
  live: {kind: local, path: .schemafed/live.db}
environments:
  staging: {registries: [test]}
  prod: {registries: [live]}
"""
NOTE = {"name": "note", "type": ["null", "string"], "default": None}
LINE = {"name": "line", "type": "Line"}
MONEY = record("Money", "currency")


def pin(subject: str, folder: str = "../pins/") -> str:
    name, file = f"com.acme.{subject.title()}", f"{folder}{subject}-1.avsc"
    return f"references: [{{name: {name}, subject: {subject}, version: 1, file: {file}}}]\n"


@pytest.fixture
def pinning(make_repository: MakeRepository) -> Repository:
    """An order that is pinned to version 1 of the line, which is pinned to version 1 of money; both have gone on."""
    repository = make_repository(SETTINGS)
    line = record("Line", "id", {"name": "price", "type": "Money"})
    repository.write("schemas/line.avsc", line)
    repository.write("schemas/order.avsc", record("Order", "id", LINE))
    for fields in (["currency"], ["currency", NOTE]):
        repository.write("schemas/money.avsc", record("Money", *fields))
        repository.commit("Money")
        for environment in ("staging", "prod"):
            assert repository.run("apply", "--yes", "-e", environment).exit_code == 0
    repository.write("schemas/order.meta.yaml", pin("line"))
    repository.write("pins/line-1.avsc", line)
    repository.write("pins/line-1.meta.yaml", pin("money", folder=""))
    repository.write("pins/money-1.avsc", MONEY)
    repository.commit("Pin the line")
    return repository


def let_go(repository: Repository) -> None:
    """Let the order follow the repository again."""
    repository.git("rm", "--quiet", "-r", "pins", "schemas/order.meta.yaml")
    repository.commit("Follow again")


def test_what_is_promoted_keeps_its_pins(pinning: Repository) -> None:
    assert pinning.run("apply", "--yes", "-e", "staging").exit_code == 0
    let_go(pinning)

    promoted = pinning.run("promote", "--from", "staging", "--to", "prod", "--apply", "--yes")

    assert promoted.exit_code == 0, promoted.text
    assert "uses line, version 1" in promoted.out


def test_a_rollback_brings_pins_back(pinning: Repository) -> None:
    let_go(pinning)

    done = pinning.run("rollback", "--to", "HEAD~1")

    assert done.exit_code == 0, done.text
    changed = pinning.git("show", "--name-only", "--format=", "HEAD").split()
    pins = ["pins/line-1.avsc", "pins/line-1.meta.yaml", "pins/money-1.avsc"]
    assert sorted(changed) == [*pins, "schemas/order.meta.yaml"]


def test_what_is_staged_is_checked_with_its_pins(pinning: Repository) -> None:
    pinning.write("schemas/order.avsc", record("Order", "id", LINE, "country"))
    pinning.git("add", "--all")
    pinning.write("schemas/order.avsc", "not staged")

    done = pinning.run("check", "--staged")

    assert done.exit_code == 3, done.text
    assert "`country` was added without a default" in done.out
    assert "REFERENCE_MISSING" not in done.text


def test_a_change_that_drops_a_pin_is_judged_against_what_was_pinned(pinning: Repository) -> None:
    pinning.git("checkout", "--quiet", "-b", "change")
    pinning.git("rm", "--quiet", "-r", "pins", "schemas/order.meta.yaml")
    pinning.write("schemas/order.avsc", record("Order", LINE, "id", "country"))

    done = pinning.run("check")

    assert done.exit_code == 3
    assert "`country` was added without a default" in done.out


def test_a_history_knows_what_was_pinned(pinning: Repository) -> None:
    pinning.write("schemas/order.meta.yaml", "compatibility: BACKWARD_TRANSITIVE\n" + pin("line"))
    pinning.write("schemas/order.avsc", record("Order", "id", LINE, NOTE))
    pinning.commit("With a pin, a note and a mode")
    pinning.git("rm", "--quiet", "-r", "pins")
    pinning.write("schemas/order.meta.yaml", "compatibility: BACKWARD_TRANSITIVE\n")
    pinning.write("schemas/order.avsc", record("Order", "id", LINE))
    pinning.commit("Follow again")
    pinning.git("checkout", "--quiet", "-b", "change")
    pinning.write("schemas/order.avsc", record("Order", "id", LINE, {"name": "note", "type": "int", "default": 0}))

    done = pinning.run("check")

    assert done.exit_code == 3, done.text
    assert "HISTORY_INCOMPLETE" not in done.out
    assert "TYPE_MISMATCH" in done.out


def test_a_pin_of_a_pin_that_changes_concerns_who_is_pinned(pinning: Repository) -> None:
    assert pinning.run("apply", "--yes", "-e", "staging").exit_code == 0
    pinning.write("pins/money-1.avsc", record("Money", "other"))
    pinning.commit("Another text")

    planned = pinning.run("plan", "-e", "staging", "--since", "HEAD~1")

    assert planned.exit_code == 3, planned.text
    assert "PIN_DIFFERS" in planned.out
