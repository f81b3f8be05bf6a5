"""Append to the ledger: one commit at a time, each of which goes on from the one that was read, or is refused."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from reconciler import git
from reconciler.applied import AppliedRegistry, IntendedChange
from reconciler.errors import (
    LedgerLockedError,
    LedgerMovedError,
    LedgerOfflineError,
    LedgerRefusedError,
    RepositoryError,
)
from reconciler.ledger.commits import write_commit
from reconciler.ledger.documents import INTENT_FILE, LEASE_FILE, render_intent, render_lease, render_message
from reconciler.ledger.entries import make_files
from reconciler.ledger.leases import find_run_url, is_ahead, is_dead, is_held, make_lease
from reconciler.ledger.loading import load_ledger_at
from reconciler.ledger.local import append_commit, follow
from reconciler.ledger.remotes import push_commit
from reconciler.ledger.sources import find_identity
from reconciler.ledger.values import (
    ChangeOutcome,
    Intent,
    Ledger,
    LedgerPlace,
    RecordedApproval,
    RecordKind,
    present_time,
)


def raise_if_unusable(ledger: Ledger) -> LedgerPlace:
    """Stop where nothing can be recorded.

    Raises:
        RepositoryError: there is no Git repository.
        LedgerOfflineError: the remote does not answer.
    """
    if ledger.place is None:
        raise RepositoryError(
            "this folder is in no Git repository, and apply remembers in Git what it applied",
            fix=f"run `git init` and commit the files{git.hint_at_git_dir()}",
        )
    if ledger.stale_because:
        raise LedgerOfflineError(ledger.stale_because, fix="see that `git fetch` works here, then run it again")
    return ledger.place


def raise_if_held(ledger: Ledger, now: datetime) -> None:
    """Stop where another run is at work.

    Raises:
        LedgerLockedError: naming it.
    """
    if ledger.unfinished and is_held(ledger.unfinished.lease, now):
        raise make_locked(ledger, ledger.unfinished)


def make_locked(ledger: Ledger, intent: Intent) -> LedgerLockedError:
    """Say who holds the ledger, since when and until when."""
    environment = ledger.place.environment if ledger.place else ""
    return LedgerLockedError(
        f"another run is applying to {environment}: {describe_holder(intent)}",
        fix="wait for it; if you know that it is gone: `schemafed unlock`",
    )


def describe_holder(intent: Intent) -> str:
    """Who began an apply, where, and until when its lease holds."""
    lease = intent.lease
    if lease is None:
        return intent.who
    where = f"process {lease.process} on {lease.host}" + (f" ({lease.run_url})" if lease.run_url else "")
    over = " and is gone" if is_dead(lease) else ""
    ahead = ", by a clock that is ahead of this machine's" if is_ahead(lease, present_time()) else ""
    return f"{intent.who}, {where}, since {_clock(lease.begun)}, until {_clock(lease.expires)}{ahead}{over}"


def write_intent(
    ledger: Ledger,
    source: str,
    digest: str,
    changes: Sequence[IntendedChange],
    *,
    kind: RecordKind = RecordKind.INTENT,
    now: datetime | None = None,
) -> Ledger:
    """Say what this run is about to change, and take the lease; nothing else may write until it ends.

    Args:
        ledger: as it was loaded; nobody may have written since.
        source: the commit of the desired state.
        digest: of the plan.
        changes: all that it will make, with those that an earlier run left open.
        kind: INTENT, or TAKEOVER by a run that finds out what an earlier one did.
        now: the present time.

    Returns:
        the ledger with the intent.

    Raises:
        LedgerLockedError: another run holds it.
        LedgerMovedError: another run wrote meanwhile.
        LedgerRefusedError: the remote does not accept it.
        LedgerOfflineError, RepositoryError: the remote does not answer, or there is no repository.
    """
    place = raise_if_unusable(ledger)
    moment = now or present_time()
    raise_if_held(ledger, moment)
    intent = Intent(source, digest, find_identity(place.folder), tuple(changes), make_lease(moment, place.lease))
    verb = "intends to make" if kind is RecordKind.INTENT else "finds out about"
    headline = f"apply {place.environment}: {verb} {len(changes)} change{'' if len(changes) == 1 else 's'}"
    message = render_message(
        kind, place.environment, headline, source=source, digest=digest, run_url=find_run_url(os.environ)
    )
    try:
        return _append(ledger, message, after=replace(ledger, unfinished=intent), source=source)
    except LedgerRefusedError as error:
        raise LedgerRefusedError(f"nothing was applied: {error.message}", fix=error.fix) from error


def renew_lease(ledger: Ledger, now: datetime) -> Ledger:
    """Say that this run is still at work.

    Raises:
        LedgerMovedError: the ledger is another run's now.
        LedgerOfflineError, LedgerRefusedError: the remote does not answer, or refuses.
    """
    place = raise_if_unusable(ledger)
    intent = ledger.unfinished
    assert intent is not None and intent.lease is not None  # whoever renews has one
    lease = make_lease(now, place.lease, begun=intent.lease.begun)
    message = render_message(RecordKind.LEASE, place.environment, f"apply {place.environment}: still at work")
    return _append(ledger, message, after=replace(ledger, unfinished=replace(intent, lease=lease)))


def write_record(
    ledger: Ledger,
    registries: Mapping[str, AppliedRegistry],
    outcomes: Sequence[ChangeOutcome],
    *,
    source: str,
    digest: str | None = None,
    headline: str | None = None,
    still_open: Sequence[IntendedChange] = (),
    kind: RecordKind = RecordKind.RECORD,
    approvals: Sequence[RecordedApproval] = (),
) -> Ledger:
    """Say what a run did, and give the lease back; where somebody has unlocked it and done nothing since, after that.

    Args:
        ledger: with the run's own intent; or without one, where there was nothing to write but what was noted.
        registries: what is applied now.
        outcomes: of each change, and of each subject that was noted.
        source: the commit of the desired state.
        digest: of the plan.
        headline: the first line of the message, where the outcomes do not say it.
        still_open: changes of which it is not known whether they were made; the next run finds out.
        kind: RECORD, UNLOCK or RELEASE.
        approvals: those that the run rested on.

    Raises:
        LedgerMovedError: another run wrote meanwhile.
        LedgerRefusedError, LedgerOfflineError: the remote does not accept it, or does not answer.
    """
    place = raise_if_unusable(ledger)
    first = headline or f"apply {place.environment}: {summarize_outcomes(outcomes)}"
    message = render_message(
        kind,
        place.environment,
        first,
        source=source,
        digest=digest,
        run_url=find_run_url(os.environ),
        outcomes=outcomes,
        approvals=approvals,
    )
    who = ledger.unfinished.who if ledger.unfinished else ""
    left = Intent(source, digest or "", who, tuple(still_open)) if still_open else None

    def append_to(before: Ledger) -> Ledger:
        return _append(before, message, after=replace(before, registries=registries, unfinished=left), source=source)

    try:
        return append_to(ledger)
    except LedgerMovedError:
        unlocked = find_unlocked(ledger) if kind is RecordKind.RECORD else None
        if unlocked is None:
            raise
        return append_to(unlocked)


def find_unlocked(ledger: Ledger) -> Ledger | None:
    """The ledger as `schemafed unlock` left it; None where the lease was not taken, or something was done since.

    Args:
        ledger: with the intent of the run whose lease it was.

    Raises:
        LedgerError, RepositoryError: the ledger cannot be read.
    """
    if ledger.place is None or ledger.unfinished is None or ledger.unfinished.lease is None:
        return None
    now = load_ledger_at(ledger.place)
    is_as_left = now.unfinished == replace(ledger.unfinished, lease=None) and now.registries == ledger.registries
    return now if is_as_left and not now.is_stale else None


def write_unlock(ledger: Ledger) -> Ledger:
    """Take the lease from whoever has it; the next apply finds out what was done under it.

    Raises:
        LedgerMovedError: somebody wrote meanwhile: they are not gone.
        LedgerRefusedError, LedgerOfflineError: the remote does not accept it, or does not answer.
    """
    intent = ledger.unfinished
    assert intent is not None  # whoever unlocks has looked
    return write_record(
        ledger,
        ledger.registries,
        (),
        source=intent.source,
        digest=intent.digest,
        headline=f"unlock {ledger.place.environment if ledger.place else ''}: was held by {describe_holder(intent)}",
        still_open=intent.changes,
        kind=RecordKind.UNLOCK,
    )


def summarize_outcomes(outcomes: Sequence[ChangeOutcome]) -> str:
    """``3 applied, 1 failed``."""
    order = ("applied", "failed", "skipped", "unknown", "noted")
    counts = {outcome: sum(o.outcome == outcome for o in outcomes) for outcome in order}
    return ", ".join(f"{number} {outcome}" for outcome, number in counts.items() if number) or "nothing to change"


def _append(ledger: Ledger, message: str, *, after: Ledger, source: str | None = None) -> Ledger:
    """Write one commit and make it the ledger's newest, here and on the remote, unless somebody was quicker."""
    place = raise_if_unusable(ledger)
    tip = write_commit(place, ledger.tip, message, _changed_files(ledger, after), source)
    try:
        _advance(place, ledger.tip, tip)
    except LedgerMovedError as error:
        raise _make_lost_race(place, error) from error
    return replace(after, tip=tip)


