"""``schemafed rollback``: files go back by a commit, and the registry follows by an ordinary apply."""

from __future__ import annotations

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.repositories import Repository, record

MONEY = record("Money", {"name": "amount", "type": "long"})


def _order(*fields: str) -> dict[str, object]:
    written: list[dict[str, object]] = [{"name": f, "type": "string", "default": ""} for f in fields]
    return record("Order", *written)


@pytest.fixture
def two_releases(online: Repository) -> Repository:
    """`orders` and `payments` in two releases, both applied; the first one is tagged v1."""
    online.write("schemas/orders.avsc", _order("id"))
    online.write("schemas/payments.avsc", record("Payment", "id"))
    online.commit("First release")
    online.git("tag", "v1")
    assert online.run("apply", "--yes").exit_code == 0
    online.write("schemas/orders.avsc", _order("id", "note"))
    online.write("schemas/orders.yaml", "compatibility: FULL\n")
    online.write("schemas/payments.avsc", record("Payment", "id", {"name": "note", "type": "string", "default": ""}))
    online.commit("Second release")
    assert online.run("apply", "--yes").exit_code == 0
    return online


def test_semantic_7_a_rollback_is_one_commit_and_an_apply_makes_the_older_schema_the_latest_again(
    two_releases: Repository, double: ConfluentDouble
) -> None:
    done = two_releases.run("rollback", "--to", "v1", "--subject", "orders", "--reason", "Consumers fell over.")

    assert done.exit_code == 0, done.text
    assert "Rolled back 1 subject to" in done.out
    assert "version 1's schema becomes the latest again" in done.out
    assert "Next: push the branch and open a pull request" in done.out
    assert two_releases.git("show", "--name-status", "--format=", "HEAD").split() == [
        *("M", "schemas/orders.avsc"),
        *("D", "schemas/orders.yaml"),
    ]
    message = two_releases.git("log", "-1", "--format=%B")
    assert message.startswith("Roll back orders to ")
    assert "Consumers fell over." in message
    assert '("First release")' in message
    assert two_releases.run("apply", "--yes").exit_code == 0
    assert two_releases.run("plan", "--detailed-exitcode").exit_code == 0


def test_without_a_glob_everything_goes_back_and_what_came_later_goes(two_releases: Repository) -> None:
    two_releases.write("schemas/refunds.avsc", record("Refund", "id"))
    two_releases.commit("Third release")

    done = two_releases.run("rollback", "--to", "v1")

    assert done.exit_code == 0, done.text
    assert "Rolled back 3 subjects to" in done.out
    assert "refunds  was not there then" in done.out
    assert two_releases.git("diff", "--stat", "v1", "HEAD") == ""


def test_what_a_schema_uses_goes_back_with_it_and_who_else_uses_it_is_named(online: Repository) -> None:
    order = record("Order", {"name": "price", "type": "com.acme.Money"})
    online.write("schemas/money.avsc", MONEY)
    online.write("schemas/orders.avsc", order)
    online.write("schemas/refunds.avsc", record("Refund", {"name": "price", "type": "com.acme.Money"}))
    online.commit("First release")
    currency: dict[str, object] = {"name": "currency", "type": "string", "default": "EUR"}
    online.write("schemas/money.avsc", record("Money", {"name": "amount", "type": "long"}, currency))
    online.commit("Add a currency")

    done = online.run("rollback", "--to", "HEAD~1", "--subject", "orders")

    assert done.exit_code == 0, done.text
    assert online.git("show", "--name-only", "--format=", "HEAD").split() == ["schemas/money.avsc"]
    assert "↺ orders" in done.out
    assert "~ refunds  uses a file that went back" in done.out


def test_a_dirty_tree_is_refused_and_left_alone(two_releases: Repository) -> None:
    two_releases.write("schemas/payments.avsc", record("Payment", "id", "draft"))

    done = two_releases.run("rollback", "--to", "v1")

    assert done.exit_code == 1
    assert "the work tree has changes that are not committed: schemas/payments.avsc" in done.err
    assert "git stash" in done.err
    assert two_releases.git("log", "-1", "--format=%s").strip() == "Second release"


def test_no_commit_leaves_the_files_staged(two_releases: Repository) -> None:
    done = two_releases.run("rollback", "--to", "v1", "--subject", "orders", "--no-commit")

    assert done.exit_code == 0, done.text
    assert "2 files staged, nothing committed." in done.out
    assert two_releases.git("status", "--short").split() == ["M", "schemas/orders.avsc", "D", "schemas/orders.yaml"]


