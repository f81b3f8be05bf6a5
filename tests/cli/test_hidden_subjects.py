"""Semantic 10 on Karapace: a missing permission looks like an absent subject (404), and lists leave it out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doubles.karapace import KarapaceDouble
from tests.doubles.wire import Access
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, record

NOTE = {"name": "note", "type": ["null", "string"], "default": None}
USERS = {"ann": "secret"}
SETTINGS = """\
version: 1
registries:
  orders: {{kind: karapace, url: {url}, retries: 0, auth: {{kind: basic, username: ann, password: secret}}}}
environments:
  prod: {{registries: [orders], deletion: hard}}
"""


@pytest.fixture
def karapace() -> Iterator[KarapaceDouble]:
    with KarapaceDouble(users=USERS) as double:
        yield double


@pytest.fixture
def shop(karapace: KarapaceDouble, make_repository: MakeRepository) -> Repository:
    """Three schemas that were applied."""
    repository = make_repository(SETTINGS.format(url=karapace.url))
    declare(repository, 3)
    assert repository.run("apply", "--yes").exit_code == 0
    return repository


def declare(repository: Repository, number: int) -> None:
    for index in range(number):
        repository.write(f"schemas/s{index}.avsc", record(f"S{index}", "id"))
    repository.commit()


def hide(karapace: KarapaceDouble, pattern: str) -> None:
    """Take the permission for subjects away, for reading and for writing."""
    karapace.access = Access(USERS, deny=(("*", f"/subjects/{pattern}"), ("*", "/subjects"), ("*", "/schemas")))


def give_back(karapace: KarapaceDouble) -> None:
    karapace.access = Access(USERS)


def numbers(karapace: KarapaceDouble) -> dict[str, int]:
    raw = RawRegistry(karapace.url, "ann", "secret")
    return {name: len(raw.read_versions(name)) for name in raw.read_subjects()}


@pytest.mark.parametrize("is_changed", [False, True])
def test_semantic_10_what_is_hidden_has_vanished_and_is_not_made_anew(
    shop: Repository, karapace: KarapaceDouble, is_changed: bool
) -> None:
    if is_changed:
        shop.write("schemas/s1.avsc", record("S1", "id", NOTE))
        shop.commit()
    hide(karapace, "s1*")

    applied = shop.run("apply", "--yes")

    assert applied.exit_code == 3
    assert "VANISHED" in applied.out and "s1" in applied.out
    give_back(karapace)
    assert numbers(karapace) == {"s0": 1, "s1": 1, "s2": 1}
    seen = shop.run("plan", "--detailed-exitcode")
    assert seen.exit_code == (2 if is_changed else 0), seen.text


def test_semantic_10_what_is_hidden_and_gone_from_git_is_not_deleted(
    shop: Repository, karapace: KarapaceDouble
) -> None:
    (shop.root / "schemas/s1.avsc").unlink()
    shop.commit()
    hide(karapace, "s1*")

    planned = shop.run("plan")

    assert "- s1" not in planned.out
    assert "LET_GO" in planned.out
    give_back(karapace)
    assert numbers(karapace) == {"s0": 1, "s1": 1, "s2": 1}


def test_semantic_10_much_that_is_hidden_is_taken_for_a_missing_permission(
    shop: Repository, karapace: KarapaceDouble
) -> None:
    declare(shop, 30)
    assert shop.run("apply", "--yes").exit_code == 0
    hide(karapace, "s*")

    planned = shop.run("plan")

    assert planned.exit_code == 3
    assert "MANY_VANISHED" in planned.out
    assert "permission" in planned.out
    give_back(karapace)
    assert len(numbers(karapace)) == 30


def test_semantic_10_what_was_never_ours_and_is_hidden_is_not_written_over(
    shop: Repository, karapace: KarapaceDouble
) -> None:
    karapace.register("theirs", '{"type":"record","name":"Theirs","fields":[]}')
    hide(karapace, "theirs*")
    shop.write("schemas/theirs.avsc", record("Theirs", "id"))
    shop.commit()

    applied = shop.run("apply", "--yes")

    assert applied.exit_code == 1
    assert "theirs" in applied.text
    assert "the server may also hide what the credentials may not see" in applied.out
    give_back(karapace)
    assert numbers(karapace) == {"s0": 1, "s1": 1, "s2": 1, "theirs": 1}
