"""Opening a connection: address, proxy, encryption, patience."""

from __future__ import annotations

import select
import socket
import ssl
import struct

from reconciler.http.endpoint import Endpoint
from reconciler.http.faults import FaultKind, TransportError, make_fault
from reconciler.http.wire import AnswerReader


def open_connection(endpoint: Endpoint, context: ssl.SSLContext | None) -> socket.socket:
    """Connect to an endpoint, through its proxy where it has one.

    Args:
        endpoint: where to.
        context: what verifies the server; None for a connection that is not encrypted.

    Raises:
        TransportError: there is no connection.
    """
    sock = _open_socket(endpoint)
    try:
        if endpoint.proxy and endpoint.is_encrypted:
            _tunnel(sock, endpoint)
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


def is_stale(sock: socket.socket) -> bool:
    """Whether the server has closed an idle connection, or said something on it that nobody asked for."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _open_socket(endpoint: Endpoint) -> socket.socket:
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


def _tunnel(sock: socket.socket, endpoint: Endpoint) -> None:
    """Ask the proxy for a tunnel to the registry (RFC 9110, 9.3.6)."""
    assert endpoint.proxy is not None
    lines = [f"CONNECT {endpoint.address} HTTP/1.1", f"Host: {endpoint.address}"]
    if endpoint.proxy.authorization:
        lines.append(f"Proxy-Authorization: {endpoint.proxy.authorization}")
    sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    try:
        head = AnswerReader(sock).read_head()
    except (OSError, ValueError) as error:
        raise TransportError(FaultKind.PROXY, str(error), was_sent=False) from error
    if not 200 <= head.status < 300:
        raise TransportError(FaultKind.PROXY, f"{head.status} {head.reason}".strip(), was_sent=False)


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
