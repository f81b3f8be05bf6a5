"""Faults that a test scripts: which request fails, how, and how often."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from urllib.parse import unquote


class FaultKind(StrEnum):
    """How a request fails."""

    HTML = "html"
    HALF_JSON = "half_json"
    TOO_MANY_REQUESTS = "too_many_requests"
    ERROR_500 = "error_500"
    ERROR_503 = "error_503"
    DROP_BEFORE_READING = "drop_before_reading"
    DROP_AFTER_COMMIT = "drop_after_commit"
    SLOW = "slow"


_HTML = b"<html><body><h1>502 Bad Gateway</h1><p>proxy of the company</p></body></html>"
_PAGES: dict[FaultKind, tuple[int, bytes, dict[str, str]]] = {
    FaultKind.HTML: (200, _HTML, {"Content-Type": "text/html"}),
    FaultKind.TOO_MANY_REQUESTS: (
        429,
        b'{"error_code":429,"message":"Too many requests"}',
        {"Content-Type": "application/json"},
    ),
    FaultKind.ERROR_500: (
        500,
        b'{"error_code":50001,"message":"Error in the backend data store"}',
        {"Content-Type": "application/json"},
    ),
    FaultKind.ERROR_503: (503, b"Service Unavailable", {"Content-Type": "text/plain"}),
}


@dataclass(frozen=True)
class Fault:
    """One scripted fault.

    `method` and `path` are shell patterns; `path` is tried on the percent-encoded and on the decoded path.
    The first `skip` matching requests pass; then `times` of them fail (None: all). `delay` and `retry_after`
    are seconds; `retry_after` None sends no such header; `status` replaces the kind's own status.
    """

    method: str
    path: str
    kind: FaultKind
    times: int | None = 1
    skip: int = 0
    delay: float = 0.2
    retry_after: str | None = "0"
    status: int | None = None

    def matches(self, method: str, path: str) -> bool:
        return fnmatchcase(method, self.method) and (
            fnmatchcase(path, self.path) or fnmatchcase(unquote(path), self.path)
        )

    def make_reply_parts(self) -> tuple[int, bytes, dict[str, str]] | None:
        """Return status, body and headers of a fault that answers by itself; None where the double answers."""
        if self.kind not in _PAGES:
            return None
        status, body, headers = _PAGES[self.kind]
        slow_down = self.kind in {FaultKind.TOO_MANY_REQUESTS, FaultKind.ERROR_503}
        if slow_down and self.retry_after is not None:
            headers = {**headers, "Retry-After": self.retry_after}
        return self.status or status, body, headers


class Faults:
    """The script: faults are tried in the order in which they were added."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(
        self,
        *,
        kind: FaultKind | str,
        method: str = "*",
        path: str = "*",
        times: int | None = 1,
        skip: int = 0,
        delay: float = 0.2,
        retry_after: str | None = "0",
        status: int | None = None,
    ) -> None:
        fault = Fault(method, path, FaultKind(kind), times, skip, delay, retry_after, status)
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    @property
    def pending(self) -> tuple[Fault, ...]:
        """The faults that have not been used up: empty when the test's script was played to its end."""
        with self._lock:
            return tuple(self._faults)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that this request suffers, if any, and use one of its times."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if not fault.matches(method, path):
                    continue
                if fault.skip:
                    self._faults[index] = replace(fault, skip=fault.skip - 1)
                    continue
                self._use(index, fault)
                return fault
        return None

    def _use(self, index: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times == 1:
            del self._faults[index]
        else:
            self._faults[index] = replace(fault, times=fault.times - 1)
