"""A private repository on a Gitea: its people, its pull requests, and the runs of its workflows."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.action.tree import Tree, make_tree
from tests.doubles.confluent import ConfluentDouble
from tests.forge.api import User, make_basic
from tests.forge.server import Gitea
from tests.repositories import run_git

_RUN_SECONDS = 240.0
_NOTED_SECONDS = 60.0
_POLL_SECONDS = 0.5
_STAMP = re.compile(r"^\S+Z ", re.MULTILINE)
# What an engineer may do at all, and what a token is for: neither settings nor people.
_UNITS = {"repo.code": "write", "repo.pulls": "write", "repo.issues": "write", "repo.actions": "write"}
_SCOPES = ("write:repository", "read:issue")


@dataclass(frozen=True)
class Run:
    """A run of a workflow that has ended: how each job did, and what was logged."""

    id: int
    event: str
    jobs: dict[str, str]
    text: str


@dataclass
class World(Tree):
    """Everything around one repository on a Gitea; `ada` works on it and `bob` reviews, with tokens of few rights.

    `owner` has the repository that is pushed to.
    """

    server: Gitea
    ada: User
    bob: User
    name: str
    owner: str = "acme"

    @property
    def path(self) -> str:
        """Where the interface has the repository."""
        return f"/repos/acme/{self.name}"

    def push(self) -> None:
        push(self.root, f"{self.server.url}/{self.owner}/{self.name}.git", self.ada, "HEAD")

    def begin(self, branch: str, file: str, schema: dict[str, Any], *, in_fork: bool = False) -> None:
        """Make a branch on which a schema is another, and push it; from then on to a fork of ada's, if told so."""
        if in_fork:
            self.ada.post(f"{self.path}/forks")
            self.owner = self.ada.name
        self.git("checkout", "--quiet", "-b", branch, "main")
        self.change(file, schema)

    def change(self, file: str, schema: dict[str, Any]) -> None:
        """Push another schema to the branch that is checked out."""
        self.write(file, schema)
        self.commit(f"change {Path(file).name}")
        self.push()

    def open_pull_request(self, branch: str) -> int:
        return int(self.ada.post(f"{self.path}/pulls", head=branch, base="main", title=branch)["number"])

    def merge(self, number: int) -> None:
        """Merge a pull request as somebody does who clicks, and take it into the work tree."""
        head = self.git("rev-parse", "HEAD").strip()
        self.ada.post(f"{self.path}/pulls/{number}/merge", Do="squash", head_commit_id=head)
        self.pull()

    def pull(self) -> None:
        """Take what main has on the forge."""
        self.git("checkout", "--quiet", "main")
        url = f"{self.server.url}/acme/{self.name}.git"
        self.git("-c", f"http.extraHeader=Authorization: {self.ada.authorization}", "pull", "--quiet", url, "main")

    def dispatch(self, workflow: str, **inputs: str) -> Run:
        """Start a workflow by hand, and wait for it."""
        before = self._list_runs()
        self.ada.post(f"{self.path}/actions/workflows/{workflow}.yaml/dispatches", ref="main", inputs=inputs)
        return self.wait(lambda run: run["event"] == "workflow_dispatch" and run["id"] not in before)

    def wait_for_pull_request(self) -> Run:
        """Wait for what the last push to a pull request started."""
        return self._wait_for_head("pull_request", "pull_request_sync")

    def wait_for_approval(self) -> Run:
        """Wait for what an approval of the commit that is checked out started."""
        return self._wait_for_head("pull_request_review_approved")

    def wait_for_push(self) -> Run:
        """Wait for what the last push to main started."""
        return self._wait_for_head("push")

    def comments_of(self, number: int) -> list[dict[str, Any]]:
        found = self.ada.get(f"{self.path}/issues/{number}/comments")
        assert isinstance(found, list)
        return found

    def find_issues(self, state: str) -> list[dict[str, Any]]:
        found = self.ada.get(f"{self.path}/issues?type=issues&state={state}")
        assert isinstance(found, list)
        return found

    def read_statuses(self) -> dict[str, str]:
        """What Gitea says of the commit that is checked out: the newest status of each job."""
        head = self.git("rev-parse", "HEAD").strip()
        whole = self.ada.get(f"{self.path}/commits/{head}/status")
        return {each["context"]: each["status"] for each in whole["statuses"]}

    def wait(self, fits: Callable[[dict[str, Any]], bool]) -> Run:
        """Wait until a run that fits has ended; the newest one."""
        deadline = time.monotonic() + _RUN_SECONDS
        seen: list[Any] = []
        while time.monotonic() < deadline:
            seen = sorted(self._list_runs().values(), key=lambda run: -int(run["id"]))
            found = next(filter(fits, seen), None)
            if found and found["status"] == "completed":
                return self._read_run(found)
            time.sleep(_POLL_SECONDS)
        told = [(run["id"], run["event"], run["path"], run["status"]) for run in seen]
        raise AssertionError(f"no run ended within {_RUN_SECONDS:.0f} s: {told}")

    def _wait_for_head(self, *events: str) -> Run:
        head = self.git("rev-parse", "HEAD").strip()
        return self.wait(lambda run: run["event"] in events and run["head_sha"] == head)

    def _list_runs(self) -> dict[int, dict[str, Any]]:
        found = self.ada.get(f"{self.path}/actions/runs")["workflow_runs"]
        return {run["id"]: run for run in found or ()}

    def _read_run(self, run: dict[str, Any]) -> Run:
        jobs = self.ada.get(f"{self.path}/actions/runs/{run['id']}/jobs")["jobs"]
        logs = [self._read_log(job["id"]) for job in jobs if job["conclusion"] != "skipped"]
        return Run(run["id"], run["event"], {job["name"]: job["conclusion"] for job in jobs}, "\n".join(logs))

    def _read_log(self, job: int) -> str:
        return _STAMP.sub("", str(self.ada.get(f"{self.path}/actions/jobs/{job}/logs")))


