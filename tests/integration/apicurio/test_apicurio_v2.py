"""What is particular to a real Apicurio Registry that is spoken to by its interface v2."""

from __future__ import annotations

import json

import pytest

from reconciler.model import Format, Mode, Reference, Schema
from tests.contract.targets.apicurio import RawApicurioV2
from tests.integration.apicurio.apicurio_samples import MakeShop, open_registry
from tests.repositories import Repository, record
from tests.servers.apicurio import ApicurioServer

pytestmark = pytest.mark.server


@pytest.fixture
def shop(make_shop: MakeShop) -> Repository:
    repository = make_shop("v2")
    repository.write("schemas/money.avsc", record("Money", "currency"))
    repository.write("schemas/order.avsc", record("Order", "id", {"name": "total", "type": "Money"}))
    repository.write("schemas/defaults.yaml", "compatibility: BACKWARD\n")
    repository.commit()
    return repository


@pytest.fixture
def raw(apicurio: ApicurioServer, group: str) -> RawApicurioV2:
    return RawApicurioV2(f"{apicurio.root}/apis/registry/v2", group)


def test_a_group_is_applied_and_then_there_is_nothing_to_do(shop: Repository, raw: RawApicurioV2) -> None:
    applied = shop.run("apply", "--yes")
    planned = shop.run("plan", "--detailed-exitcode")

    assert applied.exit_code == 0, applied.text
    assert planned.exit_code == 0, planned.text
    (order,) = raw.read_versions("order")
    assert json.loads(order.text) == record("Order", "id", {"name": "total", "type": "Money"})
    assert [(r.name, r.subject, r.version) for r in order.references] == [("com.acme.Money", "money", 1)]
    assert raw.read_compatibility("order") == "BACKWARD"


def test_asking_for_a_verdict_registers_nothing(shop: Repository, raw: RawApicurioV2) -> None:
    shop.run("apply", "--yes")
    money = Schema(Format.AVRO, json.dumps(record("Money", "currency", "amount")))
    order = Schema(Format.AVRO, json.dumps(record("Order")), (Reference("com.acme.Money", "money", 1),))

    with open_registry(raw.url, group=raw.group) as registry:
        refused = registry.probe("money", money, Mode.BACKWARD)
        not_asked = registry.probe("order", order, Mode.BACKWARD)

    assert refused is not None
    assert [(f.code, f.path) for f in refused.findings] == [("REGISTRY_REFUSES", "/fields/1")]
    assert not_asked is None
    assert raw.read_numbers("money") == raw.read_numbers("order") == [1]


def test_what_is_not_kept_beside_artifacts_is_told_by_the_plan(shop: Repository) -> None:
    shop.write("schemas/money.meta.yaml", "settings: {description: An amount of money.}\n")
    shop.commit()

    planned = shop.run("plan")

    assert planned.exit_code == 0, planned.text
    assert "no setting `description`" in planned.out


def test_what_is_imported_needs_no_change(shop: Repository, make_shop: MakeShop) -> None:
    shop.run("apply", "--yes")
    other = make_shop("v2", "other")
    other.commit()

    imported = other.run("import", "--registry", "orders")
    other.commit()
    planned = other.run("plan", "--detailed-exitcode")

    assert imported.exit_code == 0, imported.text
    assert planned.exit_code == 0, planned.text
    assert (other.root / "schemas/order.avsc").exists()
