"""The transport for reading much: kept-alive sockets and a tiny reader of answers."""

from __future__ import annotations

import select
import socket
import ssl
import struct
from collections import deque
from threading import Lock

from reconciler.http.endpoint import Endpoint, load_ssl_context
from reconciler.http.faults import FaultKind, TransportError, make_fault
from reconciler.http.messages import Request, Response
from reconciler.http.transport import make_headers
from reconciler.http.wire import Answer, AnswerReader


class LeanTransport:
    """Speaks HTTP/1.1 over its own sockets; satisfies :class:`reconciler.http.transport.Transport`.

    Every thread that is sending has a connection of its own, given back to the pool after each whole answer.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._idle: deque[socket.socket] = deque()
        self._context: ssl.SSLContext | None = None
        self._context_lock = Lock()
        self._closed = False
        self._target_prefix = endpoint.prefix
        if endpoint.proxy and not endpoint.is_encrypted:
            self._target_prefix = endpoint.origin + endpoint.prefix
        self._below_host = endpoint.origin if endpoint.proxy and not endpoint.is_encrypted else ""
        self._common = make_headers(endpoint, Request("GET", "/"))

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

    def close(self) -> None:
        """Close the idle connections; those in use follow when their answer is there."""
        self._closed = True
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
        headers = self._common
        if request.headers or request.body is not None or request.method != "GET":
            headers = make_headers(self._endpoint, request)
        prefix = self._below_host if request.is_below_host else self._target_prefix
        lines = [f"{request.method} {request.make_target(prefix)} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        # One packet: with two, the second would wait for the server's delayed acknowledgement of the first.
        return head + request.body if request.body else head

    def _take(self) -> socket.socket | None:
        while self._idle:
            try:
                sock = self._idle.pop()
            except IndexError:
                return None
            if not _is_stale(sock):
                return sock
            sock.close()
        return None

    def _connect(self) -> socket.socket:
        endpoint = self._endpoint
        # Before connecting: a certificate file that cannot be used is a mistake in the settings, not a fault.
        context = self._get_context() if endpoint.is_encrypted else None
        sock = self._open_socket()
        try:
            if endpoint.proxy and endpoint.is_encrypted:
                self._tunnel(sock)
            if context is not None:
                sock = context.wrap_socket(sock, server_hostname=endpoint.host)
            _set_patience(sock, endpoint.read_timeout)
        except OSError as error:
            sock.close()
            raise make_fault(error, was_sent=False) from error
        except BaseException:
            sock.close()
            raise
        return sock

    def _open_socket(self) -> socket.socket:
        endpoint = self._endpoint
        host, port = (endpoint.proxy.host, endpoint.proxy.port) if endpoint.proxy else (endpoint.host, endpoint.port)
        try:
            sock = socket.create_connection((host, port), timeout=endpoint.connect_timeout)
        except (OSError, UnicodeError) as error:
            fault = make_fault(error, was_sent=False)
            if endpoint.proxy:
                fault = TransportError(FaultKind.PROXY, fault.detail, was_sent=False)
            raise fault from error
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def _tunnel(self, sock: socket.socket) -> None:
        """Ask the proxy for a tunnel to the registry (RFC 9110, 9.3.6)."""
        endpoint = self._endpoint
        assert endpoint.proxy is not None
        lines = [f"CONNECT {endpoint.address} HTTP/1.1", f"Host: {endpoint.address}"]
        if endpoint.proxy.authorization:
            lines.append(f"Proxy-Authorization: {endpoint.proxy.authorization}")
        sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        try:
            _, status, _ = AnswerReader(sock).read_head()
        except (OSError, ValueError) as error:
            raise TransportError(FaultKind.PROXY, str(error), was_sent=False) from error
        if not status.startswith("2"):
            raise TransportError(FaultKind.PROXY, status, was_sent=False)

    def _get_context(self) -> ssl.SSLContext:
        with self._context_lock:
            if self._context is None:
                self._context = load_ssl_context(self._endpoint.tls)
            return self._context


def _set_patience(sock: socket.socket, seconds: float) -> None:
    """Bound every wait for the server.

    The kernel's own timeouts halve the system calls of an exchange: Python's poll the socket before every call. Under
    TLS they would break its records.
    """
    if isinstance(sock, ssl.SSLSocket):
        sock.settimeout(seconds)
        return
    sock.settimeout(None)
    whole = int(seconds)
    bound = struct.pack("ll", whole, max(1, int((seconds - whole) * 1_000_000)))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, bound)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, bound)


def _is_stale(sock: socket.socket) -> bool:
    """Whether the server has closed an idle connection, or said something on it that nobody asked for."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