def _advance(place: LedgerPlace, before: str | None, tip: str) -> None:
    if place.remote is None:
        append_commit(place, before, tip)
    else:
        push_commit(place, before, tip)
        follow(place, before, tip)


def _changed_files(before: Ledger, after: Ledger) -> dict[str, str | None]:
    files = make_files(before.registries, after.registries)
    old, new = before.unfinished, after.unfinished
    if _render_changes(old) != _render_changes(new):
        files[INTENT_FILE] = render_intent(new) if new else None
    old_lease, new_lease = (intent.lease if intent else None for intent in (old, new))
    if old_lease != new_lease:
        files[LEASE_FILE] = render_lease(new_lease) if new_lease else None
    return files


def _render_changes(intent: Intent | None) -> Intent | None:
    return replace(intent, lease=None) if intent else None


def _make_lost_race(place: LedgerPlace, error: LedgerMovedError) -> LedgerLockedError | LedgerMovedError:
    """Say who was quicker, as far as it can be told."""
    now = load_ledger_at(place)
    if now.unfinished and is_held(now.unfinished.lease, present_time()):
        return make_locked(now, now.unfinished)
    if now.tip is None or now.is_stale:
        return error
    newest = git.run(place.folder, "log", "-1", "--format=%s (%cn, %cI)", now.tip, "--").decode("utf-8", "replace")
    return LedgerMovedError(f"{error.message}: {newest.strip()}", fix=error.fix)


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
