"""What may be wrong with a ledger, each with the way back."""

from __future__ import annotations

from reconciler import git
from reconciler.errors import LedgerDamagedError, LedgerOfflineError
from reconciler.ledger.remotes import fetch_ledger
from reconciler.ledger.values import LedgerPlace

_ENOUGH = 50
"""How many commits of a shallow clone's ledger are fetched to find the way back."""


def find_damaged(place: LedgerPlace, tip: str, what: str) -> LedgerDamagedError:
    """The newest commit cannot be used; the way back is the newest before it that schemafed wrote."""
    message = f"commit {tip[:12]} of the ledger {place.ref} cannot be used: {what}"
    good = _find_newest_written(place, tip)
    if good is None:
        return LedgerDamagedError(
            f"{message}, and nothing before it was",
            fix="it is no ledger: let `ledger.ref` in schemafed.yaml name a ref that nobody else uses",
        )
    commands = [f"git update-ref {place.ref} {good}"]
    if place.remote:
        commands[:0] = [f"git fetch {place.remote} {place.ref}", f"git push {place.remote} +{good}:{place.ref}"]
    back = f"the way back is `{' && '.join(commands)}`, to what schemafed wrote last"
    return LedgerDamagedError(message, fix=f"look at it with `git show {tip[:12]}`; {back}")


def make_lost(place: LedgerPlace, known: str) -> LedgerDamagedError:
    """The remote has no ledger, and the clone knows one."""
    return LedgerDamagedError(
        f"{place.remote} has no ledger {place.ref}, but this clone knows it up to {known[:12]}: it was deleted there,"
        " or never pushed",
        fix=f"to put it there (again): `git push {place.remote} {place.ref}`; to begin a new one:"
        f" `git update-ref -d {place.ref}`",
    )


def make_rewound(place: LedgerPlace, known: str, tip: str) -> LedgerDamagedError:
    """The remote's ledger does not go on from what the clone knows."""
    return LedgerDamagedError(
        f"the ledger {place.ref} of {place.remote} was rewound: its {tip[:12]} does not go on from {known[:12]}, which"
        " this clone has seen",
        fix=f"to restore what was seen: `git push {place.remote} +{place.ref}`; to believe the remote:"
        f" `git update-ref {place.ref} {tip}`",
    )


def make_no_commit(place: LedgerPlace, tip: str, kind: str, known: str | None) -> LedgerDamagedError:
    """The remote's ref is something else than a commit."""
    put = f"`git push {place.remote} +{place.ref}`"
    restore = f"to restore what this clone has seen: {put}"
    elsewhere = f"restore it from a clone that has seen it ({put}); to begin a new one:"
    return LedgerDamagedError(
        f"the ledger {place.ref} of {place.remote} cannot be used: {tip[:12]} is a {kind}, no commit",
        fix=restore if known else f"{elsewhere} `git push {place.remote} :{place.ref}`",
    )


def make_broken(place: LedgerPlace, words: str) -> LedgerDamagedError:
    """The clone's own ref leads to no commit."""
    # What is no name of an object at all, Git does not delete.
    is_deletable = "broken ref" not in words
    drop = f"`git update-ref -d {place.ref}`" if is_deletable else f'`rm "$(git rev-parse --git-path {place.ref})"`'
    again = f"{drop}; the next run fetches it from {place.remote} again"
    elsewhere = f"look with `git fsck`; take it from a copy of this clone, or begin a new one: {drop}"
    return LedgerDamagedError(
        f"the ledger {place.ref} of this clone cannot be read: {words}", fix=again if place.remote else elsewhere
    )


def _find_newest_written(place: LedgerPlace, tip: str) -> str | None:
    if place.remote and git.is_shallow(place.folder):
        try:
            fetch_ledger(place, depth=_ENOUGH)
        except LedgerOfflineError:
            return None
    options = ("--first-parent", "--max-count=1", "--format=%H", "--grep=^Schemafed-Kind: ")
    found = git.ask(place.folder, "log", *options, f"{tip}^", "--")
    return found.stdout.decode().strip() or None
