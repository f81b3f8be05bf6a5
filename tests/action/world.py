"""A repository made from the template, its remote, GitHub and a registry: everything that a pull request needs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.action.act import Run, run_act
from tests.action.tree import Tree, make_tree
from tests.doubles.github import GitHubDouble
from tests.repositories import run_git

PROJECT = Path(__file__).parents[2]
TOKEN = "ghs_aVeryLongTokenOfAWorkflow"
REMOTE = "https://github.com/acme/schemas.git"
_SHIPPED = ("action.yml", "requirements.txt", "pyproject.toml", "README.md", "LICENSE")
_PARTS = ("reconciler", "adapters", "policies", "schemas-repo-template", "scripts")


@dataclass
class World(Tree):
    """Everything around one repository."""

    action: Path
    act: Path
    github: GitHubDouble

    def run(self, event: str, content: dict[str, Any], *options: str, workflow: str) -> Run:
        """Run a workflow for an event, whose file has this content."""
        home = self.root.parent / "act"
        home.mkdir(exist_ok=True)
        file = home / "event.json"
        file.write_text(json.dumps(content))
        given = (
            *("-W", f".github/workflows/{workflow}.yaml", "-e", str(file), "-s", f"GITHUB_TOKEN={TOKEN}"),
            *("--var", f"SCHEMA_REGISTRY_URL={self.registry.url}", "--env", f"GITHUB_API_URL={self.github.url}"),
            *("--local-repository", f"schemafed/schemafed@v0={self.action}"),
            *("--local-repository", f"actions/checkout@v5={self.action.parent / 'checkout'}"),
            *("--env", f"TEST_REMOTE={self.root.parent / 'remote.git'}"),
            *("--action-cache-path", str(home / "cache"), "--actor", "ada", *options),
        )
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "CI"))}
        return run_act(self.act, self.root, event, given, {**kept, "HOME": str(home)})

    def run_pull_request(self, number: int, *options: str, repository: str = "acme/schemas") -> Run:
        """Run what a pull request starts whose branch is checked out."""
        head = self.git("rev-parse", "HEAD").strip()
        self.push()
        self.github.add_pull_request(number, head, repository=repository)
        shown = self.github.store.pull_requests[number]
        whole = {"full_name": "acme/schemas"}
        event = {"action": "synchronize", "number": number, "pull_request": shown, "repository": whole}
        return self.run("pull_request", event, *options, workflow="pull-request")

    def merge(self, number: int, branch: str) -> str:
        """Merge a branch by squashing, as forges do; the commit on main."""
        self.git("checkout", "--quiet", "main")
        self.git("merge", "--quiet", "--squash", branch)
        commit = self.commit(f"merge {branch}")
        self.push()
        self.github.merge(number, commit)
        return commit

    def run_push(self, *options: str) -> Run:
        commit = self.git("rev-parse", "HEAD").strip()
        event = {"ref": "refs/heads/main", "after": commit, "repository": {"full_name": "acme/schemas"}}
        return self.run("push", event, *options, workflow="apply")


def make_action(folder: Path) -> Path:
    """Copy what `uses:` would fetch; it runs with this Python instead of installing itself for every step."""
    copy_action(folder)
    file = folder / "action.yml"
    text = file.read_text()
    at_once = text.replace("default: python3", f"default: {sys.executable}")
    head, version, rest = at_once.partition("\n  version:")
    file.write_text(head + version + rest.replace('default: ""', "default: installed", 1))
    make_release(folder)
    return folder


def copy_action(folder: Path) -> None:
    """Copy what `uses:` would fetch, as it is, and beside it what stands in for actions/checkout."""
    folder.mkdir()
    make_release(shutil.copytree(PROJECT / "tests/action/checkout", folder.parent / "checkout"))
    for name in _SHIPPED:
        shutil.copy(PROJECT / name, folder)
    for name in _PARTS:
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))


def make_release(folder: Path) -> None:
    """Commit a folder as a repository of its own, as `uses:` wants it."""
    for command in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message", "release")):
        run_git(folder, *command)


def make_root(folder: Path) -> Path:
    """Make a repository from the template for Confluent, with one schema, and its remote."""
    remote, root = folder / "remote.git", folder / "schemas"
    subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", str(remote)], check=True)
    make_tree(root)
    run_git(root, "remote", "add", "origin", REMOTE)
    # act takes the repository's name from `origin`, and knows no `pushInsteadOf`, which lets us push elsewhere.
    run_git(root, "config", f"url.{remote}.pushInsteadOf", REMOTE)
    return root
