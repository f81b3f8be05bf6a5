"""A repository on a server of its own, its clones, and what is written into their ledgers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reconciler.applied import AppliedRegistry, AppliedSubject
from reconciler.config import Config
from reconciler.ledger.loading import load_ledger
from reconciler.ledger.values import ChangeOutcome, Ledger
from reconciler.ledger.writing import write_record
from reconciler.model import Location
from tests.repositories import commit_all, run_git

REF = "refs/schemafed/prod"
CONFIG = Config.model_validate(
    {
        "version": 1,
        "registries": {"orders": {"kind": "confluent", "url": "http://127.0.0.1:9"}},
        "environments": {"prod": {"registries": ["orders"]}},
    }
)


@dataclass(frozen=True)
class Server:
    """A bare repository, as a server has it, and clones of it."""

    folder: Path

    @property
    def url(self) -> str:
        return f"file://{self.folder}/server.git"

    @property
    def bare(self) -> Path:
        return self.folder / "server.git"

    def clone(self, name: str, *options: str) -> Path:
        """Clone it."""
        run_git(self.folder, "clone", "--quiet", *options, self.url, name)
        return self.folder / name

    def write_hook(self, name: str, script: str) -> None:
        """Let the server run a script when something is pushed."""
        hook = self.bare / "hooks" / name
        hook.write_text(f"#!/bin/sh\n{script}\n")
        hook.chmod(0o755)


def make_server(folder: Path) -> Server:
    """A server whose repository has three commits."""
    run_git(folder, "init", "--quiet", "--bare", "--initial-branch", "main", "server.git")
    server = Server(folder)
    first = server.clone("first")
    run_git(first, "checkout", "--quiet", "-B", "main")
    for number in range(3):
        (first / "file").write_text(str(number))
        commit_all(first, f"commit {number}")
    run_git(first, "push", "--quiet", "origin", "main")
    return server


def load(clone: Path) -> Ledger:
    """The ledger of the environment prod, as a run in this clone finds it."""
    return load_ledger(clone, CONFIG, "prod")


def head(clone: Path) -> str:
    return run_git(clone, "rev-parse", "HEAD").strip()


def make_entry(clone: Path, version: int = 1) -> AppliedSubject:
    return AppliedSubject(head(clone), Location("schemas/order.avsc"), "abc", version)


def record(clone: Path, ledger: Ledger | None = None, **versions: int) -> Ledger:
    """Write a record that these subjects have these versions."""
    ledger = ledger or load(clone)
    subjects = {name: make_entry(clone, version) for name, version in versions.items()}
    applied = {"orders": AppliedRegistry({**ledger.applied("orders").subjects, **subjects})}
    outcomes = [ChangeOutcome("register_schema", "orders", name, "applied", v) for name, v in versions.items()]
    return write_record(ledger, applied, outcomes, source=head(clone), digest="d1")


def versions(ledger: Ledger) -> dict[str, int | None]:
    return {name: entry.version for name, entry in ledger.applied("orders").subjects.items()}
