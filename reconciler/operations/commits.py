"""The commit that a desired state comes from, as plans write it."""

from __future__ import annotations

from pathlib import Path

from reconciler import git

_DIRTY = "-dirty"


def read_commit(root: Path) -> str | None:
    """The commit of the files below a folder, marked where they differ from it; None outside of Git.

    Raises:
        RepositoryError: Git refuses.
    """
    if git.find_work_tree(root) is None:
        return None
    head = git.read_head(root) or "0" * 40
    return head + _DIRTY if git.read_changed_files(root) else head


def is_dirty(commit: str | None) -> bool:
    """Whether a plan's commit says that its files are in no commit."""
    return commit is None or commit.endswith(_DIRTY)
