"""A repository of schemas in a temporary folder, and commands run in it; the fixtures are in `tests/conftest.py`."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.cli import run
from reconciler.cli.console import _console

LOCAL = """\
version: 1
registries:
  laptop: {kind: local, path: .schemafed/registry.db}
environments:
  dev: {registries: [laptop]}
"""


@dataclass(frozen=True)
class Outcome:
    """What a command came to."""

    exit_code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


def run_git(folder: Path, *arguments: str) -> str:
    """Run Git in a folder, with an author for commits; what it prints."""
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    done = subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def commit_all(folder: Path, message: str) -> None:
    """Commit everything in a work tree."""
    run_git(folder, "add", ".")
    run_git(folder, "commit", "--quiet", "--message", message)


@dataclass(frozen=True)
class Repository:
    """A Git work tree with schemas, and commands run in it."""

    root: Path
    capture: pytest.CaptureFixture[str]

    def write(self, path: str, content: str | bytes | dict[str, object]) -> Path:
        """Write a file; a dict is written as JSON."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            content = json.dumps(content, indent=2) + "\n"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def git(self, *arguments: str) -> str:
        return run_git(self.root, *arguments)

    def commit(self, message: str = "change") -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)

    def run(self, command: str, *arguments: str) -> Outcome:
        """Run one command in this process, in this folder."""
        return self.run_plain(command, "-C", str(self.root), *arguments)

    def run_plain(self, *arguments: str) -> Outcome:
        """Run one command line in this process."""
        self.capture.readouterr()
        _console.cache_clear()
        code = run(list(arguments))
        captured = self.capture.readouterr()
        return Outcome(code, captured.out, captured.err)


MakeRepository = Callable[..., Repository]


@pytest.fixture
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variables of the caller, and an author for commits."""
    for name in [n for n in os.environ if n.startswith(("GIT_", "SCHEMAFED_"))]:
        monkeypatch.delenv(name)
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.com")


@pytest.fixture
def make_repository(plain_environment: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> MakeRepository:
    """A function that makes a repository with a schemafed.yaml; the local registry's by default."""

    def make(configuration: str = LOCAL, name: str = "repository") -> Repository:
        root = tmp_path / name
        root.mkdir()
        repository = Repository(root, capsys)
        repository.git("init", "--quiet", "--initial-branch", "main")
        repository.write("schemafed.yaml", configuration)
        repository.write(".gitignore", ".schemafed/\n")
        (root / "schemas").mkdir()
        return repository

    return make


def record(name: str, *fields: str | dict[str, object]) -> dict[str, object]:
    """An Avro record; a field is its name (a string without default) or the whole object."""
    whole = [{"name": f, "type": "string"} if isinstance(f, str) else f for f in fields]
    return {"type": "record", "name": name, "namespace": "com.acme", "fields": whole}


def over_rest(url: str, extra: str = "") -> str:
    """A schemafed.yaml with one registry behind a URL."""
    return f"""\
version: 1
registries:
  orders:
    kind: confluent
    url: {url}
{extra}
environments:
  dev: {{registries: [orders]}}
"""
