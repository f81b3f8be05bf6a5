"""Approvals from the command line: check in a pull request, apply after the merge, GitHub as a double."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.doubles.github import GitHubDouble
from tests.doubles.wire import HttpDouble, Request, make_json_reply
from tests.repositories import LOCAL, MakeRepository, Repository, record

RULES = """\
approvals:
  rules:
    - name: payments
      subjects: ["pay*"]
      stages: [{by: ["@acme/payments"]}]
"""
WAIVER = (
    "compatibility: BACKWARD\n"
    "waivers: [{code: READER_FIELD_MISSING_DEFAULT_VALUE, reason: nobody reads it, approver: '@bob',"
    " until: 2999-01-01}]\n"
)


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubDouble]:
    for name in ("GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITLAB_CI", "CI_MERGE_REQUEST_IID", "GITEA_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    with GitHubDouble(tokens=frozenset({"token"})) as double:
        double.store.teams["acme/payments"] = ["bob", "carol", "dan"]
        monkeypatch.setenv("GITHUB_API_URL", double.url)
        monkeypatch.setenv("GITHUB_REPOSITORY", "acme/schemas")
        monkeypatch.setenv("GITHUB_TOKEN", "token")
        yield double


@pytest.fixture
def repository(make_repository: MakeRepository) -> Repository:
    made = make_repository(LOCAL + RULES)
    made.write("schemas/pay.avsc", record("Pay", "id"))
    made.write("schemas/other.avsc", record("Other", "id"))
    made.commit("Begin")
    return made


def head(repository: Repository) -> str:
    return repository.git("rev-parse", "HEAD").strip()


def open_pull_request(
    repository: Repository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch, number: int = 7
) -> str:
    """Commit what was written on a branch, as a pull request that the run is for; its newest commit."""
    repository.git("checkout", "--quiet", "-B", "change")
    repository.commit("Change")
    github.add_pull_request(number, head(repository))
    sides = {side: {"sha": head(repository), "repo": {"full_name": "acme/schemas"}} for side in ("head", "base")}
    event = repository.root.parent / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": number, **sides}}))
    monkeypatch.setenv("GITHUB_EVENT_NAME", "pull_request")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
    return head(repository)


def merge(repository: Repository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch, number: int = 7) -> None:
    repository.git("checkout", "--quiet", "main")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "change")
    github.merge(number, head(repository))
    monkeypatch.setenv("GITHUB_EVENT_NAME", "push")
    monkeypatch.delenv("GITHUB_EVENT_PATH")


def test_a_check_blocks_until_the_team_approved_the_newest_commit(
    repository: Repository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write("schemas/pay.avsc", record("Pay", "id", {"name": "note", "type": "string", "default": ""}))
    commit = open_pull_request(repository, github, monkeypatch)
    github.add_review(7, "bob", "APPROVED", "0" * 40)

    before = repository.run("check")
    github.add_review(7, "dan", "APPROVED", commit)
    after = repository.run("check")

    assert before.exit_code == 3
    assert "APPROVAL_MISSING" in before.out
    assert "rule `payments` demands an approval by @acme/payments for pay" in " ".join(before.out.split())
    assert github.store.requested[7] == {"reviewers": [], "team_reviewers": ["payments"]}
    assert after.exit_code == 0, after.text


def test_a_change_of_other_subjects_needs_nobody(
    repository: Repository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write("schemas/other.avsc", record("Other", "id", {"name": "note", "type": "string", "default": ""}))
    open_pull_request(repository, github, monkeypatch)

    assert repository.run("check").exit_code == 0
    assert github.store.requested == {}


def test_rules_that_the_pull_request_takes_away_hold_for_it(
    repository: Repository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write("schemafed.yaml", LOCAL)
    open_pull_request(repository, github, monkeypatch)

    done = repository.run("check")

    assert done.exit_code == 3
    assert "APPROVALS_CHANGED" in done.out
    assert "for schemafed.yaml; pull request 7 has 0 that count" in " ".join(done.out.split())


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_forge_that_does_not_answer_leaves_the_verdict_of_a_check(
    repository: Repository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    repository.write("schemas/pay.avsc", record("Pay", "id", {"name": "note", "type": "string", "default": ""}))
    open_pull_request(repository, github, monkeypatch)
    github.answer = lambda request: make_json_reply(status, {"message": "no"})

    done = repository.run("check")

    assert done.exit_code == 0, done.text
    assert "APPROVAL_UNCONFIRMED" in done.out
    assert f"status {status}" in done.out


def test_outside_of_ci_nothing_is_confirmed_and_nothing_weighs(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_TOKEN", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "CI_API_V4_URL"):
        monkeypatch.delenv(name, raising=False)
    repository.git("checkout", "--quiet", "-b", "change")
    repository.write("schemas/pay.avsc", record("Pay", "id", {"name": "note", "type": "string", "default": ""}))

    done = repository.run("check")

    assert done.exit_code == 0, done.text
    assert "not confirmed: this run is for no pull request" in " ".join(done.out.split())


def test_a_waiver_counts_once_its_approver_approved(
    make_repository: MakeRepository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = make_repository()
    repository.write("schemas/pay.avsc", record("Pay", "id"))
    repository.write("schemas/pay.yaml", "compatibility: BACKWARD\n")
    repository.commit("Begin")
    repository.write("schemas/pay.avsc", record("Pay", "id", "note"))
    repository.write("schemas/pay.yaml", WAIVER)
    commit = open_pull_request(repository, github, monkeypatch)

    before = repository.run("check")
    github.add_review(7, "bob", "APPROVED", commit)
    after = repository.run("check")

    assert before.exit_code == 3
    assert "WAIVER_UNAPPROVED" in before.out
    assert github.store.requested[7] == {"reviewers": ["bob"], "team_reviewers": []}
    assert after.exit_code == 0, after.text


def test_an_apply_looks_again_and_the_ledger_remembers(
    repository: Repository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert repository.run("apply", "--yes").exit_code == 0
    repository.write("schemas/pay.avsc", record("Pay", "id", {"name": "note", "type": "string", "default": ""}))
    commit = open_pull_request(repository, github, monkeypatch)
    merge(repository, github, monkeypatch)

    before = repository.run("apply", "--yes")
    github.add_review(7, "carol", "APPROVED", commit)
    after = repository.run("apply", "--yes")
    history = repository.run("history")

    assert before.exit_code == 3
    assert "APPROVAL_MISSING" in before.text
    assert "nothing was applied" in before.text
    assert after.exit_code == 0, after.text
    assert "approved by carol (pull request 7, payments)" in history.out


def test_an_apply_of_a_commit_without_a_pull_request_blocks(
    repository: Repository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.run("apply", "--yes")
    repository.write("schemas/pay.avsc", record("Pay", "id", {"name": "note", "type": "string", "default": ""}))
    repository.commit("Pushed")

    done = repository.run("apply", "--yes")

    assert done.exit_code == 3
    assert "came without a merged pull request" in " ".join(done.text.split())


@pytest.mark.parametrize("key", ["approvals", '"approvals"', "? approvals\n"], ids=["plain", "quoted", "by itself"])
def test_whoever_takes_the_rules_away_is_judged_by_them(
    make_repository: MakeRepository, github: GitHubDouble, key: str
) -> None:
    repository = make_repository(LOCAL + RULES.replace("approvals", key, 1))
    repository.write("schemas/pay.avsc", record("Pay", "id"))
    repository.commit("Begin")
    assert repository.run("apply", "--yes").exit_code == 0
    repository.write("schemafed.yaml", LOCAL)
    repository.write("schemas/other.avsc", record("Other", "id"))
    repository.commit("Pushed")

    done = repository.run("apply", "--yes")

    assert done.exit_code == 3, done.text
    assert "rule `payments` demands" in " ".join(done.text.split())


def test_an_apply_that_can_ask_nobody_blocks(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.delenv("CI_API_V4_URL", raising=False)
    repository.run("apply", "--yes")
    repository.write("schemas/pay.avsc", record("Pay", "id", {"name": "note", "type": "string", "default": ""}))
    repository.commit("Pushed")

    done = repository.run("apply", "--yes")

    assert done.exit_code == 3
    assert "not confirmed: no forge can be asked" in " ".join(done.text.split())


def test_an_earlier_pull_request_that_was_not_applied_is_asked_for_too(
    repository: Repository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.run("apply", "--yes")
    repository.write("schemafed.yaml", LOCAL)
    commit = open_pull_request(repository, github, monkeypatch)
    merge(repository, github, monkeypatch)
    repository.write("schemas/pay.avsc", record("Pay", "id", {"name": "note", "type": "string", "default": ""}))
    open_pull_request(repository, github, monkeypatch, 8)
    merge(repository, github, monkeypatch, 8)

    before = repository.run("apply", "--yes")
    github.add_review(7, "bob", "APPROVED", commit)
    after = repository.run("apply", "--yes")

    assert before.exit_code == 3
    assert "pull request 7 has 0 that count" in " ".join(before.text.split())
    assert after.exit_code == 0, after.text


def test_a_webhook_is_told_who_is_missing(
    make_repository: MakeRepository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Request] = []

    def answer(request: Request) -> object:
        told.append(request)
        return make_json_reply(200, {})

    with HttpDouble(answer) as hook:  # type: ignore[arg-type]
        monkeypatch.setenv("HOOK", f"{hook.url}/say?key=secret")
        webhook = "  webhook: {url: '${HOOK}', headers: {X-Team: schemas}}\n"
        repository = make_repository(LOCAL + RULES + webhook)
        repository.write("schemas/other.avsc", record("Other", "id"))
        repository.commit("Begin")
        repository.write("schemas/pay.avsc", record("Pay", "id"))
        open_pull_request(repository, github, monkeypatch)
        repository.run("check")

    [request] = told
    assert (request.path, request.query, request.headers["x-team"]) == ("/say", {"key": "secret"}, "schemas")
    assert json.loads(request.body) == {
        "version": 1,
        "event": "approvals_missing",
        "pull_request": 7,
        "missing": [{"rule": "payments", "people": [], "teams": ["acme/payments"], "lacking": 1}],
    }


def test_an_apply_in_a_shallow_clone_that_cannot_be_deepened_blocks(
    repository: Repository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write("schemas/pay.avsc", record("Pay", "id", {"name": "note", "type": "string", "default": ""}))
    repository.commit("Pushed")
    clone = repository.root.parent / "clone"
    repository.git("clone", "--quiet", "--depth", "1", repository.root.as_uri(), str(clone))
    shallow = Repository(clone, repository.capture)
    shallow.git("remote", "remove", "origin")

    done = shallow.run("apply", "--yes")

    assert done.exit_code == 3
    assert "this clone is shallow and could not be deepened" in " ".join(done.text.split())


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_forge_that_does_not_answer_blocks_an_apply(
    repository: Repository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    repository.write("schemas/pay.avsc", record("Pay", "id", {"name": "note", "type": "string", "default": ""}))
    open_pull_request(repository, github, monkeypatch)
    merge(repository, github, monkeypatch)
    github.answer = lambda request: make_json_reply(status, {"message": "no"})

    done = repository.run("apply", "--yes")

    assert done.exit_code == 3
    assert "APPROVAL_UNCONFIRMED" in done.text
    assert f"status {status}" in done.text


def test_a_plan_of_a_pull_request_tells_what_is_missing_and_can_be_applied(
    repository: Repository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write("schemas/pay.avsc", record("Pay", "id", {"name": "note", "type": "string", "default": ""}))
    open_pull_request(repository, github, monkeypatch)

    done = repository.run("plan")

    assert done.exit_code == 0, done.text
    assert "APPROVAL_MISSING" in done.text


def test_a_deletion_and_a_looser_mode_need_the_rule_about_them(
    make_repository: MakeRepository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = RULES.replace('subjects: ["pay*"]', "changes: [deletion, mode_loosened]")
    repository = make_repository(LOCAL + rules)
    repository.write("schemas/pay.avsc", record("Pay", "id"))
    repository.write("schemas/other.avsc", record("Other", "id"))
    repository.write("schemas/other.yaml", "compatibility: FULL\n")
    repository.commit("Begin")
    repository.write("schemas/other.yaml", "compatibility: NONE\n")
    (repository.root / "schemas/pay.avsc").unlink()
    open_pull_request(repository, github, monkeypatch)

    done = repository.run("check")

    assert done.exit_code == 3
    assert "for other, pay (deletion, mode_loosened)" in " ".join(done.out.split())


def test_the_webhook_of_a_pull_request_is_not_told(
    repository: Repository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Request] = []
    with HttpDouble(lambda request: told.append(request) or make_json_reply(200, {})) as hook:
        repository.write("schemafed.yaml", LOCAL + RULES + f"  webhook: {{url: '{hook.url}'}}\n")
        open_pull_request(repository, github, monkeypatch)
        done = repository.run("check")

    assert done.exit_code == 3
    assert told == []


def test_a_webhook_that_fails_is_a_warning_without_its_address(
    make_repository: MakeRepository, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HttpDouble(lambda request: make_json_reply(404, {})) as hook:
        monkeypatch.setenv("HOOK", f"{hook.url}/s3cret-path")
        repository = make_repository(LOCAL + RULES + "  webhook: {url: '${HOOK}'}\n")
        repository.commit("Begin")
        repository.write("schemas/pay.avsc", record("Pay", "id"))
        open_pull_request(repository, github, monkeypatch)
        done = repository.run("check")

    assert "APPROVAL_NOT_REQUESTED" in done.out
    assert "s3cret-path" not in done.text
