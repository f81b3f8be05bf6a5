"""Many exchanges at once on one thread: whichever connection has an answer gets the next question.

With a thread a connection, handing requests and answers from thread to thread costs more than sending and reading them.
"""

from __future__ import annotations

import select
import socket
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress

from reconciler.http.faults import FaultKind, TransportError
from reconciler.http.messages import Request
from reconciler.http.wire import Answer, AnswerReader

_AHEAD = 4
"""How many answers a connection, there or under way, may wait for an earlier one; keeps the others busy meanwhile."""


class Exchanges:
    """Requests over a number of connections, one at a time on each.

    Args:
        sockets: open connections; those that outlive the exchanges are in ``idle`` afterwards, the others closed.
        write: makes the bytes of a request.
        patience: seconds that all connections together may stay silent.
    """

    def __init__(self, sockets: Sequence[socket.socket], write: Callable[[Request], bytes], patience: float) -> None:
        self.idle = deque(sockets)
        self._write = write
        self._patience_ms = max(1, int(patience * 1000))
        self._under_way: dict[int, tuple[socket.socket, int, str]] = {}
        self._early: dict[int, Answer | TransportError] = {}
        # Two connections read whole pages, of which no more than two shall be in memory.
        self._most = len(sockets) * (_AHEAD if len(sockets) > 2 else 1)
        self._poll = select.poll()
        for sock in sockets:
            self._poll.register(sock, select.POLLIN)

    def run(self, requests: Iterator[Request]) -> Generator[Answer, None, None]:
        """Give the answers in the order of the requests.

        Ends early where the server has closed every connection; the requests without an answer are the caller's then.

        Raises:
            TransportError: at the place of the request that got no answer.
        """
        numbered = enumerate(requests)
        expected = 0
        try:
            self._send_next(numbered)
            while True:
                outcome = self._early.pop(expected, None)
                if isinstance(outcome, Answer):
                    expected += 1
                    self._send_next(numbered)
                    yield outcome
                elif outcome is not None:
                    raise outcome
                elif self._under_way:
                    self._receive(numbered)
                else:
                    return
        finally:
            self._hang_up()

    def close(self) -> None:
        """Close every connection."""
        self._hang_up()
        while self.idle:
            self.idle.pop().close()

    def _hang_up(self) -> None:
        for sock, _, _ in self._under_way.values():
            sock.close()
        self._under_way.clear()

    def _send_next(self, numbered: Iterator[tuple[int, Request]]) -> None:
        """Give idle connections something to do, unless too much waits to be taken."""
        while self.idle and len(self._early) + len(self._under_way) < self._most:
            following = next(numbered, None)
            if following is None:
                return
            index, request = following
            sock = self.idle.popleft()
            self._under_way[sock.fileno()] = (sock, index, request.method)
            # A server that has hung up shows when its answer is read, together with what it may have said before.
            with suppress(OSError):
                sock.sendall(self._write(request))

    def _receive(self, numbered: Iterator[tuple[int, Request]]) -> None:
        """Wait for answers and read those that have arrived."""
        ready = self._poll.poll(self._patience_ms)
        for descriptor, _ in ready:
            if descriptor in self._under_way:
                self._read_answer(*self._under_way.pop(descriptor))
                self._send_next(numbered)
            else:
                self._drop(next(sock for sock in self.idle if sock.fileno() == descriptor))
        if not ready:
            _, first, _ = min(self._under_way.values(), key=lambda each: each[1])
            self._early[first] = TransportError(FaultKind.TIMEOUT, "timed out", was_sent=True)

    def _read_answer(self, sock: socket.socket, index: int, method: str) -> None:
        try:
            answer = AnswerReader(sock).read(method)
        except TransportError as fault:
            self._early[index] = fault
            self._poll.unregister(sock)
            sock.close()
            return
        self._early[index] = answer
        self.idle.append(sock)
        if answer.is_last:
            self._drop(sock)

    def _drop(self, sock: socket.socket) -> None:
        self._poll.unregister(sock)
        self.idle.remove(sock)
        sock.close()
