"""Whether and when a request is sent again: a policy as values, decided without waiting for anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from reconciler.http.faults import FaultKind, TransportError
from reconciler.http.messages import Request, Response

TRANSIENT_STATUSES = frozenset({429, 500, 502, 503, 504})
_HOPELESS = frozenset({FaultKind.CERTIFICATE, FaultKind.CLIENT_CERTIFICATE, FaultKind.TLS})


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient a client is; all times in seconds.

    ``retries`` counts the attempts after the first. The longest wait before attempt n is ``first_delay`` doubled n
    times, at most ``longest_delay``; the wait itself is drawn evenly from zero to that (full jitter), so that many
    clients do not come back together. A server that asks for a wait longer than ``longest_retry_after`` is not waited
    for.
    """

    retries: int = 4
    first_delay: float = 0.25
    longest_delay: float = 10.0
    longest_retry_after: float = 60.0

    def make_delay(self, attempt: int, retry_after: float | None, random: float) -> float | None:
        """Decide how long to wait before the next attempt, or None to give up.

        Args:
            attempt: how many attempts there were.
            retry_after: what the server asked for.
            random: from 0 to 1.
        """
        if attempt > self.retries or (retry_after or 0) > self.longest_retry_after:
            return None
        jittered = random * min(self.longest_delay, self.first_delay * 2.0 ** (attempt - 1))
        return jittered if retry_after is None else max(retry_after, min(jittered, retry_after + self.first_delay))


def may_repeat_after_fault(request: Request, fault: TransportError) -> bool:
    """Whether a request without an answer may be sent again: a read unless it is hopeless, a write that never left."""
    if fault.kind in _HOPELESS or _is_refusal(fault):
        return False
    return not (request.is_write and fault.was_sent)


def may_repeat_after_answer(request: Request, response: Response) -> bool:
    """Whether an answer asks to be tried again, and trying again cannot do something twice.

    A write was surely not done where the server says that it was too busy (429) or when to come back (503).
    """
    if response.status not in TRANSIENT_STATUSES or response.status in request.accepts:
        return False
    return not request.is_write or is_surely_undone(response)


def is_surely_undone(response: Response) -> bool:
    """Whether the answer to a write says that nothing happened."""
    return response.status < 500 or (response.status == 503 and "retry-after" in response.headers)


def make_retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Read ``Retry-After`` as seconds from now: a number or a date (RFC 9110, 10.2.3); None where it says nothing."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.replace(".", "", 1).isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def _is_refusal(fault: TransportError) -> bool:
    """Whether a proxy answered and said no, which it will again."""
    return fault.kind is FaultKind.PROXY and fault.detail[:1] == "4"
