"""What the files of subjects were along the first-parent history of a revision, by one run of ``git log``."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from reconciler import git
from reconciler.config import FILE_NAME
from reconciler.repository.revisions import TreeEntry
from reconciler.repository.settings import DEFAULTS_NAME

_NOTHING = "000000"


class FileChange(NamedTuple):
    """One file that a commit changed: its path and, before the commit, its path and content (None: it was not there).

    ``path`` None: the commit removed it.
    """

    path: str | None
    old_path: str
    before: TreeEntry | None


class Step(NamedTuple):
    """One commit of the first-parent history, with the files that it changed as against its first parent."""

    commit: str
    changes: tuple[FileChange, ...]


@dataclass(frozen=True)
class PastFiles:
    """The files of some subjects as they were for a while: until just before ``until`` changed them."""

    until: str
    subjects: frozenset[str]
    files: Mapping[str, TreeEntry] = field(repr=False)


def read_steps(root: Path, revision: str, folders: Collection[str]) -> list[Step]:
    """Read the first-parent history of a revision, the newest commit first, as far as it changed files of folders.

    Raises:
        RepositoryError: Git refuses.
    """
    # Before the first commit there was nothing, and it often has thousands of files.
    settings = ("log.showRoot=false",)
    options = ("--first-parent", "-m", "--raw", "-z", "-M", "--no-abbrev", "--relative", "--no-ext-diff", "--format=%H")
    paths = () if "." in folders else (FILE_NAME, *folders)
    listed = os.fsdecode(
        git.run(root, "log", *options, revision, "--", *(f":(literal){path}" for path in paths), settings=settings)
    )
    return list(resolve_steps(listed.split("\0")))


def resolve_steps(words: Iterable[str]) -> Iterator[Step]:
    """The commits in what ``git log --raw -z`` prints, taken apart at its NULs."""
    commit = ""
    changes: list[FileChange] = []
    remaining = iter(words)
    for word in remaining:
        text = word.lstrip("\n")
        if text.startswith(":"):
            changes.append(_resolve_change(text, remaining))
        elif text:
            if commit:
                yield Step(commit, tuple(changes))
            commit, changes = text, []
    if commit:
        yield Step(commit, tuple(changes))


def _resolve_change(head: str, remaining: Iterator[str]) -> FileChange:
    mode, _, content, _, status = head[1:].split(" ")
    old_path = next(remaining)
    path = next(remaining) if status[0] in "RC" else old_path
    before = None if mode == _NOTHING else TreeEntry(mode, content)
    if status[0] == "C":
        return FileChange(path, path, None)
    return FileChange(None if status[0] == "D" else path, old_path, before)


def walk_back(
    tree: Mapping[str, TreeEntry], steps: Iterable[Step], files: Mapping[str, Collection[str]]
) -> Iterator[PastFiles]:
    """Tell what the files of subjects were before each commit that changed one of them, the newest first.

    Renamed files are followed; what they were called before belongs to the subject too.

    Args:
        tree: the files at the newest of the steps.
        steps: the newest first.
        files: those that each subject is made of, by its name.
    """
    whole = dict(tree)
    owners: dict[str, set[str]] = {}
    for name, paths in files.items():
        for path in paths:
            owners.setdefault(path, set()).add(name)
    settings = {path for path in whole if _is_defaults(path)}
    for step in steps:
        settings.update(c.old_path for c in step.changes if _is_defaults(c.old_path))
        touched = _undo(step, whole, owners)
        if touched:
            wanted = settings.union(path for path, names in owners.items() if names & touched)
            found = {path: whole[path] for path in sorted(wanted) if path in whole}
            yield PastFiles(step.commit, frozenset(touched), found)


def make_tree_before(tree: Mapping[str, TreeEntry], steps: Iterable[Step], commit: str) -> dict[str, TreeEntry]:
    """All files as they were before a commit; arguments as those of :func:`walk_back`."""
    whole = dict(tree)
    for step in steps:
        _undo(step, whole, {})
        if step.commit == commit:
            break
    return whole


def _is_defaults(path: str) -> bool:
    return path.endswith(DEFAULTS_NAME) and path.rpartition("/")[2] == DEFAULTS_NAME


def _undo(step: Step, whole: dict[str, TreeEntry], owners: dict[str, set[str]]) -> set[str]:
    """Take a commit back, and tell the subjects that it concerns."""
    # Files may exchange their names, so what is there afterwards goes before what was there before comes.
    for change in step.changes:
        whole.pop(change.path or change.old_path, None)
    concerned: set[str] = set()
    earlier: dict[str, set[str]] = {}
    for change in step.changes:
        if change.before is not None:
            whole[change.old_path] = change.before
        if names := owners.get(change.path or change.old_path):
            concerned |= names
            earlier.setdefault(change.old_path, set()).update(names)
    for path, names in earlier.items():
        owners.setdefault(path, set()).update(names)
    return concerned
