"""What a check compares with: the commit that a change set out from, and the files that differ from it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from reconciler import git
from reconciler.errors import RepositoryError
from reconciler.ledger.remotes import describe_failure, fetch, find_remotes
from reconciler.operations.fetching import (
    WHOLE_HISTORY,
    choose_remote,
    deepen,
    fetch_branch,
    fetch_default_branch,
    resolve_commit,
)
from reconciler.operations.since import read_changed_files

_MERGE_BASES = ("CI_MERGE_REQUEST_DIFF_BASE_SHA",)
_BRANCHES = (
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "CHANGE_TARGET",
    "BITBUCKET_PR_DESTINATION_BRANCH",
)
"""Variables in which CI systems name the branch that a pull request goes to."""
_FIX = f"{WHOLE_HISTORY}; or name another base: `--base REV`"
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


class _Named(NamedTuple):
    """What a CI system names as the base of a change, a commit or a branch, and in which variable."""

    variable: str
    value: str
    is_branch: bool

    def spell(self, remote: str | None) -> str:
        """The revision by which a clone of the remote knows it."""
        return f"{remote}/{self.value}" if self.is_branch and remote else self.value


def read_base(
    root: Path,
    revision: str | None,
    *,
    is_staged: bool,
    on_progress: Callable[[str], None],
    load_ledger: Callable[[], object] = lambda: None,
) -> Base:
    """Read what differs from the base of a change.

    Args:
        root: the repository's root.
        revision: None for the branch that the change goes to: the one that the CI system names, else the default one.
        is_staged: compare what is staged with HEAD, or with the revision where there is one.
        on_progress: told when anything is fetched: the base, or the history of a shallow clone.
        load_ledger: fetches the ledger, where the revision is a commit that only it may know.

    Raises:
        RepositoryError: the folder is in no work tree, this clone cannot get the base that the CI system names, or it
            does not have the commits that are needed.
        UsageError: there is no such revision.
    """
    if git.find_work_tree(root) is None:
        raise RepositoryError(f"{root} is not in a Git work tree", fix="`git init`; without Git there is `validate`")
    if git.describe_head(root) is None:
        return Base("the first commit", None, frozenset(git.list_files(root) or ()))
    if revision is not None:
        resolve_commit(root, revision, "--base", load_ledger, on_progress)
    name = revision or ("HEAD" if is_staged else _find_base(root, os.environ, on_progress))
    commit = _find_merge_base(root, name, on_progress)
    return Base(name, commit, _read_staged(root, commit) if is_staged else read_changed_files(root, commit))


def _find_base(root: Path, variables: Mapping[str, str], on_progress: Callable[[str], None]) -> str:
    named = tuple(_read_named(variables))
    if named:
        return _find_named(root, named, on_progress)
    usual = next((name for name in _USUAL if git.find_commit(root, name)), None)
    return usual or _find_default(root, variables, on_progress)


def _read_named(variables: Mapping[str, str]) -> Iterator[_Named]:
    yield from (_Named(name, variables[name], is_branch=False) for name in _MERGE_BASES if variables.get(name))
    yield from (_Named(name, variables[name], is_branch=True) for name in _BRANCHES if variables.get(name))


def _find_named(root: Path, named: tuple[_Named, ...], on_progress: Callable[[str], None]) -> str:
    """The first base that a CI system names and that can be had: with any other one, what changed could be missed."""
    remotes = find_remotes(root)
    remote = remotes[0] if len(remotes) == 1 else None
    known = next((each.spell(remote) for each in named if git.find_commit(root, each.spell(remote))), None)
    if known:
        return known
    wanted = f"{named[0].variable} names {named[0].value} as what this change goes to"
    try:
        remote = choose_remote(root)
    except RepositoryError as error:
        raise RepositoryError(f"{wanted}; this clone does not have it, and {error.message}", fix=_FIX) from error
    for each in named:
        on_progress(f"fetching {each.value} from {remote}, which {each.variable} names and this clone does not have")
        fetched = fetch_branch(root, remote, each.value) if each.is_branch else fetch(root, remote, each.value)
        if git.find_commit(root, each.spell(remote)):
            return each.spell(remote)
    raise RepositoryError(
        f"{wanted}; this clone does not have it, and {remote} does not hand it out: {describe_failure(fetched)}",
        fix=_FIX,
    )


def _find_default(root: Path, variables: Mapping[str, str], on_progress: Callable[[str], None]) -> str:
    """The remote's default branch where a clone has no more than a part of what is there; else HEAD.

    Whoever works in a repository without such a branch asks what differs from the last commit. In CI nothing does.
    """
    is_shallow = git.is_shallow(root)
    if not is_shallow and not (_is_ci(variables) and find_remotes(root)):
        return "HEAD"
    try:
        remote = choose_remote(root)
        on_progress(f"fetching the default branch from {remote}, since this clone does not have it")
        return fetch_default_branch(root, remote)
    except RepositoryError as error:
        raise RepositoryError(
            f"nothing names what this change goes to; this clone has no default branch, and {error.message}", fix=_FIX
        ) from error


def _is_ci(variables: Mapping[str, str]) -> bool:
    return variables.get("CI", "").lower() not in ("", "0", "false")


def _find_merge_base(root: Path, name: str, on_progress: Callable[[str], None]) -> str:
    for _ in range(2):
        found = git.ask(root, "merge-base", name, "HEAD").stdout.decode().strip()
        if found or not git.is_shallow(root) or not deepen(root, on_progress):
            break
    if not found:
        raise RepositoryError(
            f"{name} and HEAD have no commit in common" + (" in this shallow clone" if git.is_shallow(root) else ""),
            fix=WHOLE_HISTORY,
        )
    return found


def _read_staged(root: Path, commit: str) -> frozenset[str]:
    options = ("--cached", "--name-only", "--relative", "--no-renames", "--no-ext-diff", "-z")
    listed = git.run(root, "diff", *options, commit, "--", ".")
    return frozenset(os.fsdecode(name) for name in listed.split(b"\0") if name)
