"""`drift` and `release`: what others did since the last apply, brought into Git or let go."""

from __future__ import annotations

import json

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest, record

NOTE = {"name": "note", "type": ["null", "string"], "default": None}


@pytest.fixture
def live(confluent: ConfluentDouble) -> RawRegistry:
    return RawRegistry(confluent.url)


@pytest.fixture
def shop(confluent: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    """A repository that is applied."""
    repository = make_repository(over_rest(confluent.url))
    repository.write("schemas/order.avsc", record("Order", "id"))
    repository.write("schemas/order.meta.yaml", "owner: shop\ncompatibility: FULL\n")
    repository.write("schemas/money.avsc", record("Money", "currency"))
    repository.commit("Declare orders")
    assert repository.run("apply", "--yes").exit_code == 0
    return repository


def post(live: RawRegistry, subject: str, schema: dict[str, object]) -> None:
    """Register as another client does."""
    answer = live.send("POST", f"/subjects/{subject}/versions", {"schema": json.dumps(schema)})
    assert answer.status == 200, answer


def test_without_drift_it_says_so(shop: Repository) -> None:
    found = shop.run("drift")

    assert found.exit_code == 0
    assert "No drift" in found.out


def test_what_is_pending_in_git_is_no_drift(shop: Repository) -> None:
    shop.write("schemas/order.avsc", record("Order", "id", NOTE))

    assert shop.run("drift").exit_code == 0


def test_drift_says_what_changed_and_who_applied_it_from_which_commit(shop: Repository, live: RawRegistry) -> None:
    post(live, "order", record("Order", "id", NOTE))
    live.send("PUT", "/config/order", {"compatibility": "NONE"})
    live.send("DELETE", "/subjects/money")
    commit = shop.git("rev-parse", "HEAD").strip()

    found = shop.run("drift")

    assert found.exit_code == 3
    assert "version 2 is live" in found.out
    assert "its mode was set to FULL, and is NONE now" in found.out
    assert "the registry does not have the subject any more" in found.out
    assert "last applied by Ada <ada@example.com>" in found.out
    assert f"from commit {commit[:12]} Declare orders, by Ada" in found.out
    assert "owner: shop" in found.out
    assert "3 drifts." in found.out


def test_drift_as_json(shop: Repository, live: RawRegistry) -> None:
    post(live, "order", record("Order", "id", NOTE))
    post(live, "theirs", record("Theirs", "id"))

    document = json.loads(shop.run("drift", "--output", "json").out)

    (drift,) = document["drift"]
    assert (drift["registry"], drift["subject"], drift["kind"], drift["owner"]) == ("orders", "order", "schema", "shop")
    assert (drift["applied"]["version"], drift["live"]["version"]) == (1, 2)
    assert drift["applied"]["commit_subject"] == "Declare orders"
    assert document["unmanaged"] == {"orders": ["theirs"]}


def test_a_glob_narrows(shop: Repository, live: RawRegistry) -> None:
    post(live, "order", record("Order", "id", NOTE))

    assert shop.run("drift", "--subject", "mon*").exit_code == 0
    assert shop.run("drift", "--subject", "ord*").exit_code == 3


def test_a_registry_that_does_not_answer_is_an_error(shop: Repository, confluent: ConfluentDouble) -> None:
    confluent.stop()

    found = shop.run("drift")

    assert found.exit_code == 1
    assert "REGISTRY_UNREADABLE" in found.out


def test_write_brings_live_changes_into_a_branch_whose_plan_is_empty(shop: Repository, live: RawRegistry) -> None:
    post(live, "order", record("Order", "id", NOTE))
    live.send("PUT", "/config/order", {"compatibility": "BACKWARD"})
    post(live, "theirs", record("Theirs", "id"))
    head = shop.git("rev-parse", "HEAD")

    written = shop.run("drift", "--write")

    assert written.exit_code == 3
    assert "Written to the branch drift/dev" in written.out
    assert shop.git("rev-parse", "HEAD") == head
    assert shop.git("status", "--porcelain") == ""
    assert shop.git("log", "--format=%s", "HEAD..drift/dev").splitlines() == [
        "Import unmanaged subjects of orders: 1",
        "Take the mode of order from orders",
        "Take order from orders",
    ]
    shop.git("merge", "--quiet", "--ff-only", "drift/dev")
    assert "owner: shop" in (shop.root / "schemas/order.meta.yaml").read_text()
    planned = shop.run("plan", "--detailed-exitcode")
    assert planned.exit_code == 0, planned.text
    assert "Nothing to do." in planned.out


def test_write_makes_no_branch_where_there_is_nothing(shop: Repository) -> None:
    written = shop.run("drift", "--write")

    assert written.exit_code == 0
    assert shop.git("branch", "--list", "drift/*") == ""


def test_write_leaves_a_branch_that_is_there(shop: Repository, live: RawRegistry) -> None:
    post(live, "order", record("Order", "id", NOTE))
    shop.git("branch", "drift/dev")

    refused = shop.run("drift", "--write")
    named = shop.run("drift", "--write", "--branch", "mine")

    assert refused.exit_code == 1
    assert "there is a branch drift/dev already" in refused.err
    assert "Written to the branch mine" in named.out


def test_drift_that_comes_back_points_to_a_second_owner(shop: Repository, live: RawRegistry) -> None:
    text = (shop.root / "schemafed.yaml").read_text()
    shop.write("schemafed.yaml", text.replace("[orders]}", "[orders], on_drift: {schema: overwrite}}"))
    shop.commit()
    for _ in range(2):
        post(live, "order", record("Order", "id", NOTE, {"name": "x", "type": "int", "default": 0}))
        assert shop.run("apply", "--yes").exit_code == 0
        live.send("DELETE", f"/subjects/order/versions/{live.read_state()['order'].latest.version - 1}")
    post(live, "order", record("Order", "id", NOTE))

    found = shop.run("drift")

    assert "someone else wrote it 2 times before; it likely has a second owner" in found.out
    assert "SECOND_OWNER" in shop.run("plan").out


# release


def test_release_lets_an_orphan_go_and_deletes_nothing(shop: Repository, live: RawRegistry) -> None:
    (shop.root / "schemas/money.avsc").unlink()
    shop.commit()
    orphaned = shop.run("apply", "--yes")

    released = shop.run("release", "money")
    planned = shop.run("plan")

    assert "ORPHANED" in orphaned.out
    assert released.exit_code == 0
    assert "Released 1 subject; nothing was deleted." in released.out
    assert "ORPHANED" not in planned.out
    assert "unmanaged, left alone: money" in planned.out
    assert sorted(live.read_state()) == ["money", "order"]
    assert "no longer managed" in shop.run("history").out


def test_release_refuses_what_git_still_declares(shop: Repository) -> None:
    refused = shop.run("release", "money")

    assert refused.exit_code == 1
    assert "money is still declared in schemas/money.avsc" in refused.err


def test_release_refuses_what_was_never_applied(shop: Repository) -> None:
    refused = shop.run("release", "nothing*")

    assert refused.exit_code == 1
    assert "nothing that was applied in environment dev fits nothing*" in refused.err
