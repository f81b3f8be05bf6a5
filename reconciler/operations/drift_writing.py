"""``drift --write``: what is live as commits of a new branch, which a pull request brings to review."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler import git
from reconciler.config import Config
from reconciler.errors import RepositoryError, SchemaError, UsageError
from reconciler.model import DesiredSubject, Mode
from reconciler.operations.drift import DriftReport, DriftRow
from reconciler.operations.import_ import author_live
from reconciler.operations.plan import Progress
from reconciler.operations.scope import find_declared
from reconciler.operations.settings import load_valid_config
from reconciler.planner.drift import DriftKind
from reconciler.repository import DesiredState, load_desired_state
from reconciler.repository.authoring import make_schema_text

_MODE_LINE = re.compile(r"^compatibility:[^\n]*\n?", re.MULTILINE)
_SIDECAR_ENDINGS = (".meta.yaml", ".yaml", ".meta.yml", ".yml")


@dataclass(frozen=True, slots=True)
class _Commit:
    """Files, by their path, and what their commit says."""

    message: str
    files: Mapping[str, str]


def write_drift(root: Path, report: DriftReport, branch: str | None, on_progress: Progress) -> str | None:
    """Commit what drifted and what is nobody's to a new branch that starts at the present commit.

    Args:
        root: the folder that holds schemafed.yaml; its work tree and branch stay as they are.
        report: what was found.
        branch: its name; None for ``drift/ENVIRONMENT``.

    Returns:
        the branch, or None where there is nothing to write.

    Raises:
        UsageError: there is such a branch.
        RepositoryError: there is no Git repository or no commit, or Git refuses.
    """
    config = load_valid_config(root)
    state = load_desired_state(root, report.environment)
    commits = [c for row in report.rows if (c := _make_commit(root, row, state))]
    commits += _make_unmanaged_commits(root, config, report, on_progress)
    if not commits:
        return None
    name = branch or f"drift/{report.environment}"
    _raise_if_taken(root, name)
    on_progress(f"writing {name}")
    _write_branch(root, name, commits)
    return name


def _make_commit(root: Path, row: DriftRow, state: DesiredState) -> _Commit | None:
    """The files of one drift; None for what only a person can bring into Git: what vanished, and levels."""
    drift = row.drift
    declared = find_declared(state, drift.registry, drift.subject)
    if declared is None or drift.live is None or drift.live.latest is None:
        return None
    if drift.kind is DriftKind.MODE:
        files = _make_mode_file(root, declared, drift.mode)
        return _Commit(f"Take the mode of {declared.name} from {drift.registry}\n\n{drift.message}\n", files)
    try:
        text = make_schema_text(drift.live.latest.schema)
    except SchemaError:
        return None
    message = f"Take {declared.name} from {drift.registry}\n\n{drift.message}\n"
    return _Commit(message, {declared.location.file: text})


def _make_mode_file(root: Path, declared: DesiredSubject, mode: Mode | None) -> dict[str, str]:
    """The sidecar with the mode; without its line where the subject inherits."""
    stem = declared.location.file.rpartition(".")[0].removesuffix(".schema")
    sidecars = (stem + ending for ending in _SIDECAR_ENDINGS)
    path = next((p for p in sidecars if (root / p).is_file()), f"{stem}{_SIDECAR_ENDINGS[0]}")
    text = (root / path).read_text(encoding="utf-8") if (root / path).is_file() else ""
    line = f"compatibility: {mode}\n" if mode else ""
    changed = _MODE_LINE.sub(line, text) if _MODE_LINE.search(text) else line + text
    return {path: changed}


def _make_unmanaged_commits(
    root: Path, config: Config, report: DriftReport, on_progress: Progress
) -> Iterator[_Commit]:
    for registry, names in report.unmanaged.items():
        if names:
            on_progress(f"reading {len(names)} unmanaged subjects of {registry}")
            files, _ = author_live(root, config, registry, report.environment, names)
            if files:
                yield _Commit(f"Import unmanaged subjects of {registry}: {len(names)}\n", files)


def _raise_if_taken(root: Path, branch: str) -> None:
    if git.find_work_tree(root) is None or git.describe_head(root) is None:
        raise RepositoryError(f"{root} is in no Git repository with a commit", fix="commit the files first")
    if git.ask(root, "check-ref-format", "--branch", branch).returncode:
        raise UsageError(f"`{branch}` cannot be the name of a branch", fix="name another one with --branch")
    if git.ask(root, "show-ref", "--verify", "--quiet", f"refs/heads/{branch}").returncode == 0:
        raise UsageError(f"there is a branch {branch} already", fix="delete it, or name another one with --branch")


def _write_branch(root: Path, branch: str, commits: list[_Commit]) -> None:
    """Write the commits in a work tree of their own, which is thrown away."""
    folder = git.find_work_tree(root)
    assert folder is not None  # it was looked for before
    with tempfile.TemporaryDirectory(prefix="schemafed-drift-") as place:
        tree = Path(place) / "tree"
        git.run(root, "worktree", "add", "--quiet", "-b", branch, str(tree), "HEAD")
        try:
            for commit in commits:
                below = tree / root.resolve().relative_to(folder)
                _write_files(below, commit.files)
                git.commit_files(below, sorted(commit.files), commit.message)
        finally:
            git.run(root, "worktree", "remove", "--force", str(tree))


def _write_files(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
