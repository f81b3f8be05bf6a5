"""What ``schemafed check`` compares with: the branch that a CI system names, the index of a part of a repository."""

from __future__ import annotations

import json

import pytest

from tests.repositories import MakeRepository, Repository, over_rest, record

NOWHERE = "http://127.0.0.1:9"
CI_VARIABLES = (
    "CI",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA",
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "CHANGE_TARGET",
    "BITBUCKET_PR_DESTINATION_BRANCH",
)


def order(*names: str) -> dict[str, object]:
    return record("Order", *({"name": name, "type": "string", "default": ""} for name in names))


@pytest.fixture
def runner(make_repository: MakeRepository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A runner's clone with a change that goes to the branch `release`, from which the default branch has gone on."""
    for name in CI_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    origin = make_repository(over_rest(NOWHERE), "origin")
    origin.write("schemas/orders.avsc", order("id"))
    origin.commit("Begin")
    origin.git("branch", "release")
    origin.write("schemas/orders.avsc", order("id", "note"))
    origin.commit("Only on main")
    clone = origin.root.parent / "clone"
    origin.git("clone", "--quiet", str(origin.root), str(clone))
    checkout = Repository(clone, origin.capture)
    checkout.git("checkout", "--quiet", "-b", "change", "origin/release")
    checkout.write("schemas/refunds.avsc", record("Refund", "id"))
    checkout.commit("Add refunds")
    return checkout


def base_of(checkout: Repository, *options: str) -> dict[str, str]:
    done = checkout.run("check", "--output", "json", *options)
    assert done.exit_code == 0, done.text
    found: dict[str, str] = json.loads(done.out)["base"]
    return found


@pytest.mark.parametrize("variable", CI_VARIABLES[2:])
def test_the_branch_that_a_ci_system_names_is_the_base(
    runner: Repository, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "release")

    assert base_of(runner)["name"] == "origin/release"


def test_the_commit_that_gitlab_names_goes_before_the_branch(
    runner: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = runner.git("rev-parse", "HEAD~1").strip()
    monkeypatch.setenv("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "release")
    monkeypatch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", commit)

    assert base_of(runner) == {"name": commit, "commit": commit}


def test_without_a_branch_that_a_ci_system_names_it_is_the_default_branch(
    runner: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_BASE_REF", "")

    assert base_of(runner)["name"] == "origin/HEAD"


def test_a_branch_that_a_ci_system_names_and_nobody_has_is_an_error(
    runner: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against any other base the change could seem to be less than it is."""
    monkeypatch.setenv("GITHUB_BASE_REF", "nowhere")

    done = runner.run("check")

    assert done.exit_code == 1
    assert "GITHUB_BASE_REF names nowhere as what this change goes to" in " ".join(done.err.split())
    assert "Passed" not in done.text


def test_what_is_asked_for_goes_before_what_a_ci_system_names(
    runner: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_BASE_REF", "release")

    assert base_of(runner, "--base", "origin/main")["name"] == "origin/main"


def test_what_only_the_base_has_is_no_change(runner: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """The base is the commit in common: what main got since is nobody's change here."""
    monkeypatch.setenv("GITHUB_BASE_REF", "main")

    checked = json.loads(runner.run("check", "--output", "json").out)

    assert [subject["name"] for subject in checked["subjects"]] == ["refunds"]


@pytest.fixture
def part(make_repository: MakeRepository) -> Repository:
    """A repository whose schemas, with their schemafed.yaml, are in a folder below the root of Git's."""
    whole = make_repository(over_rest(NOWHERE), "whole")
    (whole.root / "schemafed.yaml").unlink()
    whole.write("registry/schemafed.yaml", over_rest(NOWHERE))
    whole.write("registry/schemas/orders.avsc", record("Order", "id"))
    whole.commit("Begin")
    return Repository(whole.root / "registry", whole.capture)


def test_staged_looks_at_the_folder_of_schemafed_yaml_alone(part: Repository) -> None:
    (part.root.parent / "elsewhere.avsc").write_text("{")
    part.write("schemas/orders.avsc", record("Order", "id", "note"))
    part.git("add", "--all", "..")
    part.write("schemas/orders.avsc", record("Order", "id"))

    files, staged = part.run("check"), part.run("check", "--staged")

    assert (files.exit_code, staged.exit_code) == (0, 3)
    assert "dev: 1 subject of 1 differs from HEAD" in staged.out
    assert "schemas/orders.avsc:10:5" in staged.out


def test_what_is_not_staged_does_not_count(part: Repository) -> None:
    part.write("schemas/orders.avsc", record("Order", "id", "note"))

    done = part.run("check", "--staged")

    assert done.exit_code == 0, done.text
    assert "dev: no subject differs from HEAD" in done.out
