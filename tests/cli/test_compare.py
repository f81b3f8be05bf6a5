"""Two registries side by side, from the command line."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, record

NOTE = {"name": "note", "type": "string", "default": ""}


@pytest.fixture
def shop(confluent: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    """Two registries with the same two subjects, one of them under longer names."""
    repository = make_repository(f"""\
version: 1
registries:
  live: {{kind: confluent, url: {confluent.url}, name: "prod.{{{{ name }}}}-value"}}
  laptop: {{kind: local, path: .schemafed/registry.db}}
  x: {{kind: local, path: .schemafed/x.db}}
  y: {{kind: local, path: .schemafed/y.db}}
environments:
  prod: {{registries: [live]}}
  dev: {{registries: [laptop]}}
  both: {{registries: [x, y]}}
""")
    for name in ("order", "bill"):
        repository.write(f"schemas/{name}.avsc", record(name.capitalize(), "id"))
    repository.commit()
    for environment in ("prod", "dev"):
        assert repository.run("apply", "--yes", "-e", environment).exit_code == 0
    return repository


def test_registries_that_hold_the_same_are_equal(shop: Repository) -> None:
    compared = shop.run("compare", "live", "laptop")

    assert compared.exit_code == 0
    assert "Equal. 2 subjects." in compared.text


def test_what_differs_is_told_subject_by_subject(shop: Repository, confluent: ConfluentDouble) -> None:
    raw = RawRegistry(confluent.url)
    raw.send("POST", "/subjects/prod.order-value/versions", {"schema": json.dumps(record("Order", "id", NOTE))})
    raw.send("POST", "/subjects/prod.extra-value/versions", {"schema": json.dumps(record("Extra", "id"))})
    raw.set_compatibility("prod.bill-value", "FULL")
    raw.delete_subject("prod.bill-value", permanent=True)

    text = shop.run("compare", "live", "dev")
    assert text.exit_code == 3
    assert "+ bill  only right" in text.text
    assert "- extra  only left" in text.text
    assert "~ order  version 2 and version 1 differ" in text.text
    assert "- note" in text.text

    (document,) = json.loads(shop.run("compare", "live", "dev", "--output", "json").out)["comparisons"]
    assert [(pair["subject"], pair["apart"]) for pair in document["pairs"]] == [
        ("bill", ["only right"]),
        ("extra", ["only left"]),
        ("order", ["schema"]),
    ]
    rows = list(csv.DictReader(io.StringIO(shop.run("compare", "live", "dev", "--output", "csv").out)))
    assert rows[2]["left_name"] == "prod.order-value"
    assert shop.run("compare", "live", "dev", "--subject", "nothing*").exit_code == 0


def test_other_modes_are_told(shop: Repository, confluent: ConfluentDouble) -> None:
    RawRegistry(confluent.url).set_compatibility("prod.bill-value", "FULL")

    compared = shop.run("compare", "live", "laptop")

    assert compared.exit_code == 3
    assert "mode FULL and inherited" in compared.text


def test_environments_are_compared_registry_by_registry(make_repository: MakeRepository) -> None:
    rows = "".join(f"  {name}: {{kind: local, path: .schemafed/{name}.db}}\n" for name in "xyvw")
    environments = "  both: {registries: [x, y]}\n  again: {registries: [v, w]}\n"
    shop = make_repository(f"version: 1\nregistries:\n{rows}environments:\n{environments}")
    for name in ("order", "bill"):
        shop.write(f"schemas/{name}.avsc", record(name.capitalize(), "id"))
    shop.commit()
    for options in (("-e", "both", "--registry", "x"), ("-e", "again")):
        assert shop.run("apply", "--yes", *options).exit_code == 0

    text = shop.run("compare", "both", "again")
    assert text.exit_code == 3
    first, second = text.out.split("both/y and again/w")
    assert "both/x and again/v" in first and "Equal. 2 subjects." in first
    assert "bill  only right" in second and "They differ: 2 only right" in second

    document = json.loads(shop.run("compare", "both", "again", "--output", "json").out)
    assert [each["is_equal"] for each in document["comparisons"]] == [True, False]
    table = csv.DictReader(io.StringIO(shop.run("compare", "both", "again", "--output", "csv").out))
    assert {(row["left"], row["right"]) for row in table} == {("both/y", "again/w")}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("live", "lapto"), "did you mean `laptop`?"),
        (("both", "laptop"), "both has 2 registries, and laptop has 1 registry"),
    ],
)
def test_names_that_cannot_be_compared(shop: Repository, names: tuple[str, str], words: str) -> None:
    compared = shop.run("compare", *names)

    assert compared.exit_code == 1
    assert words in compared.text


def test_an_overview_has_every_subject_beside_its_modes(shop: Repository, confluent: ConfluentDouble) -> None:
    RawRegistry(confluent.url).set_compatibility("prod.bill-value", "FULL")

    shown = shop.run("registries", "--overview")
    assert shown.exit_code == 0, shown.text
    assert "prod.bill-value" in shown.text
    assert "1  FULL" in shown.text
    assert "1  inherited" in shown.text

    rows = list(csv.DictReader(io.StringIO(shop.run("registries", "--overview", "--output", "csv").out)))
    by_name = {row["subject"]: row for row in rows}
    assert (by_name["prod.bill-value"]["live mode"], by_name["prod.bill-value"]["laptop version"]) == ("FULL", "")
    assert by_name["bill"]["laptop version"] == "1"
    assert json.loads(shop.run("registries", "--overview", "--output", "json").out)["registries"] == [
        "live",
        "laptop",
        "x",
        "y",
    ]
    assert shop.run("registries", "--output", "csv").exit_code == 1
