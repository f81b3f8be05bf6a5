"""Two repositories that both take a subject for theirs, over one registry: each lets Git win over the other."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest, record

Declare = Callable[[Repository, int], None]
FINDING = "SECOND_OWNER"


def make_owner(make_repository: MakeRepository, url: str, name: str) -> Repository:
    text = over_rest(url).replace("[orders]}", "[orders], on_drift: {schema: overwrite, mode: overwrite}}")
    return make_repository(text, name)


def declare_schema(owner: Repository, number: int) -> None:
    """Each adds a field of its own to a schema in which both had agreed."""
    own = {"name": owner.root.name, "type": "string", "default": ""}
    owner.write("schemas/order.avsc", record("Order", "id", *([own] if number else [])))


def declare_mode(owner: Repository, number: int) -> None:
    owner.write("schemas/order.avsc", record("Order", "id"))
    owner.write("schemas/order.meta.yaml", f"compatibility: {'FULL' if owner.root.name == 'shop' else 'NONE'}\n")


def declare_setting(owner: Repository, number: int) -> None:
    owner.write("schemas/order.avsc", record("Order", "id"))
    settings = f"settings: {{compatibility_group: {owner.root.name}}}\n"
    owner.write("schemas/order.meta.yaml", f"compatibility: FULL\n{settings}")


@pytest.fixture
def owners(double: ConfluentDouble, make_repository: MakeRepository) -> tuple[Repository, Repository]:
    return make_owner(make_repository, double.url, "shop"), make_owner(make_repository, double.url, "billing")


def apply(owner: Repository) -> str:
    """Apply as a job does; what was said."""
    done = owner.run("apply", "--yes")
    assert done.exit_code == 0, done.text
    return done.out


@pytest.mark.parametrize(
    ("declare", "theirs"),
    [(declare_schema, "billing"), (declare_mode, "NONE"), (declare_setting, "billing")],
    ids=["schemas", "modes", "settings"],
)
def test_two_repositories_that_undo_each_other_are_told_of(
    owners: tuple[Repository, Repository], double: ConfluentDouble, declare: Declare, theirs: str
) -> None:
    for owner in owners:
        declare(owner, 0)
        owner.commit("Declare orders")
        assert FINDING not in apply(owner)
    for owner in owners:
        declare(owner, 1)
        owner.commit("A field of our own")

    rounds = [[apply(owner) for owner in owners] for _ in range(4)]

    first = [next((i for i, said in enumerate(told) if FINDING in said), None) for told in zip(*rounds, strict=True)]
    assert all(number is not None and number > 0 for number in first), first
    assert "it likely has a second owner" in rounds[-1][0]
    # It is a warning: whoever applied last has what it declares, until the other one applies.
    assert theirs in read_order(double)
    assert owners[1].run("plan", "--detailed-exitcode").exit_code == 0


def read_order(double: ConfluentDouble) -> str:
    """Read the schema, the mode and the settings of the subject that both want."""
    live = RawRegistry(double.url)
    return live.read_version("order").text + json.dumps(live.send("GET", "/config/order").body)


def test_the_one_that_lets_go_ends_the_fight(owners: tuple[Repository, Repository], double: ConfluentDouble) -> None:
    shop, billing = owners
    for number in (0, 1):
        for owner in owners:
            declare_schema(owner, number)
            owner.commit("Declare orders")
            apply(owner)
    for owner in (*owners, *owners):
        apply(owner)
    assert FINDING in billing.run("plan").out or FINDING in shop.run("plan").out

    shop.write("schemas/order.meta.yaml", "manage: false\n")
    shop.commit("It is billing's")
    let_go = apply(shop)
    apply(billing)
    double.requests.clear()
    said = [apply(shop), apply(billing), apply(shop)]

    assert "LET_GO" in let_go
    assert double.writes == []
    assert not any(FINDING in text for text in said)
    assert "billing" in read_order(double)
