"""The template as it is shipped, on a real Gitea with its runner: from a pull request to a bad night."""

from __future__ import annotations

import pytest

from tests.doubles.wire import Access
from tests.forge.api import RefusedError
from tests.forge.world import World, start
from tests.repositories import record

ROBOT = "gitea-actions"
FILE = "schemas/payments/order-placed-value.avsc"
SUBJECT = "order-placed-value"
CHECK = "pull request / check (pull_request)"
PLAN = "pull request / plan (pull_request)"
FIRST = record("OrderPlaced", "id")
PHONE = {"name": "phone", "type": ["null", "string"], "default": None}
NOTE = {"name": "note", "type": "string", "default": ""}


RULES = """
approvals:
  rules:
    - name: careful
      stages: [{by: ["@bob"]}]
"""


def protect(world: World) -> None:
    """Let nothing be merged whose checks are not green."""
    checks = {"enable_status_check": True, "status_check_contexts": [CHECK, PLAN]}
    world.server.boss.post(f"{world.path}/branch_protections", rule_name="main", enable_push=True, **checks)


def test_a_pull_request_from_its_first_push_to_the_registry(world: World) -> None:
    start(world)
    protect(world)
    first = world.dispatch("apply")
    assert first.jobs == {"apply": "success"}, first.text
    assert world.versions(SUBJECT) == [FIRST]

    world.begin("phone", FILE, record("OrderPlaced", "id", PHONE))
    number = world.open_pull_request("phone")
    opened = world.wait_for_pull_request()
    assert opened.jobs == {"check": "success", "plan": "success"}, opened.text
    (comment,) = world.comments_of(number)
    assert comment["user"]["login"] == ROBOT
    assert "Plan for prod: 1 change, can be applied" in comment["body"]
    assert world.read_statuses() == {CHECK: "success", PLAN: "success"}

    world.change(FILE, record("OrderPlaced", "id", PHONE, NOTE))
    world.wait_for_pull_request()
    (updated,) = world.comments_of(number)
    assert updated["id"] == comment["id"]
    assert "+ note" in updated["body"]

    world.change(FILE, record("OrderPlaced", "id", {"name": "total", "type": "long"}))
    broken = world.wait_for_pull_request()
    assert broken.jobs == {"check": "failure", "plan": "failure"}, broken.text
    assert f"::error file={FILE},line=" in broken.text
    assert world.read_statuses() == {CHECK: "failure", PLAN: "failure"}
    assert ["❌" in c["body"] for c in world.comments_of(number)] == [True, True]
    with pytest.raises(RefusedError) as refused:
        world.merge(number)
    assert refused.value.status == 405

    world.change(FILE, record("OrderPlaced", "id", PHONE, NOTE))
    mended = world.wait_for_pull_request()
    assert mended.jobs == {"check": "success", "plan": "success"}, mended.text
    assert ["❌" in c["body"] for c in world.comments_of(number)] == [False, False]
    assert world.versions(SUBJECT) == [FIRST]

    world.merge(number)
    applied = world.wait_for_push()
    assert applied.jobs == {"apply": "success"}, applied.text
    assert world.versions(SUBJECT) == [FIRST, record("OrderPlaced", "id", PHONE, NOTE)]
    assert "Apply to prod: 1 change made" in world.comments_of(number)[-1]["body"]

    again = world.dispatch("apply")
    assert again.jobs == {"apply": "success"}, again.text
    assert len(world.versions(SUBJECT)) == 2


def test_what_was_not_reviewed_is_not_applied(world: World) -> None:
    start(world)
    world.dispatch("apply")
    world.begin("phone", FILE, record("OrderPlaced", "id", PHONE))
    number = world.open_pull_request("phone")
    world.wait_for_pull_request()
    world.post(SUBJECT, record("OrderPlaced", "id", NOTE))

    world.merge(number)
    moved = world.wait_for_push()

    assert moved.jobs == {"apply": "failure"}, moved.text
    assert "PLAN_CHANGED" in moved.text
    assert world.versions(SUBJECT) == [FIRST, record("OrderPlaced", "id", NOTE)]


