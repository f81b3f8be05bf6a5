"""Clones that lack what a command needs, as CI makes them: it is fetched and said so, or it is an error."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.repositories import MakeRepository, Repository, over_rest, record

CI_VARIABLES = (
    "CI",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA",
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "CHANGE_TARGET",
    "BITBUCKET_PR_DESTINATION_BRANCH",
)
NOTE = {"name": "note", "type": "string", "default": ""}
AWAY = "file:///nowhere/at/all.git"

Clone = Callable[..., Repository]


@pytest.fixture
def author(
    make_repository: MakeRepository, double: ConfluentDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Repository:
    """Whoever pushed to the server `main` with the tag v1, `release`, and `change`, which breaks `orders`."""
    for name in CI_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    server = tmp_path / "server.git"
    made = make_repository(over_rest(double.url), "author")
    made.git("init", "--quiet", "--bare", "--initial-branch", "main", str(server))
    made.git("remote", "add", "origin", str(server))
    made.write("schemas/orders.avsc", record("Order", "id"))
    made.commit("Begin")
    made.git("tag", "v1")
    made.git("branch", "release")
    made.write("schemas/orders.avsc", record("Order", "id", NOTE))
    made.commit("Add a note")
    made.git("checkout", "--quiet", "-b", "change")
    made.write("schemas/orders.avsc", record("Order", "id", "total"))
    made.commit("Break it")
    made.git("push", "--quiet", "origin", "main", "release", "change", "v1", "change:refs/pull/1/merge")
    return made


@pytest.fixture
def clone(author: Repository, tmp_path: Path) -> Clone:
    """A function that clones from the server."""

    def make(*options: str) -> Repository:
        folder = tmp_path / "clone"
        author.git("clone", "--quiet", *options, f"file://{tmp_path}/server.git", str(folder))
        return Repository(folder, author.capture)

    return make


@pytest.fixture
def on_gitlab(clone: Clone) -> Repository:
    """One commit of the branch `change`, checked out by itself."""
    checkout = clone("--depth", "1", "--branch", "change", "--no-tags")
    checkout.git("checkout", "--quiet", "--detach")
    checkout.git("branch", "--quiet", "-D", "change")
    return checkout


@pytest.fixture
def on_github(author: Repository, tmp_path: Path) -> Repository:
    """What actions/checkout gets for a pull request: one commit, which is on no branch."""
    checkout = Repository(tmp_path / "checkout", author.capture)
    checkout.root.mkdir()
    checkout.git("init", "--quiet")
    checkout.git("remote", "add", "origin", f"file://{tmp_path}/server.git")
    merge = "refs/remotes/pull/1/merge"
    checkout.git("fetch", "--quiet", "--no-tags", "--depth=1", "origin", f"+refs/pull/1/merge:{merge}")
    checkout.git("checkout", "--quiet", "--detach", merge)
    return checkout


def base_of(checkout: Repository, *options: str) -> dict[str, str]:
    done = checkout.run("check", "--output", "json", *options)
    assert done.exit_code == 3, done.text
    found: dict[str, str] = json.loads(done.out)["base"]
    return found


def unwrap(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("variable", CI_VARIABLES[2:])
@pytest.mark.parametrize("made_by", ["on_github", "on_gitlab"])
def test_semantic_12_the_branch_that_a_ci_system_names_is_fetched(
    author: Repository,
    made_by: str,
    variable: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checkout: Repository = request.getfixturevalue(made_by)
    monkeypatch.setenv(variable, "main")

    done = checkout.run("check")

    assert done.exit_code == 3, done.text
    assert "1 subject of 1 differs from origin/main" in done.out
    assert f"fetching main from origin, which {variable} names and this clone does not have" in unwrap(done.err)
    assert "deepening this shallow clone" in done.err


def test_semantic_12_the_commit_that_gitlab_names_is_fetched(
    author: Repository, on_gitlab: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = author.git("rev-parse", "main").strip()
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", commit)
    monkeypatch.setenv("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")

    assert base_of(on_gitlab) == {"name": commit, "commit": commit}


def test_where_the_commit_that_gitlab_names_is_nowhere_its_branch_is_fetched(
    author: Repository, on_gitlab: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", "1" * 40)
    monkeypatch.setenv("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "release")

    assert base_of(on_gitlab) == {"name": "origin/release", "commit": author.git("rev-parse", "release").strip()}


def test_a_branch_that_a_clone_of_another_one_lacks_is_fetched_without_making_it_shallow(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = clone("--single-branch", "--branch", "change")
    monkeypatch.setenv("GITHUB_BASE_REF", "release")

    assert base_of(checkout)["name"] == "origin/release"
    assert checkout.git("rev-parse", "--is-shallow-repository").strip() == "false"


def test_semantic_12_a_named_branch_that_cannot_be_fetched_is_an_error(
    on_github: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    on_github.git("remote", "set-url", "origin", AWAY)

    done = on_github.run("check")

    assert done.exit_code == 1
    assert "GITHUB_BASE_REF names main as what this change goes to; this clone does not have it" in unwrap(done.err)
    assert "origin does not hand it out" in unwrap(done.err)
    assert "`fetch-depth: 0`" in done.err
    assert "--base REV" in unwrap(done.err)
    assert "Passed" not in done.text


def test_the_token_in_the_address_of_a_remote_is_not_shown(
    on_github: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    on_github.git("remote", "set-url", "origin", "http://x-access-token:ghs_hidden@127.0.0.1:9/shop.git")

    named, given = on_github.run("check"), on_github.run("check", "--base", "v1")

    for done in (named, given):
        assert done.exit_code == 1
        assert "127.0.0.1" in unwrap(done.err)
        assert "ghs_hidden" not in done.text


@pytest.mark.parametrize("remotes", [(), ("upstream", "fork")])
def test_semantic_12_a_named_branch_without_a_remote_to_fetch_it_from_is_an_error(
    on_github: Repository, remotes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    on_github.git("remote", "remove", "origin")
    for name in remotes:
        on_github.git("remote", "add", name, AWAY)

    done = on_github.run("check")

    assert done.exit_code == 1
    why = "none of the remotes upstream, fork is called origin" if remotes else "there is no remote to fetch from"
    assert why in unwrap(done.err).replace("fork, upstream", "upstream, fork")
    assert "fetching" not in done.err


def test_without_a_remote_a_named_branch_is_the_clones_own(author: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    author.git("remote", "remove", "origin")
    monkeypatch.setenv("GITHUB_BASE_REF", "release")

    assert base_of(author)["name"] == "release"


def test_semantic_12_in_a_shallow_clone_the_default_branch_is_fetched_where_nothing_names_a_base(
    on_github: Repository,
) -> None:
    """A push to a branch, or a merge queue: no variable names where it goes to."""
    done = on_github.run("check")

    assert done.exit_code == 3, done.text
    assert "1 subject of 1 differs from origin/main" in done.out
    assert "fetching the default branch from origin, since this clone does not have it" in unwrap(done.err)


def test_in_ci_the_default_branch_is_fetched_into_a_clone_of_another_one(
    author: Repository, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    author.git("push", "--quiet", "origin", "main:trunk")
    author.git("-C", author.git("remote", "get-url", "origin").strip(), "symbolic-ref", "HEAD", "refs/heads/trunk")
    checkout = clone("--single-branch", "--branch", "change")
    monkeypatch.setenv("CI", "true")

    assert base_of(checkout)["name"] == "origin/trunk"


def test_semantic_12_in_a_shallow_clone_without_a_base_that_can_be_fetched_nothing_passes(
    on_gitlab: Repository,
) -> None:
    on_gitlab.git("remote", "set-url", "origin", AWAY)

    done = on_gitlab.run("check")
    given = on_gitlab.run("check", "--base", "HEAD")

    assert done.exit_code == 1
    assert "this clone has no default branch, and origin names none" in unwrap(done.err)
    assert "`fetch-depth: 0`" in done.err
    assert given.exit_code == 0, given.text


def test_a_developers_clone_without_a_default_branch_asks_no_remote(clone: Clone) -> None:
    mine = clone("--single-branch", "--branch", "change")
    mine.git("remote", "set-url", "origin", AWAY)
    mine.write("schemas/orders.avsc", record("Order", "id", "total", "more"))

    done = mine.run("check")

    assert done.exit_code == 3, done.text
    assert "differs from HEAD" in done.out
    assert "fetching" not in done.err


@pytest.mark.parametrize("revision", ["v1", "origin/release", "HEAD~2", "short", "whole"])
@pytest.mark.parametrize("option", ["--base", "--since", "--to"])
def test_a_revision_that_a_shallow_clone_lacks_is_fetched(
    author: Repository, on_gitlab: Repository, option: str, revision: str
) -> None:
    first = author.git("rev-parse", "v1").strip()
    revision = {"short": first[:12], "whole": first}.get(revision, revision)
    command = {"--base": "check", "--since": "plan", "--to": "rollback"}[option]
    on_gitlab.git("config", "user.name", "Ada")

    done = on_gitlab.run(command, option, revision)

    assert done.exit_code == {"--base": 3}.get(option, 0), done.text
    assert f"fetching what this clone lacks from origin, since it does not know {revision}" in unwrap(done.err)
    told = {
        "check": f"differs from {revision} ({first[:12]})",
        "plan": "orders  ",
        "rollback": f'Rolled back 1 subject to {first[:12]} ("Begin").',
    }
    assert told[command] in done.out


def test_a_whole_commit_is_fetched_without_the_history(author: Repository, on_gitlab: Repository) -> None:
    first = author.git("rev-parse", "v1").strip()

    done = on_gitlab.run("plan", "--since", first)

    assert done.exit_code == 0, done.text
    assert on_gitlab.git("rev-list", "--count", "--all").strip() == "1"


def test_a_tag_that_was_pushed_after_a_clone_was_made_is_fetched(author: Repository, clone: Clone) -> None:
    mine = clone("--branch", "change")
    author.git("tag", "v2", "main")
    author.git("push", "--quiet", "origin", "v2")

    assert base_of(mine, "--base", "v2") == {"name": "v2", "commit": author.git("rev-parse", "main").strip()}
    assert mine.git("rev-parse", "--is-shallow-repository").strip() == "false"


@pytest.fixture
def lost(author: Repository) -> str:
    """A commit that was applied and then pushed over: only the ledger leads to it."""
    author.write("schemas/refunds.avsc", record("Refund", "id"))
    author.git("checkout", "--quiet", "main")
    author.commit("Applied, then pushed over")
    assert author.run("apply", "--yes").exit_code == 0
    commit = author.git("rev-parse", "HEAD").strip()
    author.git("reset", "--quiet", "--hard", "HEAD~1")
    return commit


@pytest.mark.parametrize("depth", [(), ("--depth", "1")])
@pytest.mark.parametrize("command", [("check", "--base"), ("plan", "--since"), ("rollback", "--to")])
def test_a_commit_that_only_the_ledger_leads_to_is_fetched(
    lost: str, clone: Clone, depth: tuple[str, ...], command: tuple[str, str]
) -> None:
    mine = clone(*depth)

    done = mine.run(*command, lost[:12])

    assert done.exit_code == 0, done.text
    assert "fetching the ledger from origin" in done.err
    assert mine.git("rev-parse", f"{lost[:12]}^{{commit}}").strip() == lost


@pytest.mark.parametrize("command", [("check", "--base"), ("plan", "--since"), ("rollback", "--to")])
def test_a_revision_that_is_nowhere_is_an_error(on_gitlab: Repository, command: tuple[str, str]) -> None:
    done = on_gitlab.run(*command, "v9")

    assert done.exit_code == 1
    assert f"{command[1]}: Git knows no revision `v9`, and origin has none either" in unwrap(done.err)
    assert done.err.count("fetching what this clone lacks") == 1
    assert "origin/NAME" in unwrap(done.err)


@pytest.mark.parametrize("command", [("check", "--base"), ("plan", "--since"), ("rollback", "--to")])
def test_where_the_remote_does_not_answer_a_revision_that_the_clone_lacks_is_an_error(
    on_gitlab: Repository, command: tuple[str, str]
) -> None:
    on_gitlab.git("remote", "set-url", "origin", AWAY)

    done = on_gitlab.run(*command, "v1")

    assert done.exit_code == 1
    assert f"{command[1]}: Git knows no revision `v1`, and not all that origin has could be fetched: " in unwrap(
        done.err
    )
    assert "git fetch origin" in unwrap(done.err)


@pytest.mark.parametrize("command", [("check", "--base"), ("plan", "--since"), ("rollback", "--to")])
def test_without_a_remote_nothing_is_fetched(on_gitlab: Repository, command: tuple[str, str]) -> None:
    on_gitlab.git("remote", "remove", "origin")

    done = on_gitlab.run(*command, "v1")

    assert done.exit_code == 1
    assert f"{command[1]}: Git knows no revision `v1`, and there is no remote to fetch from" in unwrap(done.err)
    assert "this clone is shallow" in unwrap(done.err)
    assert "fetching" not in done.err
