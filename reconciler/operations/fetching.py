"""Commits that a clone lacks, as those of CI systems do: fetched from its remote, and said so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

from reconciler import git
from reconciler.errors import RepositoryError, SchemafedError, UsageError
from reconciler.ledger.remotes import describe_failure, fetch, find_remotes, read_default_branch

WHOLE_HISTORY = "fetch the whole history: `git fetch --unshallow`, on GitHub `fetch-depth: 0` of actions/checkout"
"""What to do where a clone lacks something and cannot get it."""
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def deepen(root: Path, on_progress: Callable[[str], None]) -> bool:
    """Fetch the rest of the history where a clone is shallow; whether it is all there now."""
    if not git.is_shallow(root):
        return True
    remotes = find_remotes(root)
    if len(remotes) != 1:
        return False
    on_progress("deepening this shallow clone, whose history is needed")
    return fetch(root, remotes[0], options=("--unshallow",)).returncode == 0 and not git.is_shallow(root)


def choose_remote(root: Path) -> str:
    """The remote that has what a clone lacks.

    Raises:
        RepositoryError: there is none, or nothing says which of several; its message ends a sentence.
    """
    remotes = find_remotes(root)
    if not remotes:
        raise RepositoryError("there is no remote to fetch from", fix="`git remote add origin URL`")
    if len(remotes) > 1:
        names = ", ".join(remotes)
        raise RepositoryError(
            f"none of the remotes {names} is called origin", fix="`git fetch NAME` from the right one"
        )
    return remotes[0]


def fetch_branch(root: Path, remote: str, branch: str) -> CompletedProcess[bytes]:
    """Fetch a branch, so that the clone knows it as ``REMOTE/BRANCH``, whatever it was told to follow."""
    return fetch(root, remote, f"+refs/heads/{branch}:refs/remotes/{remote}/{branch}")


def fetch_default_branch(root: Path, remote: str) -> str:
    """Fetch the branch that the remote itself calls its default one.

    Returns:
        the name by which the clone knows it.

    Raises:
        RepositoryError: the remote does not answer, or has none; its message ends a sentence.
    """
    asked = read_default_branch(root, remote)
    found = re.search(rb"^ref: refs/heads/(\S+)\tHEAD$", asked.stdout, re.MULTILINE)
    if asked.returncode or found is None:
        raise RepositoryError(f"{remote} names none{_quote(asked)}", fix=WHOLE_HISTORY)
    branch = found[1].decode("utf-8", "surrogateescape")
    fetched = fetch_branch(root, remote, branch)
    if fetched.returncode:
        raise RepositoryError(f"{remote} does not hand out {branch}{_quote(fetched)}", fix=WHOLE_HISTORY)
    return f"{remote}/{branch}"


def resolve_commit(
    root: Path, revision: str, option: str, load_ledger: Callable[[], object], on_progress: Callable[[str], None]
) -> str:
    """The commit that a revision names. Where the clone does not know it, what the remote has is fetched, once.

    Args:
        root: a folder of a work tree.
        revision: whatever Git takes for a commit.
        option: the one that it was given by.
        load_ledger: fetches the ledger: a commit that was applied may be on no branch any more.
        on_progress: told before anything is fetched.

    Raises:
        RepositoryError: the folder is in no work tree.
        UsageError: there is no such revision.
    """
    commit = git.find_commit(root, revision)
    if commit is not None:
        return commit
    unknown = f"{option}: Git knows no revision `{revision}`"
    try:
        remote = choose_remote(root)
    except RepositoryError as error:
        if git.find_work_tree(root) is None:
            raise
        raise UsageError(f"{unknown}, and {error.message}", fix=_name_one(root)) from error
    on_progress(f"fetching what this clone lacks from {remote}, since it does not know {revision}")
    troubles = []
    for trouble in _fetch_all(root, remote, revision, load_ledger):
        commit = git.find_commit(root, revision)
        if commit is not None:
            return commit
        troubles += [trouble] if trouble else []
    if troubles:
        raise UsageError(
            f"{unknown}, and not all that {remote} has could be fetched: {'; '.join(troubles)}",
            fix=f"see that `git fetch {remote}` works here; or {WHOLE_HISTORY}",
        )
    raise UsageError(
        f"{unknown}, and {remote} has none either",
        fix=f"name a tag, a commit or a branch; those of the remote are called {remote}/NAME",
    )


def _name_one(root: Path) -> str:
    return "name a branch, a tag or a commit" + (
        "; this clone is shallow and has not all of them" if git.is_shallow(root) else ""
    )


def _fetch_all(root: Path, remote: str, revision: str, load_ledger: Callable[[], object]) -> Iterator[str | None]:
    """Fetch more and more of what a remote has; each time, why it did not work."""
    # First, since a plan loads it meanwhile, and of a shallow clone only one can change the depth at a time.
    try:
        load_ledger()
        yield None
    except SchemafedError as error:
        yield error.message
    is_shallow = git.is_shallow(root)
    if _COMMIT.fullmatch(revision):
        # Some servers hand out commits by branches and tags only: those come next.
        fetch(root, remote, revision, options=("--depth=1",) if is_shallow else ())
        yield None
    everything = (f"+refs/heads/*:refs/remotes/{remote}/*", "refs/tags/*:refs/tags/*")
    fetched = fetch(root, remote, *everything, options=("--unshallow",) if is_shallow else ())
    yield describe_failure(fetched) if fetched.returncode else None


def _quote(asked: CompletedProcess[bytes]) -> str:
    return f": {describe_failure(asked)}" if asked.returncode else ""
