"""The clone's own ref of the ledger: all of it where there is no remote, else what was seen there last."""

from __future__ import annotations

import os
from subprocess import CompletedProcess

from reconciler import git
from reconciler.errors import LedgerMovedError
from reconciler.ledger.commits import no_commit
from reconciler.ledger.damage import make_broken
from reconciler.ledger.values import LedgerPlace

_BROKEN = ("missing object", "broken ref")


def read_local_tip(place: LedgerPlace) -> str | None:
    """The newest commit of the ledger that this clone knows.

    Raises:
        LedgerDamagedError: there is something else.
        RepositoryError: Git refuses.
    """
    form = "--format=%(objectname) %(objecttype) %(refname)"
    listed = git.ask(place.folder, "for-each-ref", form, place.ref)
    words = listed.stderr.decode("utf-8", "replace").strip()
    if any(each in words for each in _BROKEN):
        raise make_broken(place, words)
    if listed.returncode:
        raise git.make_error(place.folder, "for-each-ref", listed.stderr)
    rows = (line.split(" ", 2) for line in os.fsdecode(listed.stdout).splitlines())
    tip, kind = next(((tip, kind) for tip, kind, name in rows if name == place.ref), (None, "commit"))
    if kind != "commit":
        raise make_broken(place, f"it is set to a {kind}, no commit")
    return tip


def append_commit(place: LedgerPlace, before: str | None, commit: str) -> None:
    """Append a commit to the ledger of a clone that has no remote, unless somebody else was quicker.

    Raises:
        LedgerMovedError: the ledger has gone on from another commit.
        RepositoryError: Git refuses.
    """
    moved = _move(place, before, commit)
    if moved.returncode:
        if read_local_tip(place) != before:
            raise LedgerMovedError("another run wrote to the ledger meanwhile", fix="run it again")
        raise git.make_error(place.folder, "update-ref", moved.stderr)


def follow(place: LedgerPlace, known: str | None, commit: str) -> None:
    """Let the clone's ref follow the remote's, if it still is what was known: another run may have moved it.

    The remote is what counts, so nothing stops where this fails: the next run fetches again.
    """
    _move(place, known, commit)


def _move(place: LedgerPlace, before: str | None, commit: str) -> CompletedProcess[bytes]:
    return git.ask(place.folder, "update-ref", "-m", "schemafed", place.ref, commit, before or no_commit(commit))