def make_world(folder: Path, server: Gitea, people: tuple[User, User], registry: ConfluentDouble, name: str) -> World:
    """Make a private repository whose main was pushed; its workflows have not run yet."""
    root = folder / "schemas"
    make_tree(root)
    server.boss.post("/orgs/acme/repos", name=name, private=True, default_branch="main")
    world = World(root, registry, server, *people, name)
    # A push to a repository with workflows starts them.
    world.server.boss.ask("PATCH", world.path, {"has_actions": False})
    return world


def start(world: World) -> None:
    """Push main, give the workflows the registry's address, and switch them on."""
    world.push()
    # Gitea takes note of a first push a little later, and fails whoever starts a workflow before that.
    deadline = time.monotonic() + _NOTED_SECONDS
    while world.ada.get(world.path)["empty"] and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    world.server.boss.post(f"{world.path}/actions/variables/SCHEMA_REGISTRY_URL", value=world.registry.url)
    world.server.boss.ask("PATCH", world.path, {"has_actions": True})


def make_people(server: Gitea) -> tuple[User, User]:
    """Make an organization with a team of two, ada and bob, whose tokens may no more than work needs."""
    server.boss.post("/orgs", username="acme", visibility="private")
    team = server.boss.post(
        "/orgs/acme/teams", name="engineers", permission="write", units_map=_UNITS, includes_all_repositories=True
    )
    return _join(server, team["id"], "ada"), _join(server, team["id"], "bob")


def _join(server: Gitea, team: int, name: str) -> User:
    user = server.make_user(name)
    server.boss.ask("PUT", f"/teams/{team}/members/{name}")
    # A token takes the place of a password, for the interface and for Git alike.
    return User(server.url, name, make_basic(name, server.make_token(user, "work", *_SCOPES)))


def release(server: Gitea, action: Path, owner: str, version: str) -> None:
    """Serve an action from this Gitea, which is where its workflows look for actions."""
    server.boss.post("/orgs", username=owner)
    server.boss.post(f"/orgs/{owner}/repos", name=action.name, default_branch="main")
    url = f"{server.url}/{owner}/{action.name}.git"
    # The runner cannot clone what has a tag and no branch.
    push(action, url, server.boss, "HEAD:refs/heads/main", f"HEAD:refs/tags/{version}")


def push(root: Path, url: str, user: User, *what: str) -> None:
    """Push over HTTP with a user's token or password, which no file keeps."""
    run_git(root, "-c", f"http.extraHeader=Authorization: {user.authorization}", "push", "--quiet", url, *what)