def test_a_commit_that_git_refuses_leaves_everything_as_it_was(two_releases: Repository) -> None:
    hook = two_releases.write(".git/hooks/pre-commit", "#!/bin/sh\necho no commits today >&2\nexit 1\n")
    hook.chmod(0o755)

    done = two_releases.run("rollback", "--to", "v1")

    assert done.exit_code == 1
    assert "no commits today" in done.err
    assert two_releases.git("status", "--short") == ""


def test_a_rollback_that_would_break_the_repository_changes_nothing(online: Repository) -> None:
    online.write("schemas/cash.avsc", MONEY)
    online.commit("First release")
    online.write("schemas/cash.avsc", record("Cash", "id"))
    online.write("schemas/money.avsc", MONEY)
    online.commit("Give money its own file")
    online.write("schemas/orders.avsc", record("Order", {"name": "price", "type": "com.acme.Money"}))
    online.commit("Use money")

    done = online.run("rollback", "--to", "HEAD~2", "--subject", "money")

    assert done.exit_code == 3
    assert "REFERENCE_MISSING" in done.err
    assert "nothing was changed" in done.err
    assert online.git("status", "--short") == ""
    assert online.git("log", "-1", "--format=%s").strip() == "Use money"


def test_going_back_to_what_is_there_says_so(two_releases: Repository) -> None:
    done = two_releases.run("rollback", "--to", "HEAD")

    assert done.exit_code == 0
    assert done.out.startswith("Nothing to roll back: the files are what they were at ")


def test_a_revision_or_a_subject_that_is_not_there_is_an_error(two_releases: Repository) -> None:
    no_revision = two_releases.run("rollback", "--to", "v9")
    no_subject = two_releases.run("rollback", "--to", "v1", "--subject", "nothing*")

    assert (no_revision.exit_code, no_subject.exit_code) == (1, 1)
    assert "Git knows no revision `v9`" in no_revision.err
    assert "no subject fits nothing*, neither now nor at v1" in no_subject.err


def test_an_environment_that_is_not_there_is_an_error_before_anything_is_committed(two_releases: Repository) -> None:
    done = two_releases.run("rollback", "--to", "v1", "-e", "nowhere")

    assert done.exit_code == 1
    assert "nowhere" in done.err
    assert two_releases.git("log", "-1", "--format=%s").strip() == "Second release"


def test_registries_that_do_not_answer_do_not_undo_the_commit(
    two_releases: Repository, double: ConfluentDouble
) -> None:
    double.__exit__(None, None, None)

    done = two_releases.run("rollback", "--to", "v1", "--subject", "orders")

    assert done.exit_code == 1, done.text
    assert "REGISTRY_UNREADABLE" in done.out
    assert two_releases.git("log", "-1", "--format=%s").startswith("Roll back orders to ")
    assert "Next:" in done.out


def test_the_plan_shows_who_else_is_registered_anew(online: Repository) -> None:
    online.write("schemas/money.avsc", MONEY)
    for name in ("Order", "Refund"):
        online.write(f"schemas/{name.lower()}s.avsc", record(name, {"name": "price", "type": "com.acme.Money"}))
    online.commit("First release")
    assert online.run("apply", "--yes").exit_code == 0
    currency: dict[str, object] = {"name": "currency", "type": "string", "default": "EUR"}
    online.write("schemas/money.avsc", record("Money", {"name": "amount", "type": "long"}, currency))
    online.commit("Add a currency")
    assert online.run("apply", "--yes").exit_code == 0

    done = online.run("rollback", "--to", "HEAD~1", "--subject", "orders")

    assert "orders (confluent): 3 changes" in done.out
    assert "  ~ refunds  " in done.out.partition("Plan for")[2]


def test_semantic_7_going_back_to_what_is_incompatible_blocks_and_says_what_to_do(two_releases: Repository) -> None:
    two_releases.write("schemas/orders.yaml", "compatibility: FORWARD\n")
    two_releases.commit("Writers come first")
    assert two_releases.run("apply", "--yes").exit_code == 0
    two_releases.write("schemas/orders.avsc", record("Order", "id", "note", "total"))
    two_releases.commit("Demand a total")
    assert two_releases.run("apply", "--yes").exit_code == 0

    done = two_releases.run("rollback", "--to", "HEAD~1", "--subject", "orders")

    assert done.exit_code == 3
    assert "This plan cannot be applied." in done.out
    assert (
        "Next: mend what blocks, or waive it, and `schemafed plan` again; `git revert HEAD` takes it back." in done.out
    )
    assert two_releases.run("apply", "--yes").exit_code == 3
