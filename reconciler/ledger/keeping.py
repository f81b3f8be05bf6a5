"""Hold the lease while changes are made, and know when it is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic

from reconciler.errors import LeaseLostError, LedgerLockedError, LedgerMovedError, SchemafedError
from reconciler.ledger.values import Lease, Ledger, present_time
from reconciler.ledger.writing import renew_lease


class LeaseKeeper:
    """Renews a run's lease when half of it is gone, and says when the run must stop.

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
        self._since = elapsed()
        self._lock = Lock()
        self._lost: LeaseLostError | None = None

    @property
    def ledger(self) -> Ledger:
        """The ledger with the newest of this run's commits."""
        return self._ledger

    def raise_if_lost(self) -> None:
        """Stop before the next write if this run may write no more; asks the remote only when the lease is renewed.

        Raises:
            LeaseLostError: the lease has run out, or another run has taken the ledger.
        """
        with self._lock:
            if self._lost:
                raise self._lost
            now = self._clock()
            left = min(self._lease.expires - now, self._duration - timedelta(seconds=self._elapsed() - self._since))
            if left <= timedelta(0):
                raise self._lose(f"its lease ran out at {self._lease.expires:%H:%M:%S} UTC")
            if left <= self._duration / 2:
                self._renew(now)

    @property
    def _lease(self) -> Lease:
        assert self._ledger.unfinished is not None and self._ledger.unfinished.lease is not None
        return self._ledger.unfinished.lease

    @property
    def _duration(self) -> timedelta:
        assert self._ledger.place is not None
        return self._ledger.place.lease

    def _renew(self, now: datetime) -> None:
        begun = self._elapsed()
        try:
            self._ledger = renew_lease(self._ledger, now)
            self._since = begun
        except (LedgerMovedError, LedgerLockedError) as error:
            raise self._lose("another run has taken the ledger over") from error
        except SchemafedError:
            # The remote does not answer, or Ctrl-C ended Git: the lease still holds, and the next write tries again.
            return

    def _lose(self, why: str) -> LeaseLostError:
        self._lost = LeaseLostError(
            f"this run stopped before its next write: {why}",
            fix="apply again: it finds out what was done, and does the rest",
        )
        return self._lost
