"""Looking through all registries, from the command line."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.repositories import MakeRepository, Repository, record

EMAIL = {"name": "email", "type": ["null", "string"], "default": None}


@pytest.fixture
def shop(confluent: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    repository = make_repository(f"""\
version: 1
registries:
  live: {{kind: confluent, url: {confluent.url}}}
  laptop: {{kind: local, path: .schemafed/registry.db}}
""")
    repository.write("schemas/customer.avsc", record("Customer", "id", EMAIL))
    repository.write("schemas/order.avsc", record("Order", "id", {"name": "customer", "type": "Customer"}))
    repository.commit()
    assert repository.run("apply", "--yes").exit_code == 0
    return repository


def test_a_field_is_found_in_every_registry(shop: Repository) -> None:
    found = shop.run("find", "EMAIL")

    assert found.exit_code == 0
    assert found.text.count("customer  version 1  email  field") == 2
    assert "2 subjects for `EMAIL`." in found.text


def test_a_name_is_found_by_a_part_of_it_and_by_a_glob(shop: Repository) -> None:
    part = json.loads(shop.run("find", "cust", "--registry", "live", "--output", "json").out)
    glob = json.loads(shop.run("find", "ord*", "--registry", "live", "--output", "json").out)

    assert [(f["subject"], f["by"], f["path"]) for f in part["found"]] == [
        ("customer", "name", None),
        ("order", "element", "customer"),
    ]
    assert [f["subject"] for f in glob["found"]] == ["order"]


def test_a_schema_is_found_by_its_fingerprint(shop: Repository) -> None:
    rows = list(csv.DictReader(io.StringIO(shop.run("find", "email", "--output", "csv").out)))

    found = shop.run("find", rows[0]["fingerprint"][:12])

    assert found.text.count(rows[0]["fingerprint"]) == 2


def test_a_registry_that_cannot_be_read_is_told(shop: Repository, confluent: ConfluentDouble) -> None:
    confluent.faults.add(kind="too_many_requests", times=None)
    text = (shop.root / "schemafed.yaml").read_text()
    shop.write("schemafed.yaml", text.replace(f"url: {confluent.url}", f"url: {confluent.url}, retries: 0"))

    found = shop.run("find", "email")

    assert found.exit_code == 1
    assert "not searched: live: cannot read" in found.text
    assert "customer  version 1  email" in found.text


@pytest.mark.parametrize(
    ("arguments", "words"), [((" ",), "nothing to look for"), (("x", "--registry", "lve"), "`live`")]
)
def test_what_cannot_be_looked_for(shop: Repository, arguments: tuple[str, ...], words: str) -> None:
    found = shop.run("find", *arguments)

    assert found.exit_code == 1
    assert words in found.text
