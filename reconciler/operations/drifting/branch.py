"""A branch of commits, written beside the work tree of whoever asks for it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from reconciler import git
from reconciler.errors import RepositoryError, UsageError
from reconciler.yaml_lines import YamlError

Edit = Callable[[str], str]
"""What becomes of a file's text, which is empty where there is no file."""
Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Commit:
    """What its message says, and by file what becomes of its text; a file without any text is removed."""

    message: str
    edits: Mapping[str, Edit]


def raise_if_taken(root: Path, branch: str) -> None:
    """Stop where a branch cannot be made.

    Raises:
        RepositoryError: there is no Git repository, or no commit.
        UsageError: there is such a branch, or it cannot be the name of one.
    """
    if git.find_work_tree(root) is None or git.describe_head(root) is None:
        raise RepositoryError(f"{root} is in no Git repository with a commit", fix="commit the files first")
    if git.ask(root, "check-ref-format", "--branch", branch).returncode:
        raise UsageError(f"`{branch}` cannot be the name of a branch", fix="name another one with --branch")
    if git.ask(root, "show-ref", "--verify", "--quiet", f"refs/heads/{branch}").returncode == 0:
        raise UsageError(f"there is a branch {branch} already", fix="delete it, or name another one with --branch")


def write_branch(
    root: Path,
    branch: str,
    commits: Iterable[Commit],
    follow_up: Callable[[Path], Iterable[Commit]],
    look: Callable[[Path], Seen],
) -> tuple[int, Seen]:
    """Write commits in a work tree of their own, which is thrown away, and look at what they came to.

    Args:
        root: the folder that holds schemafed.yaml; its work tree and branch stay as they are.
        branch: its name; without any commit there is none.
        commits: the first ones.
        follow_up: makes more of them from what the first ones came to, in the folder that holds schemafed.yaml there.
        look: at the same folder in the end.

    Returns:
        how many commits there are, and what ``look`` says.

    Raises:
        RepositoryError: Git refuses, or a file cannot be edited.
    """
    folder = git.find_work_tree(root)
    assert folder is not None  # it was looked for before
    with tempfile.TemporaryDirectory(prefix="schemafed-drift-") as place:
        tree = Path(place) / "tree"
        git.run(root, "worktree", "add", "--quiet", "-b", branch, str(tree), "HEAD")
        number = 0
        try:
            below = tree / root.resolve().relative_to(folder)
            number = sum(_write_commit(below, commit) for commit in commits)
            number += sum(_write_commit(below, commit) for commit in follow_up(below))
            return number, look(below)
        finally:
            git.run(root, "worktree", "remove", "--force", str(tree))
            if not number:
                git.run(root, "branch", "--quiet", "-D", branch)


def _write_commit(folder: Path, commit: Commit) -> int:
    for name, edit in commit.edits.items():
        path = folder / name
        try:
            text = _keep_line_ends(edit, path.read_bytes().decode("utf-8") if path.is_file() else "")
        except YamlError as error:
            raise RepositoryError(f"{name} {error.message}", fix=error.fix) from error
        if text.strip():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))
        elif path.is_file():
            git.remove_files(folder, [name])
    return git.commit_files(folder, sorted(commit.edits), commit.message)


def _keep_line_ends(edit: Edit, text: str) -> str:
    """Edit a text whose lines may end as they do on Windows."""
    if "\r\n" not in text:
        return edit(text)
    return edit(text.replace("\r\n", "\n")).replace("\n", "\r\n")
