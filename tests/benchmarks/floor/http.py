"""The floor of a plan over REST: the same requests over kept-alive sockets, one question at a time on each."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from threading import Thread

CONNECTIONS = 16
_CHUNK = 1 << 18


def read_all(port: int, targets: Sequence[str], connections: int = CONNECTIONS) -> int:
    """Read every target of a server on the loopback address once.

    Returns:
        the number of bytes of all bodies.

    Raises:
        ValueError: an answer that is not 200.
    """
    remaining = iter(targets)
    sizes: list[int] = []
    failures: list[Exception] = []

    def work() -> None:
        try:
            sizes.append(_read_some(port, remaining))
        except (OSError, ValueError) as error:
            failures.append(error)

    threads = [Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(sizes)


def _read_some(port: int, targets: Iterator[str]) -> int:
    size = 0
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for target in targets:
            sock.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            size += len(_read_body(sock, target))
    return size


def _read_body(sock: socket.socket, target: str) -> bytes:
    head, _, body = sock.recv(_CHUNK).partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise ValueError(f"{target} answered {head[:40]!r}")
    if b"transfer-encoding: chunked" in head.lower():
        return _read_chunks(sock, target, body)
    length = int(head[head.lower().index(b"content-length: ") + 16 :].split(b"\r\n", 1)[0])
    if len(body) == length:
        return body
    parts, missing = [body], length - len(body)
    while missing:
        part = sock.recv(min(missing, _CHUNK))
        if not part:
            raise ValueError(f"{target} ended early")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _read_chunks(sock: socket.socket, target: str, body: bytes) -> bytes:
    """All that comes up to the last chunk, with the sizes of the chunks in it: a floor need not take them out."""
    while not body.endswith(b"0\r\n\r\n"):
        part = sock.recv(_CHUNK)
        if not part:
            raise ValueError(f"{target} ended early")
        body += part
    return body
