"""The few questions that we ask of Git; :func:`ask` and :func:`run` are for those of whoever asks more.

A library between would be one more thing to load in every command that reads a work tree, for as many runs of Git.
"""

from __future__ import annotations

from reconciler.git.reading import (
    changed_files,
    committed_part,
    describe_commit,
    describe_head,
    find_commit,
    find_object_type,
    find_texts,
    is_dirty_commit,
    is_shallow,
    list_files,
    list_not_checked_out,
    raise_if_dirty,
    read_file_at,
    read_objects,
    resolve_commit,
)
from reconciler.git.running import ask, find_work_tree, hint_at_git_dir, make_error, run
from reconciler.git.writing import commit_files, remove_files, restore_files, start_work_tree

__all__ = [
    "ask",
    "changed_files",
    "commit_files",
    "committed_part",
    "describe_commit",
    "describe_head",
    "find_commit",
    "find_object_type",
    "find_texts",
    "find_work_tree",
    "hint_at_git_dir",
    "is_dirty_commit",
    "is_shallow",
    "list_files",
    "list_not_checked_out",
    "make_error",
    "raise_if_dirty",
    "read_file_at",
    "read_objects",
    "remove_files",
    "resolve_commit",
    "restore_files",
    "run",
    "start_work_tree",
]
