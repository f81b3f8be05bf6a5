"""The transport for reading and writing much: kept-alive sockets and a tiny reader of answers."""

from __future__ import annotations

import socket
import ssl
from collections import deque
from collections.abc import Generator, Iterator
from itertools import chain, islice
from threading import Lock

from reconciler.http.connecting import is_stale, open_connection
from reconciler.http.endpoint import Endpoint, load_ssl_context
from reconciler.http.exchanges import Exchanges
from reconciler.http.faults import FaultKind, TransportError, make_fault
from reconciler.http.messages import Request, Response
from reconciler.http.side_by_side import run_in_order
from reconciler.http.transport import make_headers
from reconciler.http.wire import Answer, AnswerReader


class LeanTransport:
    """Speaks HTTP/1.1 over its own sockets; satisfies :class:`reconciler.http.transport.BulkTransport`.

    Every exchange has a connection of its own, given back to the pool after each whole answer.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._idle: deque[socket.socket] = deque()
        self._running: set[Exchanges] = set()
        self._context: ssl.SSLContext | None = None
        self._context_lock = Lock()
        self._closed = False
        self._target_prefix = endpoint.prefix
        if endpoint.proxy and not endpoint.is_encrypted:
            self._target_prefix = endpoint.origin + endpoint.prefix
        self._below_host = endpoint.origin if endpoint.proxy and not endpoint.is_encrypted else ""
        # What follows the target of an ordinary question, which thousands of requests have in common.
        self._end_of_get: tuple[str | None, bytes] = (None, b"")

    def send(self, request: Request) -> Response:
        """Send one request; see :meth:`reconciler.http.transport.Transport.send`."""
        sock = self._take()
        if sock is not None:
            try:
                return self._exchange(sock, request)
            except TransportError as fault:
                # The server may close an idle connection at any moment; asking again on a fresh one is the same
                # question. A write is not ours to repeat.
                if request.is_write or fault.kind is not FaultKind.CUT:
                    raise
        return self._exchange(self._connect(), request)

    def send_many(self, requests: Iterator[Request], connections: int) -> Generator[Answer, None, None]:
        """Send many reads at once; see :meth:`reconciler.http.transport.BulkTransport.send_many`."""
        first = list(islice(requests, connections))
        if not first:
            return
        exchanges = Exchanges(self._open(len(first)), self._make_message, self._endpoint.read_timeout)
        self._running.add(exchanges)
        try:
            yield from exchanges.run(chain(first, requests))
        finally:
            self._running.discard(exchanges)
            self._idle.extend(exchanges.idle)
            if self._closed:
                self.close()

    def close(self) -> None:
        """Close the connections; one that a single request uses follows when its answer is there."""
        self._closed = True
        # Whoever stopped taking answers, because of an exception for instance, may not have let go of them yet.
        while self._running:
            self._running.pop().close()
        while self._idle:
            self._idle.pop().close()

    def _exchange(self, sock: socket.socket, request: Request) -> Response:
        try:
            answer = self._send_and_read(sock, request)
        except BaseException:
            sock.close()
            raise
        if answer.is_last:
            sock.close()
        else:
            self._idle.append(sock)
        if self._closed:
            self.close()
        return Response(answer.status, answer.headers, answer.body, request)

    def _send_and_read(self, sock: socket.socket, request: Request) -> Answer:
        try:
            sock.sendall(self._make_message(request))
        except OSError as error:
            raise make_fault(error, was_sent=True) from error
        return AnswerReader(sock).read(request.method)

    def _make_message(self, request: Request) -> bytes:
        prefix = self._below_host if request.is_below_host else self._target_prefix
        line = f"{request.method} {request.make_target(prefix)} HTTP/1.1\r\n"
        if request.method == "GET" and not request.headers and request.body is None:
            return line.encode("latin-1") + self._make_end_of_get()
        head = line.encode("latin-1") + _make_end(make_headers(self._endpoint, request))
        # One packet: with two, the second would wait for the server's delayed acknowledgement of the first.
        return head + request.body if request.body else head

    def _make_end_of_get(self) -> bytes:
        """The headers of a plain read, made anew only where the credentials are others than before."""
        authorization = self._endpoint.current_authorization
        if not self._end_of_get[1] or self._end_of_get[0] != authorization:
            self._end_of_get = (authorization, _make_end(make_headers(self._endpoint, Request("GET", "/"))))
        return self._end_of_get[1]

    def _open(self, count: int) -> list[socket.socket]:
        """Take or open as many connections, all at once; those that can be had, if any.

        Raises:
            TransportError, ConfigurationError: there is none.
        """
        opened = list(run_in_order(lambda _: self._try_to_connect(), range(count), count))
        sockets = [sock for sock in opened if isinstance(sock, socket.socket)]
        for failure in opened:
            if not sockets and isinstance(failure, TransportError):
                raise failure
        return sockets

    def _try_to_connect(self) -> socket.socket | TransportError:
        try:
            return self._take() or self._connect()
        except TransportError as fault:
            return fault

    def _take(self) -> socket.socket | None:
        while self._idle:
            try:
                sock = self._idle.pop()
            except IndexError:
                return None
            if not is_stale(sock):
                return sock
            sock.close()
        return None

    def _connect(self) -> socket.socket:
        # Before connecting: a certificate file that cannot be used is a mistake in the settings, not a fault.
        context = self._get_context() if self._endpoint.is_encrypted else None
        return open_connection(self._endpoint, context)

    def _get_context(self) -> ssl.SSLContext:
        with self._context_lock:
            if self._context is None:
                self._context = load_ssl_context(self._endpoint.tls)
            return self._context


def _make_end(headers: dict[str, str]) -> bytes:
    return ("".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n").encode("latin-1")
