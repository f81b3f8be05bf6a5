"""Hold the lease while changes are made, and know when it is lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock, Thread
from time import monotonic

from reconciler.errors import LeaseLostError, LedgerLockedError, LedgerMovedError, SchemafedError
from reconciler.ledger.loading import is_ancestor
from reconciler.ledger.local import read_local_tip
from reconciler.ledger.remotes import read_remote_tip
from reconciler.ledger.values import Lease, Ledger, LedgerPlace, present_time
from reconciler.ledger.writing import find_unlocked, renew_lease

_REMOTE_SEEN = 5.0
"""Seconds after a remote was last asked who has the ledger, from which on a write waits for the next answer."""
_LOCAL_SEEN = 0.25
"""The same for a ledger that this clone holds: asking costs a run of Git, so it is not done for each of many writes."""
_PATIENCE = 10.0
"""Seconds for which such an answer is waited; a remote that is slower counts as away."""


class LeaseKeeper:
    """Renews a run's lease when half of it is gone, and says when the run must stop.

    What the newest commit of the ledger is, is asked beside the writes, again and again as long as there are any. A
    write waits for the answer only where the last one is too old. A remote that does not answer stops nobody: the lease
    still holds then, until it runs out.

    Used from several threads at once.

    Args:
        ledger: with this run's intent.
        clock: the present time.
        elapsed: seconds since any moment, by a clock that nobody sets: the other one may be set back meanwhile.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Callable[[], datetime] = present_time,
        elapsed: Callable[[], float] = monotonic,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._elapsed = elapsed
        self._since = self._seen = elapsed()
        self._look: _Look | None = None
        self._answers = True
        self._lock = Lock()
        self._lost: LeaseLostError | None = None

    @property
    def ledger(self) -> Ledger:
        """The ledger with the newest of this run's commits."""
        return self._ledger

    def raise_if_lost(self) -> None:
        """Stop before the next write if this run may write no more.

        Raises:
            LeaseLostError: the lease has run out, or was taken: by another run, or with `schemafed unlock`.
        """
        with self._lock:
            if self._lost:
                raise self._lost
            now, moment = self._clock(), self._elapsed()
            left = min(self._lease.expires - now, self._duration - timedelta(seconds=moment - self._since))
            if left <= timedelta(0):
                raise self._lose(f"its lease ran out at {self._lease.expires:%H:%M:%S} UTC")
            if left <= self._duration / 2:
                self._finish_look()  # what it finds is held against the commit that the renewal goes on from
                self._renew(now)
            else:
                self._look_around(moment)

    @property
    def _place(self) -> LedgerPlace:
        assert self._ledger.place is not None
        return self._ledger.place

    @property
    def _lease(self) -> Lease:
        assert self._ledger.unfinished is not None and self._ledger.unfinished.lease is not None
        return self._ledger.unfinished.lease

    @property
    def _duration(self) -> timedelta:
        return self._place.lease

    def _look_around(self, moment: float) -> None:
        """Ask early enough that nobody has to wait, as a rule."""
        allowed = _LOCAL_SEEN if self._place.remote is None else _REMOTE_SEEN
        if self._look and not self._look.is_alive():
            self._finish_look()
        if self._look is None and moment - self._seen >= allowed / 2:
            self._look = _Look(self._ledger, self._elapsed)
        # Nobody waits again for a remote that gave no answer the last time.
        if moment - self._seen >= allowed and self._answers:
            self._finish_look()

    def _finish_look(self) -> None:
        look, self._look = self._look, None
        if look is None:
            return
        look.join()
        # An answer counts from when it came: of a remote that is slow to answer, nobody waits for one after the other.
        self._seen, self._answers = look.ended, look.is_answered
        if look.is_lost:
            raise self._lose(self._explain_loss())

    def _renew(self, now: datetime) -> None:
        begun = self._seen = self._elapsed()
        try:
            self._ledger = renew_lease(self._ledger, now)
            self._since = begun
        except (LedgerMovedError, LedgerLockedError) as error:
            raise self._lose(self._explain_loss()) from error
        except SchemafedError:
            # The remote does not answer, or Ctrl-C ended Git: the lease still holds, and the next write tries again.
            return

    def _explain_loss(self) -> str:
        with suppress(SchemafedError):
            if find_unlocked(self._ledger):
                return "somebody took its lease with `schemafed unlock`"
        return "another run has taken the ledger over"

    def _lose(self, why: str) -> LeaseLostError:
        self._lost = LeaseLostError(
            f"this run stopped before its next write: {why}",
            fix="apply again: it finds out what was done, and does the rest",
        )
        return self._lost


class _Look(Thread):
    """One look at the newest commit of a ledger, whether somebody has written to it since; begins at once.

    ``ended`` is when it was through, with an answer (``is_answered``) or without.
    """

    def __init__(self, ledger: Ledger, elapsed: Callable[[], float]) -> None:
        super().__init__(name="ledger", daemon=True)
        self._ledger = ledger
        self._elapsed = elapsed
        self.is_lost = self.is_answered = False
        self.ended = 0.0
        self.start()

    def run(self) -> None:
        try:
            with suppress(SchemafedError):
                self.is_lost = _is_taken(self._ledger)
                self.is_answered = True
        finally:
            self.ended = self._elapsed()


def _is_taken(ledger: Ledger) -> bool:
    """Whether the ledger has gone on from the commit that is known; a copy of the remote may also be behind it."""
    assert ledger.place is not None and ledger.tip is not None  # whoever has a lease has written it
    place = ledger.place
    tip = read_local_tip(place) if place.remote is None else read_remote_tip(place, patience=_PATIENCE)
    return tip is not None and not is_ancestor(place, tip, ledger.tip)
