"""Settings beside the mode, from the command line, on a registry in a file."""

from __future__ import annotations

import pytest

from adapters.local import LocalRegistry
from reconciler.registry import RegistrySettings
from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest, record

NOTE = {"name": "note", "type": "string", "default": ""}
CONFIG = """\
version: 1
registries:
  laptop: {kind: local, path: .schemafed/registry.db}
"""
Values = dict[str, object]


@pytest.fixture
def shop(make_repository: MakeRepository) -> Repository:
    repository = make_repository(CONFIG)
    repository.write("schemas/order.avsc", record("Order", "id"))
    repository.commit()
    return repository


def declare(shop: Repository, text: str) -> None:
    shop.write("schemas/order.meta.yaml", text)
    shop.commit()


def read(shop: Repository, subject: str | None = "order") -> Values:
    registry = LocalRegistry(RegistrySettings("laptop", "local", shop.root, {"path": ".schemafed/registry.db"}))
    try:
        return dict(registry.read_settings([subject])[subject])
    finally:
        registry.close()


def test_a_write_mode_is_set_kept_and_taken_back(shop: Repository) -> None:
    declare(shop, "settings: {write_mode: READONLY}\n")
    shown = shop.run("plan")
    assert "settings: write_mode unset → READONLY" in shown.text
    assert shop.run("apply", "--yes").exit_code == 0
    assert read(shop) == {"write_mode": "READONLY"}
    assert "Nothing to do" in shop.run("apply", "--yes").text

    declare(shop, "owner: payments\n")
    assert "write_mode READONLY → unset" in shop.run("plan").text
    assert shop.run("apply", "--yes").exit_code == 0
    assert read(shop) == {}
    assert 'set {"write_mode": null}' in shop.run("history").text


def test_a_plan_for_a_closed_subject_blocks_and_an_opened_one_applies(shop: Repository) -> None:
    declare(shop, "settings: {write_mode: READONLY}\n")
    assert shop.run("apply", "--yes").exit_code == 0
    shop.write("schemas/order.avsc", record("Order", "id", NOTE))
    shop.commit()

    blocked = shop.run("plan")
    assert blocked.exit_code == 3
    assert "SUBJECT_READONLY" in blocked.text

    declare(shop, "settings: {write_mode: READWRITE}\n")
    assert shop.run("apply", "--yes").exit_code == 0
    assert read(shop) == {"write_mode": "READWRITE"}


def test_the_registrys_own_setting_is_declared_in_its_entry(shop: Repository) -> None:
    assert shop.run("apply", "--yes").exit_code == 0
    shop.write("schemafed.yaml", CONFIG.replace("registry.db}", "registry.db, settings: {write_mode: READONLY}}"))
    shop.commit()

    assert shop.run("apply", "--yes").exit_code == 0
    assert read(shop, None) == {"write_mode": "READONLY"}

    shop.write("schemafed.yaml", CONFIG)
    shop.commit()
    assert shop.run("apply", "--yes").exit_code == 0
    assert read(shop, None) == {}


def test_somebody_elses_setting_is_drift(shop: Repository) -> None:
    declare(shop, "settings: {write_mode: READONLY}\n")
    assert shop.run("apply", "--yes").exit_code == 0
    registry = LocalRegistry(RegistrySettings("laptop", "local", shop.root, {"path": ".schemafed/registry.db"}))
    registry.set_settings("order", {"write_mode": None})
    registry.close()

    drift = shop.run("drift")
    assert drift.exit_code == 3
    assert "`write_mode` was set to READONLY, and is unset now" in drift.text
    assert "overwrites drift of write_mode" in shop.run("plan").text


def test_a_setting_that_the_registry_does_not_have_is_told(shop: Repository) -> None:
    declare(shop, "settings: {write_mod: READONLY}\n")

    shown = shop.run("plan")
    assert shown.exit_code == 0
    assert "UNSUPPORTED_SETTING" in shown.text
    assert "did you mean `write_mode`?" in shown.text


def test_a_server_without_write_modes_is_planned_for_all_the_same(
    confluent: ConfluentDouble, make_repository: MakeRepository
) -> None:
    confluent.routes = tuple(route for route in confluent.routes if "/mode" not in route.pattern.pattern)
    repository = make_repository(over_rest(confluent.url))
    for fields in (("id",), ("id", NOTE)):
        repository.write("schemas/order.avsc", record("Order", *fields))
        repository.commit()
        assert repository.run("apply", "--yes").exit_code == 0

    assert "Nothing to do" in repository.run("apply", "--yes").text


def test_a_setting_is_changed_of_a_subject_whose_mode_is_not_declared(
    online: Repository, double: ConfluentDouble
) -> None:
    online.write("schemas/order.avsc", record("Order", "id"))
    for group in ("shop", "billing"):
        online.write("schemas/order.meta.yaml", f"settings: {{compatibility_group: {group}}}\n")
        online.commit()

        applied = online.run("apply", "--yes")

        assert applied.exit_code == 0, applied.text
        assert RawRegistry(double.url).send("GET", "/config/order").body["compatibilityGroup"] == group
