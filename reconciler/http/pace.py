"""A limit of requests per second, shared by all threads of a client."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock


class Pace:
    """Gives every request a moment of its own, evenly spaced.

    Args:
        per_second: None for no limit.
        clock: seconds, never going back.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        per_second: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = 1.0 / per_second if per_second else 0.0
        self._clock = clock
        self._sleep = sleep
        self._next = 0.0
        self._lock = Lock()

    @property
    def is_limited(self) -> bool:
        """Whether anybody ever waits."""
        return self._gap > 0

    def wait(self) -> None:
        """Wait for the next free moment."""
        if not self._gap:
            return
        with self._lock:
            now = self._clock()
            moment = max(now, self._next)
            self._next = moment + self._gap
        if moment > now:
            self._sleep(moment - now)
