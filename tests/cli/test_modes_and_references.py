"""Semantics 4 to 6 from the command line: whose mode holds, what comes first, and what a dependant refers to."""

from __future__ import annotations

import json

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawReference, RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest, record

NOTE = {"name": "note", "type": ["null", "string"], "default": None}
TOTAL = {"name": "total", "type": "Money"}
PIN = "references: [{name: com.acme.Money, subject: money, version: 1, file: pins/money-1.avsc}]\n"


@pytest.fixture
def live(confluent: ConfluentDouble) -> RawRegistry:
    return RawRegistry(confluent.url)


@pytest.fixture
def shop(confluent: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    return make_repository(over_rest(confluent.url))


def apply(shop: Repository) -> str:
    shop.commit()
    applied = shop.run("apply", "--yes")
    assert applied.exit_code == 0, applied.text
    assert "Nothing to do." in shop.run("plan").out
    return applied.out


def environment(shop: Repository, lines: str) -> None:
    """Give the environment a setting."""
    text = (shop.root / "schemafed.yaml").read_text()
    shop.write("schemafed.yaml", text.replace("{registries: [orders]", f"{{registries: [orders], {lines}"))


# Whose mode holds.

HOLDING = [
    # sidecar, the folder's defaults, those of the folder above, environment; the subject's own mode, and its basis
    pytest.param("FULL", "FORWARD", "BACKWARD", "NONE", "FULL", "schemas/tight/order.yaml:1:1", id="sidecar"),
    pytest.param(None, "FORWARD", "BACKWARD", "NONE", "FORWARD", "schemas/tight/defaults.yaml:1:1", id="folder"),
    pytest.param(None, None, "BACKWARD", "NONE", "BACKWARD", "schemas/defaults.yaml:1:1", id="folder above"),
    pytest.param(None, None, None, "FULL", "FULL", "schemafed.yaml:8:31", id="environment"),
    pytest.param(None, None, None, None, None, "the registry's own level", id="nobody"),
]


@pytest.mark.parametrize(("sidecar", "folder", "above", "whole", "own", "basis"), HOLDING)
def test_semantic_4_the_first_mode_that_is_found_is_set_and_named(
    shop: Repository,
    live: RawRegistry,
    sidecar: str | None,
    folder: str | None,
    above: str | None,
    whole: str | None,
    own: str | None,
    basis: str,
) -> None:
    files = {"tight/order.yaml": sidecar, "tight/defaults.yaml": folder, "defaults.yaml": above}
    for file, mode in files.items():
        if mode:
            shop.write(f"schemas/{file}", f"compatibility: {mode}\n")
    if whole:
        environment(shop, f"compatibility: {whole}")
    shop.write("schemas/tight/order.avsc", record("Order", "id"))
    apply(shop)
    set_to = live.read_compatibility("order")
    shop.write("schemas/tight/order.avsc", record("Order", "id", NOTE))
    shop.commit()

    planned = shop.run("plan").out

    assert set_to == own
    assert f"compatible with version 1 ({own or 'BACKWARD'}, {'declared in ' if own else ''}{basis})" in planned


def test_semantic_4_what_an_import_noted_of_the_level_judges_offline_and_is_never_set(
    shop: Repository, live: RawRegistry
) -> None:
    live.set_compatibility("", "FORWARD")
    assert live.register("order", json.dumps(record("Order", "id"))).status == 200
    assert shop.run("import", "--registry", "orders").exit_code == 0
    apply(shop)
    shop.git("branch", "base")
    shop.write("schemas/order.avsc", record("Order", "id", "note"))
    shop.commit()

    checked = shop.run("check", "--base", "base")

    assert "inherited_mode: FORWARD" in (shop.root / "schemas/defaults.yaml").read_text()
    assert checked.exit_code == 0, checked.text
    assert "compatible with version 1 (FORWARD, " in checked.out
    assert live.read_compatibility("order") is None


# What comes first.


@pytest.mark.parametrize(("first", "then"), [("FULL", "BACKWARD"), ("BACKWARD", "FULL")])
def test_semantic_5_a_mode_and_a_schema_change_in_the_order_that_is_accepted(
    shop: Repository, live: RawRegistry, confluent: ConfluentDouble, first: str, then: str
) -> None:
    shop.write("schemas/order.yaml", f"compatibility: {first}\n")
    shop.write("schemas/order.avsc", record("Order", "id", "gone"))
    apply(shop)
    writes = len(confluent.writes)
    # Without the field consumers read on, and producers do not: that needs BACKWARD.
    shop.write("schemas/order.yaml", f"compatibility: {then}\n")
    shop.write("schemas/order.avsc", record("Order", "id"))

    apply(shop)

    made = [request.method for request in confluent.writes[writes:]]
    assert made == (["PUT", "POST"] if then == "BACKWARD" else ["POST", "PUT"])
    assert live.read_compatibility("order") == then


def test_semantic_5_deletions_go_from_the_outside_in(
    shop: Repository, live: RawRegistry, confluent: ConfluentDouble
) -> None:
    shop.write("schemas/money.avsc", record("Money", "currency"))
    shop.write("schemas/invoice.avsc", record("Invoice", "id", TOTAL))
    shop.write("schemas/order.avsc", record("Order", "id"))
    environment(shop, "deletion: soft")
    apply(shop)
    for name in ("money", "invoice"):
        (shop.root / f"schemas/{name}.avsc").unlink()

    apply(shop)

    gone = [request.path for request in confluent.writes if request.method == "DELETE"]
    assert gone == ["/subjects/invoice", "/subjects/money"]
    assert live.read_subjects() == ["order"]


# What a dependant refers to.


def test_semantic_6_a_dependant_follows_what_it_refers_to(shop: Repository, live: RawRegistry) -> None:
    shop.write("schemas/money.avsc", record("Money", "currency"))
    shop.write("schemas/invoice.avsc", record("Invoice", "id", TOTAL))
    created = apply(shop)
    shop.write("schemas/money.avsc", record("Money", "currency", NOTE))

    followed = apply(shop)

    assert "uses money, version made by this plan" in created
    assert "what it refers to changes: money" in followed
    assert [v.references for v in live.read_versions("invoice")] == [
        (RawReference("com.acme.Money", "money", 1),),
        (RawReference("com.acme.Money", "money", 2),),
    ]


def test_semantic_6_a_pinned_dependant_stays_until_the_pin_goes(shop: Repository, live: RawRegistry) -> None:
    shop.write("schemas/money.avsc", record("Money", "currency"))
    shop.write("schemas/pins/money-1.avsc", record("Money", "currency"))
    shop.write("schemas/invoice.avsc", record("Invoice", "id", TOTAL))
    shop.write("schemas/invoice.yaml", PIN)
    # A version that is pinned must be there: nobody can register it anew under its number.
    assert live.register("money", json.dumps(record("Money", "currency"))).status == 200
    apply(shop)
    shop.write("schemas/money.avsc", record("Money", "currency", NOTE))

    apply(shop)
    stayed = live.read_versions("invoice")
    (shop.root / "schemas/invoice.yaml").unlink()
    (shop.root / "schemas/pins/money-1.avsc").unlink()
    apply(shop)

    assert [v.references for v in stayed] == [(RawReference("com.acme.Money", "money", 1),)]
    assert live.read_version("invoice").references == (RawReference("com.acme.Money", "money", 2),)
