"""Semantic 11: what makes a saved plan stale, and what the ledger gets from one that is not."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest, record

NOTE: dict[str, object] = {"name": "note", "type": ["null", "string"], "default": None}
MONEY = '{"type": "record", "name": "Money", "fields": [{"name": "currency", "type": "string"}]}'
PRICE = '{"type": "record", "name": "Price", "fields": [{"name": "total", "type": "Money"}]}'


@pytest.fixture
def live(confluent: ConfluentDouble) -> RawRegistry:
    return RawRegistry(confluent.url)


@pytest.fixture
def shop(confluent: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    """Two subjects that are applied, in an environment that deletes what Git drops."""
    configuration = over_rest(confluent.url).replace("{registries: [orders]}", "{registries: [orders], deletion: soft}")
    repository = make_repository(configuration)
    repository.write("schemas/order.avsc", record("Order", "id"))
    repository.write("schemas/money.avsc", MONEY)
    repository.commit()
    assert repository.run("apply", "--yes").exit_code == 0
    return repository


def save(shop: Repository, folder: Path) -> str:
    path = str(folder / "saved.plan.json")
    assert shop.run("plan", "--plan-file", path).exit_code == 0
    return path


def test_semantic_11_a_new_dependant_of_what_is_deleted(shop: Repository, live: RawRegistry, tmp_path: Path) -> None:
    (shop.root / "schemas/money.avsc").unlink()
    shop.commit()
    saved = save(shop, tmp_path)
    uses = [{"name": "Money", "subject": "money", "version": 1}]
    assert live.register("price", PRICE, references=uses).status == 200

    stale = shop.run("apply", saved, "--yes")

    assert stale.exit_code == 3
    assert "STALE_PLAN" in stale.err and "orders/money" in stale.err
    assert "referred to by price version 1, of version 1 now, and was by nothing" in stale.err
    assert "money" in live.read_subjects()


def test_semantic_11_a_subject_that_another_run_released(shop: Repository, live: RawRegistry, tmp_path: Path) -> None:
    (shop.root / "schemas/money.avsc").unlink()
    shop.commit()
    saved = save(shop, tmp_path)
    assert shop.run("release", "money").exit_code == 0

    stale = shop.run("apply", saved, "--yes")

    assert stale.exit_code == 3
    assert "STALE_PLAN" in stale.err and "orders/money" in stale.err
    assert "another run has recorded something else of it" in stale.err
    assert "money" in live.read_subjects()


def test_semantic_11_what_others_record_of_other_subjects_does_not_matter(
    shop: Repository, live: RawRegistry, tmp_path: Path
) -> None:
    shop.write("schemas/order.avsc", record("Order", "id", {"name": "note", "type": "string", "default": ""}))
    shop.commit()
    saved = save(shop, tmp_path)
    shop.git("mv", "schemas/money.avsc", "schemas/coins.avsc")
    shop.write("schemas/coins.yaml", "subject: money\n")
    shop.commit()
    assert shop.run("apply", "--yes", "--subject", "money").exit_code == 0

    assert shop.run("apply", saved, "--yes").exit_code == 0

    assert len(live.read_versions("order")) == 2


def test_semantic_11_a_subject_that_someone_deleted_and_made_anew_as_git_says_is_ours_again(
    shop: Repository, live: RawRegistry
) -> None:
    shop.write(
        "schemas/money.avsc", MONEY.replace('"string"}', '"string"}, {"name": "cents", "type": "int", "default": 0}')
    )
    shop.commit()
    assert shop.run("apply", "--yes").exit_code == 0
    live.delete_subject("money")
    live.delete_subject("money", permanent=True)
    assert live.register("money", (shop.root / "schemas/money.avsc").read_text()).status == 200
    assert shop.run("apply", "--yes").exit_code == 0
    shop.write("schemas/money.avsc", MONEY)
    shop.commit()

    applied = shop.run("apply", "--yes")

    assert applied.exit_code == 0
    assert len(live.read_versions("money")) == 2


def save_uncommitted(shop: Repository, folder: Path) -> str:
    """Save a plan of a file that is in no commit."""
    shop.write("schemas/order.avsc", record("Order", "id", NOTE))
    return save(shop, folder)


def test_semantic_11_a_plan_of_files_that_are_not_committed_is_recorded_as_what_it_was_made_from(
    shop: Repository, live: RawRegistry, tmp_path: Path
) -> None:
    path = save_uncommitted(shop, tmp_path)
    shop.write("notes.txt", "beside the schemas\n")

    applied = shop.run("apply", "--yes", "--allow-dirty", path)

    assert applied.exit_code == 0, applied.text
    assert json.loads(shop.git("show", "refs/schemafed/dev^2:schemas/order.avsc")) == record("Order", "id", NOTE)


@pytest.mark.parametrize("others", ["changed", "added", "removed", "committed", "settings"])
def test_semantic_11_a_plan_of_files_that_are_not_committed_is_refused_where_they_are_others(
    shop: Repository, live: RawRegistry, tmp_path: Path, others: str
) -> None:
    path = save_uncommitted(shop, tmp_path)
    _CHANGES[others](shop)

    refused = shop.run("apply", "--yes", "--allow-dirty", path)

    assert refused.exit_code == 1
    assert "they are others now" in refused.err
    assert "plan again" in refused.err
    assert len(live.read_versions("order")) == 1


_CHANGES: Mapping[str, Callable[[Repository], object]] = {
    "changed": lambda shop: shop.write("schemas/order.avsc", record("Order", "id", NOTE, NOTE | {"name": "more"})),
    "added": lambda shop: shop.write("schemas/new.avsc", record("New", "id")),
    "removed": lambda shop: (shop.root / "schemas/money.avsc").unlink(),
    "committed": lambda shop: shop.commit(),
    "settings": lambda shop: shop.write("schemafed.yaml", (shop.root / "schemafed.yaml").read_text() + "# more\n"),
}
