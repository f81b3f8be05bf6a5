"""Live schemas that refer to versions which are not the latest any more, near and far."""

from __future__ import annotations

import json

import pytest

from tests.contract.targets.raw_file import RawFile
from tests.repositories import MakeRepository, Repository, record

NOTE = {"name": "note", "type": ["null", "string"], "default": None}
LOCAL = """\
version: 1
registries:
  laptop: {kind: local, path: registry.db}
environments:
  dev: {registries: [laptop], deletion: soft}
"""


@pytest.fixture
def shop(make_repository: MakeRepository) -> Repository:
    """Money, a line with a price, an order with lines, an invoice with an order; applied."""
    repository = make_repository(LOCAL)
    repository.write(".gitignore", "registry.db*\n")
    repository.write("schemas/money.avsc", record("Money", "currency"))
    repository.write("schemas/line.avsc", record("Line", "id", {"name": "price", "type": "Money"}))
    repository.write("schemas/order.avsc", record("Order", "id", {"name": "line", "type": "Line"}))
    repository.write("schemas/invoice.avsc", record("Invoice", "id", {"name": "order", "type": "Order"}))
    repository.commit()
    assert repository.run("apply", "--yes").exit_code == 0
    return repository


def test_a_dependant_that_an_apply_did_not_reach_is_understood_through_the_versions_that_it_uses(
    shop: Repository,
) -> None:
    shop.write("schemas/money.avsc", record("Money", "currency", NOTE))
    shop.commit()
    assert shop.run("apply", "--yes").exit_code == 0
    file = RawFile(shop.root / "registry.db")
    with file._open() as connection:
        # As if the apply had been cut off before its last change.
        connection.execute("DELETE FROM versions WHERE subject = 'invoice' AND version = 2")
    shop.git("update-ref", "refs/schemafed/dev", shop.git("rev-parse", "refs/schemafed/dev~1").strip())
    assert shop.run("unlock", "--yes").exit_code == 0

    again = shop.run("apply", "--yes")

    assert again.exit_code == 0, again.text
    assert [(r.subject, r.version) for r in file.read_versions("invoice")[-1].references] == [("order", 2)]


def test_a_transitive_mode_judges_old_versions_that_use_old_versions(shop: Repository) -> None:
    shop.write("schemas/line.meta.yaml", "compatibility: BACKWARD_TRANSITIVE\n")
    shop.write("schemas/money.avsc", record("Money", "currency", NOTE))
    shop.commit()
    first = shop.run("apply", "--yes")
    more = {"name": "more", "type": ["null", "string"], "default": None}
    shop.write("schemas/line.avsc", record("Line", "id", {"name": "price", "type": "Money"}, more))
    shop.commit()

    second = shop.run("apply", "--yes")

    assert (first.exit_code, second.exit_code) == (0, 0), second.text
    line = RawFile(shop.root / "registry.db").read_versions("line")
    assert [r.version for v in line for r in v.references] == [1, 2, 2]
    assert json.loads(line[-1].text)["fields"][-1]["name"] == "more"


def test_a_subject_with_a_mode_of_its_own_is_deleted(shop: Repository) -> None:
    shop.write("schemas/invoice.meta.yaml", "compatibility: FULL\n")
    shop.commit()
    assert shop.run("apply", "--yes").exit_code == 0
    RawFile(shop.root / "registry.db").write_compatibility("line", "FORWARD")
    for name in ("invoice.avsc", "invoice.meta.yaml", "order.avsc", "line.avsc"):
        (shop.root / "schemas" / name).unlink()
    shop.commit()

    applied = shop.run("apply", "--yes")

    assert applied.exit_code == 0, applied.text
    assert RawFile(shop.root / "registry.db").read_versions("line") == []
