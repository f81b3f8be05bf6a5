"""The `.gitlab-ci.yml` of the template as it is shipped: its own lines, in clones as GitLab's runner makes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.action.pipeline import Job, Pipeline, load_pipeline
from tests.action.tree import Tree, make_tree
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.gitlab import PROJECT, TOKEN, GitLabDouble
from tests.repositories import run_git

FILE = "schemas/payments/order-placed-value.avsc"
SUBJECT = "order-placed-value"
ADDRESS = f"https://oauth2:{TOKEN}@gitlab.example.com/acme/schemas.git"
PHONE = {"name": "phone", "type": ["null", "string"], "default": None}


def order(*more: Mapping[str, object]) -> dict[str, object]:
    return {"type": "record", "name": "OrderPlaced", "fields": [{"name": "id", "type": "string"}, *more]}


@dataclass
class World(Tree):
    """A project: its repository, its pipelines, the forge and the registry."""

    gitlab: GitLabDouble
    pipeline: Pipeline

    def run(self, source: str, **variables: str) -> dict[str, Job]:
        """Run the pipeline that something starts for the commit that is checked out."""
        head = self.git("rev-parse", "HEAD").strip()
        given = {
            "CI_PIPELINE_SOURCE": source,
            "CI_COMMIT_SHA": head,
            "CI_DEFAULT_BRANCH": "main",
            "CI_API_V4_URL": self.gitlab.api,
            "CI_PROJECT_ID": PROJECT,
            "CI_PROJECT_PATH": "acme/schemas",
            "CI_SERVER_HOST": "gitlab.example.com",
            "CI_JOB_TOKEN": "token-of-a-job",
            "SCHEMAFED_GITLAB_TOKEN": TOKEN,
            "SCHEMA_REGISTRY_URL": self.registry.url,
        }
        return self.pipeline.run(head, **given, **variables)

    def run_merge_request(self, number: int, at: str) -> dict[str, Job]:
        """Push the branch that is checked out, and run what that starts."""
        self.push()
        self.gitlab.push(number, self.git("rev-parse", "HEAD").strip(), at)
        return self.run(
            "merge_request_event",
            CI_MERGE_REQUEST_IID=str(number),
            CI_MERGE_REQUEST_SOURCE_PROJECT_ID=PROJECT,
            CI_MERGE_REQUEST_PROJECT_ID=PROJECT,
            CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main",
            CI_MERGE_REQUEST_DIFF_BASE_SHA=self.git("merge-base", "HEAD", "main").strip(),
        )

    def run_push(self) -> dict[str, Job]:
        self.push()
        return self.run("push", CI_COMMIT_BRANCH="main", CI_COMMIT_REF_NAME="main")


@pytest.fixture
def world(plain_environment: None, tmp_path: Path) -> Iterator[World]:
    """A repository whose main has one schema."""
    root, remote = tmp_path / "schemas", tmp_path / "remote.git"
    with GitLabDouble() as gitlab, ConfluentDouble("8.1") as registry:
        run_git(tmp_path, "init", "--quiet", "--bare", "-b", "main", str(remote))
        make_tree(root)
        run_git(root, "remote", "add", "origin", str(remote))
        made = World(root, registry, gitlab, load_pipeline(root, remote, tmp_path / "runner", ADDRESS))
        made.write(FILE, order())
        made.commit("the first schema")
        yield made


def test_a_merge_request_from_its_first_push_to_the_registry(world: World) -> None:
    first = world.run_push()
    assert {name: job.exit_code for name, job in first.items()} == {"apply": 0}, first["apply"].text
    assert "install --quiet --disable-pip-version-check schemafed" in first["apply"].prepared
    assert world.versions(SUBJECT) == [order()]

    world.git("checkout", "--quiet", "-b", "phone")
    world.write(FILE, order({"name": "total", "type": "long"}))
    world.commit("a break")
    broken = world.run_merge_request(3, "2027-01-01T10:00:00Z")
    assert {name: job.exit_code for name, job in broken.items()} == {"check": 3}, broken["check"].text
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in broken["check"].text
    assert "does not pass" in world.gitlab.notes_of(3)[0]

    world.write(FILE, order(PHONE))
    world.commit("mended")
    mended = world.run_merge_request(3, "2027-01-01T11:00:00Z")
    assert {name: job.exit_code for name, job in mended.items()} == {"check": 0, "plan": 0}, mended["plan"].text
    passed, planned = world.gitlab.notes_of(3)
    assert "passed" in passed
    assert "Plan for prod: 1 change, can be applied" in planned
    assert sorted(file.name for file in (mended["plan"].folder / "schemafed/plan").iterdir()) == [
        *("annotations.txt", "plan.json", "report.html", "report.json", "report.md", "report.sarif"),
    ]
    assert len(world.versions(SUBJECT)) == 1

    world.git("checkout", "--quiet", "main")
    world.git("merge", "--quiet", "--squash", "phone")
    world.gitlab.merge(3, world.commit("merge phone"))
    applied = world.run_push()
    assert {name: job.exit_code for name, job in applied.items()} == {"apply": 0}, applied["apply"].text
    assert world.versions(SUBJECT) == [order(), order(PHONE)]
    assert "Apply to prod: 1 change made" in world.gitlab.notes_of(3)[-1]


def test_what_was_not_reviewed_is_not_applied(world: World) -> None:
    world.run_push()
    world.git("checkout", "--quiet", "-b", "phone")
    world.write(FILE, order(PHONE))
    world.commit("a phone")
    world.run_merge_request(3, "2027-01-01T10:00:00Z")
    world.git("checkout", "--quiet", "main")
    world.git("merge", "--quiet", "--squash", "phone")
    world.gitlab.merge(3, world.commit("merge phone"))
    world.post(SUBJECT, order({"name": "note", "type": "string", "default": ""}))

    moved = world.run_push()

    assert moved["apply"].exit_code == 3
    assert "PLAN_CHANGED" in moved["apply"].text
    assert len(world.versions(SUBJECT)) == 2


def test_drift_is_one_issue_from_when_it_is_seen_until_it_is_gone(world: World) -> None:
    world.run_push()
    world.post(SUBJECT, order(PHONE))

    seen = world.run("schedule")
    (issue,) = world.gitlab.store.issues
    assert {name: job.exit_code for name, job in seen.items()} == {"drift": 0}, seen["drift"].text
    assert (issue["title"], issue["state"]) == ("Drift in prod: what is live is not what was applied", "opened")

    world.write(FILE, order(PHONE))
    world.commit("take what is live")
    assert world.run_push()["apply"].exit_code == 0
    world.run("schedule")
    assert [issue["state"] for issue in world.gitlab.store.issues] == ["closed"]
