"""What a check compares with: the commit that a change set out from, and the files that differ from it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler import git
from reconciler.errors import RepositoryError, UsageError
from reconciler.ledger.remotes import fetch, find_remotes
from reconciler.operations.since import read_changed_files

_MERGE_BASES = ("CI_MERGE_REQUEST_DIFF_BASE_SHA",)
_BRANCHES = (
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "CHANGE_TARGET",
    "BITBUCKET_PR_DESTINATION_BRANCH",
)
"""Variables in which CI systems name the branch that a pull request goes to."""
_USUAL = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


@dataclass(frozen=True, slots=True)
class Base:
    """Where a change set out from.

    ``name`` is what was asked for or found, ``commit`` the last one that it and HEAD have in common; None where the
    repository has no commit yet, so that everything is new. ``changed`` are the files that differ from it.
    """

    name: str
    commit: str | None
    changed: frozenset[str]


def read_base(root: Path, revision: str | None, *, is_staged: bool, on_progress: Callable[[str], None]) -> Base:
    """Read what differs from the base of a change.

    Args:
        root: the repository's root.
        revision: None for the branch that the change goes to: the one that the CI system names, else the default one.
        is_staged: compare what is staged with HEAD, or with the revision where there is one.
        on_progress: told when a shallow clone is deepened.

    Raises:
        RepositoryError: the folder is in no work tree, or this clone does not have the commits that are needed.
        UsageError: there is no such revision.
    """
    if git.find_work_tree(root) is None:
        raise RepositoryError(f"{root} is not in a Git work tree", fix="`git init`; without Git there is `validate`")
    if git.describe_head(root) is None:
        return Base("the first commit", None, frozenset(git.list_files(root) or ()))
    name = revision or ("HEAD" if is_staged else _find_base(root, os.environ))
    commit = _find_merge_base(root, name, on_progress)
    return Base(name, commit, _read_staged(root, commit) if is_staged else read_changed_files(root, commit))


def deepen(root: Path, on_progress: Callable[[str], None]) -> bool:
    """Fetch the rest of the history where a clone is shallow; whether it is all there now."""
    if not git.is_shallow(root):
        return True
    remotes = find_remotes(root)
    if len(remotes) != 1:
        return False
    on_progress("deepening this shallow clone, whose history is needed")
    return fetch(root, remotes[0], options=("--unshallow",)).returncode == 0 and not git.is_shallow(root)


def _find_base(root: Path, variables: Mapping[str, str]) -> str:
    return next((name for name in _candidates(variables) if git.find_commit(root, name)), "HEAD")


def _candidates(variables: Mapping[str, str]) -> Iterator[str]:
    yield from (variables[name] for name in _MERGE_BASES if variables.get(name))
    yield from (f"origin/{variables[name]}" for name in _BRANCHES if variables.get(name))
    yield from _USUAL


def _find_merge_base(root: Path, name: str, on_progress: Callable[[str], None]) -> str:
    if git.find_commit(root, name) is None:
        raise UsageError(
            f"--base: Git knows no revision `{name}`",
            fix="name a branch, a tag or a commit, such as origin/main; `git fetch origin` gets those of the remote",
        )
    for _ in range(2):
        found = git.ask(root, "merge-base", name, "HEAD").stdout.decode().strip()
        if found or not git.is_shallow(root) or not deepen(root, on_progress):
            break
    if not found:
        raise RepositoryError(
            f"{name} and HEAD have no commit in common" + (" in this shallow clone" if git.is_shallow(root) else ""),
            fix="fetch the whole history: `git fetch --unshallow`, on GitHub `fetch-depth: 0` of actions/checkout",
        )
    return found


def _read_staged(root: Path, commit: str) -> frozenset[str]:
    options = ("--cached", "--name-only", "--relative", "--no-renames", "--no-ext-diff", "-z")
    listed = git.run(root, "diff", *options, commit, "--", ".")
    return frozenset(os.fsdecode(name) for name in listed.split(b"\0") if name)
