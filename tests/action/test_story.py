"""The workflows of the template as they are shipped, run by act: from a pull request to a bad night."""

from __future__ import annotations

from typing import Any

from tests.action.world import World
from tests.doubles.github import ROBOT
from tests.repositories import record

FILE = "schemas/payments/order-placed-value.avsc"
SUBJECT = "order-placed-value"
FIRST = record("OrderPlaced", "id")
PHONE = {"name": "phone", "type": ["null", "string"], "default": None}
NOTE = {"name": "note", "type": "string", "default": ""}


def begin(world: World, branch: str, schema: dict[str, object]) -> None:
    """Make a branch on which the schema is another."""
    world.git("checkout", "--quiet", "-b", branch, "main")
    world.write(FILE, schema)
    world.commit(branch)


def test_a_pull_request_from_its_first_push_to_the_registry(world: World) -> None:
    assert world.run_push().jobs == {"apply": "success"}
    assert world.versions(SUBJECT) == [FIRST]

    begin(world, "phone", record("OrderPlaced", "id", PHONE))
    opened = world.run_pull_request(7)
    (comment,) = world.github.store.comments[7]
    first = opened.outputs_of("plan")
    assert opened.jobs == {"check": "success", "plan": "success"}
    assert first["has-changes"] == "true"
    assert (first["updates"], first["creates"], first["deletes"], first["destructive"]) == ("1", "0", "0", "false")
    assert first["comment-id"] == str(comment["id"])
    assert first["plan-digest"] in comment["body"]
    assert "Plan for prod: 1 change, can be applied" in comment["body"]
    assert opened.summary_of("plan") in comment["body"] + "\n"

    world.write(FILE, record("OrderPlaced", "id", PHONE, NOTE))
    world.commit("a note too")
    updated = world.run_pull_request(7)
    assert [c["id"] for c in world.github.store.comments[7]] == [comment["id"]]
    assert "+ note" in world.github.comments_of(7)[0]
    assert updated.outputs_of("plan")["plan-digest"] != first["plan-digest"]

    world.write(FILE, record("OrderPlaced", "id", {"name": "total", "type": "long"}))
    world.commit("a break")
    broken = world.run_pull_request(7)
    red = [a for a in broken.annotations if a["command"] == "error"]
    assert broken.jobs == {"check": "failure", "plan": "failure"}
    assert {a["file"] for a in red} == {FILE}
    assert all(int(a["line"]) > 1 and a["title"] for a in red)
    assert broken.outputs_of("check")["exit-code"] == "3"
    assert [c.count("❌") > 0 for c in world.github.comments_of(7)] == [True, True]

    world.write(FILE, record("OrderPlaced", "id", PHONE, NOTE))
    world.commit("mended")
    mended = world.run_pull_request(7)
    assert mended.jobs == {"check": "success", "plan": "success"}
    assert not mended.annotations
    assert ["❌" in c for c in world.github.comments_of(7)] == [False, False]
    assert len(world.versions(SUBJECT)) == 1

    world.merge(7, "phone")
    applied = world.run_push()
    assert applied.jobs == {"apply": "success"}
    assert applied.outputs_of("apply")["applied"] == "1"
    assert applied.outputs_of("apply")["plan-digest"] == mended.outputs_of("plan")["plan-digest"]
    assert world.versions(SUBJECT) == [FIRST, record("OrderPlaced", "id", PHONE, NOTE)]
    assert "Apply to prod: 1 change made" in world.github.comments_of(7)[-1]

    again = world.run_push()
    assert again.jobs == {"apply": "success"}
    assert again.outputs_of("apply")["has-changes"] == "false"


def test_what_was_not_reviewed_is_not_applied(world: World) -> None:
    world.run_push()
    begin(world, "phone", record("OrderPlaced", "id", PHONE))
    world.run_pull_request(7)
    world.merge(7, "phone")
    world.post(SUBJECT, record("OrderPlaced", "id", NOTE))

    moved = world.run_push()

    assert moved.jobs == {"apply": "failure"}
    assert "PLAN_CHANGED" in {a.get("title") for a in moved.annotations}
    assert world.versions(SUBJECT) == [FIRST, record("OrderPlaced", "id", NOTE)]


def test_a_plan_that_somebody_else_wrote_into_a_comment_counts_for_nothing(world: World) -> None:
    world.run_push()
    begin(world, "phone", record("OrderPlaced", "id", PHONE))
    planned = world.run_pull_request(7)
    (comment,) = world.github.store.comments[7]
    comment["user"] = {"login": "mallory"}
    world.merge(7, "phone")

    refused = world.run_push()
    digest = planned.outputs_of("plan")["plan-digest"]
    allowed = world.run("workflow_dispatch", {"inputs": {"expect": digest}, "ref": "refs/heads/main"}, workflow="apply")

    assert planned.jobs == {"check": "success", "plan": "success"}
    assert refused.jobs == {"apply": "failure"}
    assert "none was reviewed" in refused.text
    assert allowed.jobs == {"apply": "success"}
    assert len(world.versions(SUBJECT)) == 2


