"""The records of the ledger, read back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reconciler import git
from reconciler.errors import LedgerDamagedError
from reconciler.ledger.documents import resolve_record
from reconciler.ledger.remotes import fetch_ledger
from reconciler.ledger.values import Ledger, LedgerPlace, Record

_UNSHALLOW = 2**31 - 1
"""The depth by which Git means all of it."""


@dataclass(frozen=True, slots=True)
class SourceCommit:
    """A commit of the desired state: who wrote it, and its first line."""

    commit: str
    author: str
    subject: str


def read_records(ledger: Ledger, on_progress: Callable[[str], None] = lambda text: None) -> list[Record]:
    """Read every record of the ledger, the newest first; a shallow clone is deepened for it.

    Raises:
        LedgerDamagedError: a commit of the ledger is not one that schemafed wrote.
        LedgerOfflineError: the clone is shallow and the remote does not answer.
    """
    place, tip = ledger.place, ledger.tip
    if place is None or tip is None:
        return []
    if place.remote and not ledger.is_stale and git.is_shallow(place.folder):
        on_progress("deepening this shallow clone, which has not all of the ledger")
        fetch_ledger(place, depth=_UNSHALLOW)
    form = "%H%x1f%cn <%ce>%x1f%ct%x1f%B%x00"
    listed = git.run(place.folder, "log", "--first-parent", "-z", f"--format={form}", tip, "--")
    rows = listed.decode("utf-8", "replace").split("\0")
    return [_resolve(place, row) for row in rows if row.strip("\n")]


def read_sources(ledger: Ledger, commits: Iterable[str]) -> dict[str, SourceCommit]:
    """Read who wrote some commits and what they say; those that are not here are left out."""
    names = sorted(set(commits))
    if ledger.place is None or not names:
        return {}
    form = "%H%x1f%an <%ae>%x1f%s%x00"
    options = ("--no-walk=unsorted", "--ignore-missing", "--stdin", "-z", f"--format={form}")
    listed = git.run(ledger.place.folder, "log", *options, given="".join(f"{name}\n" for name in names).encode())
    rows = (row.strip("\n").split("\x1f") for row in listed.decode("utf-8", "replace").split("\0") if row.strip("\n"))
    return {commit: SourceCommit(commit, author, subject) for commit, author, subject in rows}


def _resolve(place: LedgerPlace, row: str) -> Record:
    commit, who, when, message = row.lstrip("\n").split("\x1f", 3)
    try:
        record = resolve_record(commit, who, int(when), message)
    except (ValueError, KeyError, TypeError) as error:
        raise _make_damaged(place, commit, f"its message cannot be read ({error})") from error
    if record is None:
        raise _make_damaged(place, commit, "it was not written by schemafed")
    return record


def _make_damaged(place: LedgerPlace, commit: str, what: str) -> LedgerDamagedError:
    return LedgerDamagedError(
        f"commit {commit[:12]} of the ledger {place.ref} cannot be used: {what}", fix=f"look at it: git show {commit}"
    )
