"""What is done to a work tree: files are committed, restored, removed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from reconciler.errors import RepositoryError
from reconciler.git.running import ask, raise_if_outside, run_text


def commit_files(folder: Path, files: Sequence[str], message: str) -> int:
    """Commit some files as they are in the work tree, and nothing else.

    Args:
        folder: a folder of a work tree.
        files: relative to the folder; each exists, or its removal is staged.
        message: the whole commit message.

    Returns:
        the number of commits made: 0 where the files are what they were.

    Raises:
        RepositoryError: the folder belongs to no work tree, nobody is named as author, or Git refuses.
    """
    raise_if_outside(folder)
    # A removal is staged already, and `git add` knows no file that is neither there nor tracked.
    if there := [file for file in files if os.path.lexists(folder / file)]:
        _run_over(folder, there, "add")
    staged = run_text(folder, "diff", "--cached", "--name-only", "--relative", "-z").split("\0")
    if not set(files) & set(staged):
        return 0
    _run_over(folder, files, "commit", "--quiet", "--message", message)
    return 1


def start_work_tree(folder: Path) -> bool:
    """Make a folder a Git work tree whose branch is ``main``; nothing is committed.

    Returns:
        whether it is one now: not where Git is missing or refuses.
    """
    try:
        return ask(folder, "init", "--quiet", "--initial-branch", "main").returncode == 0
    except RepositoryError:
        return False


def restore_files(folder: Path, commit: str, files: Sequence[str]) -> None:
    """Make some files of the work tree, and what is staged of them, what they were at a commit.

    Args:
        files: relative to the folder; each was there at the commit.

    Raises:
        RepositoryError: Git refuses.
    """
    if files:
        _run_over(folder, files, "restore", f"--source={commit}", "--staged", "--worktree")


def remove_files(folder: Path, files: Sequence[str]) -> None:
    """Remove some files from the work tree and stage that; arguments and errors as for :func:`restore_files`."""
    if files:
        _run_over(folder, files, "rm", "--quiet")


def _run_over(folder: Path, files: Sequence[str], *arguments: str) -> str:
    """Run Git over some files and nothing else, by standard input, since a command line does not hold thousands."""
    names = "\0".join(f":(literal){file}" for file in files)
    return run_text(folder, *arguments, "--pathspec-from-file=-", "--pathspec-file-nul", given=names)