def test_drift_is_one_issue_from_when_it_is_seen_until_it_is_gone(world: World) -> None:
    world.run_push()
    assert world.run("schedule", {}, workflow="drift").jobs == {"drift": "success"}
    assert world.github.store.issues == []

    world.post(SUBJECT, record("OrderPlaced", "id", PHONE))
    seen = world.run("schedule", {}, workflow="drift")
    again = world.run("workflow_dispatch", {"inputs": {}}, workflow="drift")
    (issue,) = world.github.store.issues
    assert seen.outputs_of("drift")["drift"] == again.outputs_of("drift")["drift"] == "1"
    assert seen.jobs == again.jobs == {"drift": "success"}
    assert issue["title"] == "Drift in prod: what is live is not what was applied"
    assert SUBJECT in issue["body"]
    assert issue["state"] == "open"

    begin(world, "take", record("OrderPlaced", "id", PHONE))
    world.git("checkout", "--quiet", "main")
    world.git("merge", "--quiet", "take")
    world.push()
    assert world.run_push().jobs == {"apply": "success"}
    world.run("schedule", {}, workflow="drift")
    assert [i["state"] for i in world.github.store.issues] == ["closed"]


def test_a_rollback_is_a_commit_on_main_that_is_applied_at_once(world: World) -> None:
    world.run_push()
    good = world.git("rev-parse", "HEAD").strip()
    world.write(FILE, record("OrderPlaced", "id", PHONE))
    world.commit("a phone")
    world.push()
    world.run_push()

    event: dict[str, Any] = {"inputs": {"to": good, "reason": 'it "broke"; $(id) `id`'}, "ref": "refs/heads/main"}
    run = world.run("workflow_dispatch", event, workflow="rollback")

    world.git("fetch", "--quiet", str(world.root.parent / "remote.git"), "main")
    assert run.jobs == {"rollback": "success"}
    assert world.versions(SUBJECT) == [FIRST, record("OrderPlaced", "id", PHONE), FIRST]
    assert "$(id) `id`" in world.git("log", "-1", "--format=%B", "FETCH_HEAD")


def test_a_rollback_that_cannot_be_applied_never_gets_to_main(world: World) -> None:
    world.run_push()
    good = world.git("rev-parse", "HEAD").strip()
    world.write("schemas/payments/defaults.yaml", "compatibility: FORWARD\n")
    world.write(FILE, record("OrderPlaced", "id", "total"))
    world.commit("a total, without a default")
    world.push()
    world.run_push()

    event: dict[str, Any] = {"inputs": {"to": good}, "ref": "refs/heads/main"}
    run = world.run("workflow_dispatch", event, workflow="rollback")

    assert run.jobs == {"rollback": "failure"}
    assert "This plan cannot be applied." in run.text
    assert world.versions(SUBJECT) == [FIRST, record("OrderPlaced", "id", "total")]
    world.git("fetch", "--quiet", str(world.root.parent / "remote.git"), "main")
    assert world.git("rev-parse", "FETCH_HEAD") == world.git("rev-parse", "HEAD")


def test_a_fork_gets_neither_secrets_nor_comments_and_does_not_fail_for_it(world: World) -> None:
    world.run_push()
    begin(world, "phone", record("OrderPlaced", "id", PHONE))
    world.registry.access = type(world.registry.access)(users={"team": "secret"})

    run = world.run_pull_request(8, repository="mallory/schemas")

    assert run.jobs == {"check": "success", "plan": "success"}
    assert world.github.comments_of(8) == []
    assert not [a for a in run.annotations if a["command"] == "error"]
    assert "from a fork" in run.summary_of("plan")
    assert world.github.count("POST") == world.github.count("PATCH") == 0


def test_a_break_in_a_fork_is_still_red(world: World) -> None:
    begin(world, "total", record("OrderPlaced", "id", {"name": "total", "type": "long"}))

    run = world.run_pull_request(8, repository="mallory/schemas")

    assert run.jobs["check"] == "failure"
    assert {a["file"] for a in run.annotations if a["command"] == "error"} == {FILE}


def test_the_comment_is_found_behind_many_others(world: World) -> None:
    world.run_push()
    for number in range(5):
        world.github.add_comment(7, ROBOT if number == 2 else "bob", f"comment {number}")
    begin(world, "phone", record("OrderPlaced", "id", PHONE))

    world.run_pull_request(7)
    world.write(FILE, record("OrderPlaced", "id", NOTE))
    world.commit("another")
    world.run_pull_request(7)

    assert len(world.github.comments_of(7)) == 6
    assert "+ note" in world.github.comments_of(7)[5]
