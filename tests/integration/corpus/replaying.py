"""Play a source's history into one Git repository, and apply commit after commit to its registry."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.applier import Status
from reconciler.errors import InvalidRepositoryError
from reconciler.model import Finding, Plan, RegisterSchema
from reconciler.operations.apply import apply
from reconciler.operations.plan import plan
from reconciler.operations.scope import Scope
from tests.integration.corpus.readings import Held, read_local
from tests.integration.corpus.snapshots import Corpus, Snapshot
from tests.integration.corpus.sources import SOURCES, RepositoryOfSource, make_configuration

LOCAL = "{kind: local, path: .schemafed/registry.db}"
_IDENTITY = ("-c", "user.name=corpus", "-c", "user.email=corpus@localhost", "-c", "commit.gpgsign=false")


@dataclass(frozen=True)
class Step:
    """One commit: what was planned and applied for it, what the registry then held, and what was planned again.

    ``refused`` are the findings for which no plan was made; the plans are None then.
    """

    snapshot: Snapshot
    planned: Plan | None
    held: Mapping[str, Held]
    planned_again: Plan | None
    refused: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Replay:
    """A repository with its whole history, and what happened at each commit."""

    root: Path
    steps: tuple[Step, ...]

    @property
    def database(self) -> Path:
        return self.root / ".schemafed" / "registry.db"


def start_repository(root: Path, source: RepositoryOfSource, registry: str) -> None:
    """Make a Git repository with the settings alone."""
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    (root / "schemafed.yaml").write_text(make_configuration(source, registry))
    (root / "defaults.yaml").write_text(source.make_defaults())
    (root / ".gitignore").write_text(".schemafed/\n")


def commit_newest(
    root: Path, corpus: Corpus, name: str, registry: str, source: RepositoryOfSource | None = None
) -> Snapshot:
    """Make a repository with one commit: the whole tree of a source's newest snapshot.

    Args:
        source: how it becomes a repository, where it is not as usual.
    """
    newest, source = corpus.snapshots[name][-1], source or SOURCES[name]
    start_repository(root, source, registry)
    commit_snapshot(root, corpus, source, Snapshot(newest.label, newest.tree, newest.tree, ()))
    return newest


def start_empty_repository(root: Path, registry: str) -> None:
    """Make a repository that has nothing but one registry."""
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    (root / "schemafed.yaml").write_text(f"version: 1\nregistries:\n  target: {registry}\n")
    (root / ".gitignore").write_text(".schemafed/\n")
    (root / "schemas").mkdir()


def commit_snapshot(root: Path, corpus: Corpus, source: RepositoryOfSource, snapshot: Snapshot) -> None:
    """Make the work tree what a snapshot says, in one commit."""
    for path in snapshot.removed:
        (root / path).unlink()
    for original, path in snapshot.added.items():
        (root / original).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(corpus.folder / path, root / original)
    for path, text in source.sidecars.items():
        (root / path).write_text(text)
    git(root, "add", "-A")
    git(root, *_IDENTITY, "commit", "-q", "--allow-empty", "-m", snapshot.label)


def replay(corpus: Corpus, source: RepositoryOfSource, snapshots: tuple[Snapshot, ...], root: Path) -> Replay:
    """Commit, plan, apply, read and plan again, snapshot by snapshot."""
    start_repository(root, source, LOCAL)
    steps = []
    for snapshot in snapshots:
        commit_snapshot(root, corpus, source, snapshot)
        steps.append(_apply_commit(root, snapshot))
    return Replay(root, tuple(steps))


def _apply_commit(root: Path, snapshot: Snapshot) -> Step:
    database = root / ".schemafed" / "registry.db"
    try:
        planned = plan_and_apply(root)
    except InvalidRepositoryError as error:
        return Step(snapshot, None, read_local(database), None, error.findings)
    return Step(snapshot, planned, read_local(database), plan(root, Scope()).plan)


def plan_and_apply(root: Path) -> Plan:
    """Apply what is committed, every change of it, and return the plan that it was."""
    made = plan(root, Scope()).plan
    assert apply_and_list_failures(root, made) == {}
    return made


def apply_and_list_failures(root: Path, made: Plan) -> dict[str, str | None]:
    """Apply a plan; returns why by subject, for each registration that failed or was left out."""
    return {
        result.change.subject: result.message
        for result in apply(root, made).results
        if result.status is not Status.APPLIED and isinstance(result.change, RegisterSchema)
    }


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True)