def test_drift_is_one_issue_from_when_it_is_seen_until_it_is_gone(world: World) -> None:
    workflow = world.root / ".github/workflows/drift.yaml"
    nightly = workflow.read_text()
    assert 'cron: "17 4 * * *"' in nightly
    workflow.write_text(nightly.replace('cron: "17 4 * * *"', 'cron: "* * * * *"'))
    world.commit("look for drift every minute")
    start(world)
    world.dispatch("apply")
    world.post(SUBJECT, record("OrderPlaced", "id", PHONE))

    by_hand = world.dispatch("drift")
    by_clock = world.wait(lambda run: run["event"] == "schedule" and run["id"] > by_hand.id)

    assert by_hand.jobs == by_clock.jobs == {"drift": "success"}, by_hand.text + by_clock.text
    (issue,) = world.find_issues("open")
    assert issue["title"] == "Drift in prod: what is live is not what was applied"
    assert issue["user"]["login"] == ROBOT
    assert SUBJECT in issue["body"]

    world.write(FILE, record("OrderPlaced", "id", PHONE))
    world.commit("take what is live")
    world.push()
    taken = world.wait_for_push()
    assert taken.jobs == {"apply": "success"}, taken.text
    world.dispatch("drift")
    assert world.find_issues("open") == []
    assert [i["number"] for i in world.find_issues("closed")] == [issue["number"]]


def test_a_rollback_is_a_commit_on_main_that_is_applied_at_once(world: World) -> None:
    start(world)
    world.dispatch("apply")
    good = world.git("rev-parse", "HEAD").strip()
    world.change(FILE, record("OrderPlaced", "id", PHONE))
    world.wait_for_push()

    run = world.dispatch("rollback", to=good, reason='it "broke"; $(id) `id`')

    world.pull()
    assert run.jobs == {"rollback": "success"}, run.text
    assert world.versions(SUBJECT) == [FIRST, record("OrderPlaced", "id", PHONE), FIRST]
    assert "$(id) `id`" in world.git("log", "-1", "--format=%B")


def test_a_fork_gets_neither_secrets_nor_comments_and_does_not_fail_for_it(world: World) -> None:
    start(world)
    world.dispatch("apply")
    world.registry.access = Access(users={"team": "secret"})
    world.begin("phone", FILE, record("OrderPlaced", "id", PHONE), in_fork=True)

    number = world.open_pull_request("ada:phone")
    run = world.wait_for_pull_request()

    assert run.jobs == {"check": "success", "plan": "success"}, run.text
    assert world.comments_of(number) == []
    assert "::error" not in run.text
    assert "from a fork" in run.text


def test_an_approval_on_the_forge_lets_a_pull_request_through_and_its_apply(world: World) -> None:
    settings = world.root / "schemafed.yaml"
    settings.write_text(settings.read_text() + RULES)
    world.commit("demand an approval")
    start(world)
    world.dispatch("apply")

    world.begin("phone", FILE, record("OrderPlaced", "id", PHONE))
    number = world.open_pull_request("phone")
    opened = world.wait_for_pull_request()
    assert opened.jobs == {"check": "failure", "plan": "success"}, opened.text
    assert "APPROVAL_MISSING" in opened.text
    # Gitea lets people alone choose reviewers.
    assert "lets no workflow choose reviewers" in opened.text

    world.bob.post(f"{world.path}/pulls/{number}/reviews", event="APPROVED", body="fine")
    approved = world.wait_for_approval()
    assert approved.jobs == {"check": "success", "plan": "success"}, approved.text
    statuses = world.read_statuses()
    assert (statuses[CHECK], statuses[f"{CHECK[:-1]}_review)"]) == ("failure", "success")

    world.merge(number)
    applied = world.wait_for_push()
    assert applied.jobs == {"apply": "success"}, applied.text
    assert len(world.versions(SUBJECT)) == 2
