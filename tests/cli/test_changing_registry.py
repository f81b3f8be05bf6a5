"""A registry whose contents change while it is read: what is planned is what is there, and nothing is mistaken."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.doubles.wire import Reply, Request
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest, record

NUMBER = 12
NOTE: dict[str, object] = {"name": "note", "type": ["null", "string"], "default": None}
TAG: dict[str, object] = {"name": "tag", "type": ["null", "string"], "default": None}


@pytest.fixture
def shop(double: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    """Twelve subjects that are applied, read four at a time, beside one that is nobody's and comes first."""
    repository = make_repository(over_rest(double.url, "    page_size: 4"))
    for number in range(NUMBER):
        repository.write(f"schemas/s{number:02}.avsc", record(f"S{number}", "id"))
    repository.commit()
    double.register("a", json.dumps(record("A", "id")))
    assert repository.run("apply", "--yes").exit_code == 0
    return repository


def act_before(double: ConfluentDouble, method: str, path: str, number: int, act: Callable[[], object]) -> None:
    """Let someone else act right before the registry answers a request, counted from now on."""
    original, counted = double.answer, count(1)

    def answer(request: Request) -> Reply:
        if (request.method, request.path) == (method, path) and next(counted) == number:
            act()
        return original(request)

    double.answer = answer


@pytest.mark.parametrize("page", [1, 2, 3, 4])
def test_what_moves_up_a_page_is_not_taken_for_gone(shop: Repository, double: ConfluentDouble, page: int) -> None:
    raw = RawRegistry(double.url)
    act_before(double, "GET", "/schemas", page, lambda: raw.delete_subject("a", permanent=True))

    planned = shop.run("plan")

    assert planned.exit_code == 0, planned.text
    assert "Nothing to do." in planned.out
    assert "a" not in raw.read_subjects(), "it was deleted meanwhile"


@pytest.mark.parametrize("page", [1, 2, 3, 4])
def test_what_moves_down_a_page_is_not_taken_twice(shop: Repository, double: ConfluentDouble, page: int) -> None:
    act_before(double, "GET", "/schemas", page, lambda: double.register("0", json.dumps(record("Zero", "id"))))

    planned = shop.run("plan")

    assert planned.exit_code == 0, planned.text
    assert "Nothing to do." in planned.out
    assert "0" in RawRegistry(double.url).read_subjects(), "it was registered meanwhile"


@pytest.mark.parametrize("page", [1, 2, 3, 4])
def test_what_is_deleted_while_it_is_read_is_no_error_of_ours(
    shop: Repository, double: ConfluentDouble, page: int
) -> None:
    raw = RawRegistry(double.url)
    act_before(double, "GET", "/schemas", page, lambda: raw.delete_subject("s00"))

    first, second = shop.run("plan"), shop.run("plan")

    assert (first.exit_code, "VANISHED" in first.out) in [(0, False), (3, True)], first.text
    assert "+ s00" not in first.out
    assert (second.exit_code, "VANISHED" in second.out) == (3, True)


def test_what_changes_between_the_plan_and_the_last_look_makes_it_stale(
    shop: Repository, double: ConfluentDouble
) -> None:
    shop.write("schemas/s00.avsc", record("S0", "id", NOTE))
    shop.commit()
    theirs = json.dumps(record("S0", "id", TAG))
    # The plan reads by name what changes, and so does the last look.
    act_before(double, "GET", "/subjects/s00/versions/latest", 2, lambda: double.register("s00", theirs))

    refused = shop.run("apply", "--yes")

    assert refused.exit_code == 3, refused.text
    assert "STALE_PLAN" in refused.err
    assert [json.loads(v.text) for v in RawRegistry(double.url).read_versions("s00")][1:] == [record("S0", "id", TAG)]


def test_what_someone_registers_right_before_our_write_stays_beside_it(
    shop: Repository, double: ConfluentDouble
) -> None:
    shop.write("schemas/s00.avsc", record("S0", "id", NOTE))
    shop.commit()
    theirs = json.dumps(record("S0", "id", TAG))
    act_before(double, "POST", "/subjects/s00/versions", 1, lambda: double.register("s00", theirs))

    applied = shop.run("apply", "--yes")
    after = shop.run("plan")

    assert applied.exit_code == 0, applied.text
    texts = [json.loads(v.text) for v in RawRegistry(double.url).read_versions("s00")]
    assert texts == [record("S0", "id"), record("S0", "id", TAG), record("S0", "id", NOTE)]
    assert "Nothing to do." in after.out
