"""Several endpoints of one registry: one that does not answer is left for the next, for as long as the run lasts."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from threading import Lock

from reconciler.http.endpoint import Endpoint
from reconciler.http.faults import TransportError
from reconciler.http.messages import Request, Response
from reconciler.http.retry import is_surely_undone
from reconciler.http.transport import BulkTransport, Transport
from reconciler.http.wire import Answer

_DEAD_STATUSES = frozenset({502, 503, 504})


class Fleet:
    """Which of several endpoints is asked now; safe for threads, and shared by all transports of a client."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self.endpoints = tuple(endpoints)
        self._current = 0
        self._dead: set[int] = set()
        self._lock = Lock()

    @property
    def current(self) -> int:
        """The index of the endpoint that is asked."""
        return self._current

    def leave(self, index: int) -> None:
        """Ask another one from now on. Where none is left, all may be tried again, from the first on."""
        with self._lock:
            if index != self._current:
                return
            self._dead.add(index)
            alive = [i for i in range(len(self.endpoints)) if i not in self._dead]
            if not alive:
                self._dead.clear()
            self._current = alive[0] if alive else 0

    def __str__(self) -> str:
        return ", ".join(endpoint.origin for endpoint in self.endpoints)


class FailoverTransport:
    """Sends each request to the endpoint that is asked now, and to the others where that one does not answer.

    Only what surely was not done is sent to another one: reads, and writes that never left or were turned away. A write
    whose answer was lost is the caller's to look up; the look-up goes to another endpoint then.

    Args:
        transports: one for each endpoint of the fleet, in its order.
    """

    def __init__(self, fleet: Fleet, transports: Sequence[Transport]) -> None:
        self._fleet = fleet
        self._transports = transports

    def send(self, request: Request) -> Response:
        """Send one request; see :meth:`reconciler.http.transport.Transport.send`."""
        faults: dict[int, TransportError] = {}
        tried: set[int] = set()
        while True:
            index = self._fleet.current
            tried.add(index)
            try:
                response = self._transports[index].send(request)
            except TransportError as fault:
                faults[index] = fault
                self._fleet.leave(index)
                if not (request.is_write and fault.was_sent) and self._fleet.current not in tried:
                    continue
                if len(faults) == 1:
                    raise
                raise self._join(faults, fault) from fault
            if response.status not in _DEAD_STATUSES or response.status in request.accepts:
                return response
            self._fleet.leave(index)
            is_safe = not request.is_write or is_surely_undone(response)
            if not is_safe or self._fleet.current in tried:
                return response

    def close(self) -> None:
        """Give back all connections."""
        for transport in self._transports:
            transport.close()

    def _join(self, faults: dict[int, TransportError], last: TransportError) -> TransportError:
        """The last fault, with what was wrong with each endpoint."""
        told = "; ".join(f"{self._fleet.endpoints[index].origin}: {fault.detail}" for index, fault in faults.items())
        return TransportError(last.kind, told, was_sent=last.was_sent)


class BulkFailoverTransport(FailoverTransport):
    """The same, for many reads at once: they go to one endpoint until the first trouble, which ends them anyway; the
    caller then sends each by itself, to the next one.
    """

    def __init__(self, fleet: Fleet, transports: Sequence[BulkTransport]) -> None:
        super().__init__(fleet, transports)
        self._bulk = transports

    def send_many(self, requests: Iterator[Request], connections: int) -> Generator[Answer, None, None]:
        """Send many reads; see :meth:`reconciler.http.transport.BulkTransport.send_many`."""
        index = self._fleet.current
        try:
            for answer in self._bulk[index].send_many(requests, connections):
                if answer.status in _DEAD_STATUSES:
                    self._fleet.leave(index)
                yield answer
        except TransportError:
            self._fleet.leave(index)
            raise
