"""Rules of data contracts from the command line, on a server that keeps them and on one that drops them silently."""

from __future__ import annotations

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest, record

SIDECAR = """\
rules:
  domain:
    - {name: checkId, kind: CONDITION, mode: WRITE, type: CEL, expr: size(message.id) > 0, on_failure: DLQ}
  migration:
    - {name: rename, kind: TRANSFORM, mode: UPGRADE, type: JSONATA, expr: $}
"""


def make_shop(make_repository: MakeRepository, url: str) -> Repository:
    shop = make_repository(over_rest(url))
    shop.write("schemas/order.avsc", record("Order", "id"))
    shop.commit()
    assert shop.run("apply", "--yes").exit_code == 0
    return shop


def declare(shop: Repository, text: str) -> None:
    shop.write("schemas/order.meta.yaml", text)
    shop.commit()


@pytest.fixture
def keeping() -> ConfluentDouble:
    return ConfluentDouble("8.1", keeps_rules=True)


def test_rules_are_a_version_of_their_own_and_come_back(
    keeping: ConfluentDouble, make_repository: MakeRepository
) -> None:
    with keeping as server:
        shop = make_shop(make_repository, server.url)
        declare(shop, SIDECAR)

        shown = shop.run("plan").text
        assert "the declared rules differ from those of version 1" in shown
        assert "domain rule checkId" in shown
        assert shop.run("apply", "--yes").exit_code == 0
        assert "Nothing to do" in shop.run("apply", "--yes").text

        stored = RawRegistry(server.url).send("GET", "/subjects/order/versions/2").body["ruleSet"]
        assert stored["domainRules"][0] == {
            "name": "checkId",
            "kind": "CONDITION",
            "mode": "WRITE",
            "type": "CEL",
            "expr": "size(message.id) > 0",
            "onFailure": "DLQ",
        }
        assert [rule["name"] for rule in stored["migrationRules"]] == ["rename"]


def test_rules_that_were_imported_are_as_declared(keeping: ConfluentDouble, make_repository: MakeRepository) -> None:
    with keeping as server:
        shop = make_shop(make_repository, server.url)
        declare(shop, SIDECAR)
        assert shop.run("apply", "--yes").exit_code == 0
        (shop.root / "schemas/order.meta.yaml").unlink()
        (shop.root / "schemas/order.avsc").unlink()

        assert shop.run("import", "--registry", "orders").exit_code == 0
        shop.commit()

        assert "checkId" in "".join(p.read_text() for p in shop.root.glob("schemas/**/*.yaml"))
        assert "Nothing to do" in shop.run("plan").text


def test_a_server_that_drops_rules_is_found_out_and_never_asked_again(
    confluent: ConfluentDouble, make_repository: MakeRepository
) -> None:
    shop = make_shop(make_repository, confluent.url)
    declare(shop, SIDECAR)

    shown = shop.run("plan")
    assert shown.exit_code == 0
    assert "RULES_DROPPED" in shown.text
    assert "0 changes" in shown.text

    shop.write("schemas/bill.avsc", record("Bill", "id"))
    shop.write("schemas/bill.meta.yaml", SIDECAR)
    shop.commit()
    applied = shop.run("apply", "--yes")
    assert applied.exit_code == 1
    assert "version 1 is registered, but the registry did not keep its rules" in applied.text

    again = shop.run("plan")
    assert again.exit_code == 0
    assert "RULES_DROPPED" in again.text
    assert "0 changes" in again.text
