"""`manage: false`: what is owned elsewhere is read and checked against, and never written."""

from __future__ import annotations

import json

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import Repository, record

CURRENCY = {"name": "currency", "type": "string", "default": ""}
NOTE = {"name": "note", "type": "string", "default": ""}
PRICE = {"name": "price", "type": "com.acme.Money"}


@pytest.fixture
def live(double: ConfluentDouble) -> RawRegistry:
    """A registry that has the schema of another team, of which Git has a copy."""
    registry = RawRegistry(double.url)
    assert registry.register("money", json.dumps(record("Money", "amount"))).status == 200
    return registry


@pytest.fixture
def shop(online: Repository, live: RawRegistry) -> Repository:
    """A repository that refers to the other team's schema, and is applied."""
    online.write("schemas/money.avsc", record("Money", "amount"))
    online.write("schemas/money.meta.yaml", "manage: false\n")
    online.write("schemas/order.avsc", record("Order", "id", PRICE))
    online.commit("Declare orders")
    assert online.run("apply", "--yes").exit_code == 0
    return online


def test_a_copy_that_equals_what_is_live_is_not_told_of(shop: Repository) -> None:
    planned = shop.run("plan", "--detailed-exitcode")

    assert planned.exit_code == 0, planned.text
    assert "MANAGED_ELSEWHERE_DIFFERS" not in planned.out


def test_a_copy_that_nothing_changing_uses_is_warned_of(shop: Repository, live: RawRegistry) -> None:
    (shop.root / "schemas/order.avsc").unlink()
    shop.write("schemas/refund.avsc", record("Refund", "id"))
    shop.commit("Refunds in place of orders")
    live.register("money", json.dumps(record("Money", "amount", CURRENCY)))

    planned = shop.run("plan", "--output", "json")
    applied = shop.run("apply", "--yes")

    (finding,) = [f for f in json.loads(planned.out)["findings"] if f["subject"] == "money"]
    assert (finding["code"], finding["severity"]) == ("MANAGED_ELSEWHERE_DIFFERS", "warning")
    assert "version 2 of the registry is another schema than Git's copy" in finding["message"]
    assert finding["location"]["file"] == "schemas/money.avsc"
    assert applied.exit_code == 0, applied.text
    assert "refund" in live.read_subjects()


def test_a_copy_that_is_behind_blocks_what_refers_to_it_and_nothing_is_written(
    shop: Repository, live: RawRegistry, double: ConfluentDouble
) -> None:
    live.register("money", json.dumps(record("Money", "amount", CURRENCY)))
    shop.write("schemas/order.avsc", record("Order", "id", PRICE, NOTE))
    shop.commit("A note")
    before = live.read_state()
    double.requests.clear()

    planned = shop.run("plan")
    applied = shop.run("apply", "--yes")

    assert (planned.exit_code, applied.exit_code) == (3, 3), planned.text
    assert "MANAGED_ELSEWHERE_DIFFERS" in planned.out
    assert "order would be judged with the copy, and registered with what is live" in planned.out
    assert double.writes == []
    assert live.read_state() == before


def test_what_the_finding_proposes_lets_the_plan_go_on(shop: Repository, live: RawRegistry) -> None:
    live.register("money", json.dumps(record("Money", "amount", CURRENCY)))
    assert "schemafed import --registry orders --subject money --overwrite" in shop.run("plan").out

    assert shop.run("import", "--registry", "orders", "--subject", "money", "--overwrite").exit_code == 0
    shop.commit("Take their schema")
    applied = shop.run("apply", "--yes")

    assert applied.exit_code == 0, applied.text
    assert "manage: false" in (shop.root / "schemas/money.meta.yaml").read_text()
    assert [r.version for r in live.read_version("order").references] == [2]
    assert [v.version for v in live.read_versions("money")] == [1, 2]


def test_what_is_absent_blocks_whoever_refers_to_it(shop: Repository, live: RawRegistry) -> None:
    shop.write("schemas/country.avsc", record("Country", "code"))
    shop.write("schemas/country.meta.yaml", "manage: false\n")
    shop.commit("Theirs too, and used by nothing")
    unused = shop.run("plan")
    shop.write("schemas/address.avsc", record("Address", {"name": "country", "type": "com.acme.Country"}))
    shop.commit("Used")

    used = shop.run("plan")

    assert unused.exit_code == 0, unused.text
    assert "country" not in unused.out
    assert used.exit_code == 3
    assert "REFERENCE_NOT_IN_REGISTRY" in used.out
    assert "have country registered by its owner first" in used.out


def test_telling_a_difference_asks_the_registry_nothing_more(
    shop: Repository, live: RawRegistry, double: ConfluentDouble
) -> None:
    def ask(*scope: str) -> tuple[list[str], str]:
        double.requests.clear()
        planned = shop.run("plan", *scope)
        return sorted(f"{request.method} {request.path}" for request in double.requests), planned.out

    same, quiet = ask("--subject", "money")
    live.register("money", json.dumps(record("Money", "amount", CURRENCY)))
    differing, told = ask("--subject", "money")

    assert ("MANAGED_ELSEWHERE_DIFFERS" in quiet, "MANAGED_ELSEWHERE_DIFFERS" in told) == (False, True)
    assert differing == same
