"""HTTP/1.1 answers, read from a socket without ceremony (RFC 9112).

The standard library parses headers as if they were mail, which costs more than everything else about a small answer.
"""

from __future__ import annotations

import socket
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from reconciler.http.faults import FaultKind, TransportError, make_fault

_CHUNK = 65_536
_LONGEST_HEAD = 65_536
_END_OF_HEAD = b"\r\n\r\n"
_NO_BODY = frozenset({204, 304})


class Answer(NamedTuple):
    """One answer as it came; ``is_last``: the connection cannot carry another."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    is_last: bool


class Head(NamedTuple):
    """What stands before an answer's body; ``length`` is the body's in bytes, None where it is not told."""

    status: int
    reason: str
    headers: Mapping[str, str]
    is_last: bool
    is_chunked: bool
    length: int | None


@lru_cache(maxsize=64)
def parse_head(raw: bytes) -> Head:
    """Read status line and headers, without the empty line that ends them.

    Remembered, because thousands of small answers begin with one of a few heads.

    Raises:
        ValueError: it is not HTTP.
    """
    first, *lines = raw.decode("latin-1").split("\r\n")
    version, _, status_line = first.partition(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError(f"the answer begins with {first[:40]!r}")
    code, _, reason = status_line.partition(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = headers.get("content-length")
    return Head(
        int(code),
        reason,
        headers,
        is_last="close" in headers.get("connection", "").lower() or version == "HTTP/1.0",
        is_chunked=headers.get("transfer-encoding", "").lower() == "chunked",
        length=None if length is None else int(length),
    )


class AnswerReader:
    """Reads one answer from a socket; ``has_begun`` tells afterwards whether any byte of it came."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = b""
        self.has_begun = False

    def read(self, method: str) -> Answer:
        """Read the answer to a request with ``method``.

        Raises:
            TransportError: the connection ended early, was silent for too long, or what came is not HTTP.
        """
        try:
            return self._read_answer(method)
        except OSError as error:
            fault = make_fault(error, was_sent=True)
            if fault.kind is FaultKind.CUT and self.has_begun:
                raise _garbled(f"the answer ended early: {fault.detail}") from error
            raise fault from error
        except (ValueError, IndexError, zlib.error) as error:
            raise _garbled(f"not HTTP: {error}") from error

    def read_head(self) -> Head:
        """Read status line and headers."""
        while (end := self._buffer.find(_END_OF_HEAD)) < 0:
            if len(self._buffer) > _LONGEST_HEAD:
                raise ValueError("headers without an end")
            self._buffer += self._receive()
        head = parse_head(self._buffer[:end])
        self._buffer = self._buffer[end + 4 :]
        return head

    def _read_answer(self, method: str) -> Answer:
        head = self.read_head()
        while head.status < 200:
            head = self.read_head()
        body, is_last = self._read_body(method, head)
        return Answer(
            head.status, head.reason, head.headers, _decompress(body, head.headers), is_last or bool(self._buffer)
        )

    def _read_body(self, method: str, head: Head) -> tuple[bytes, bool]:
        """The body as it came, and whether the connection ends with it."""
        if method == "HEAD" or head.status in _NO_BODY:
            return b"", head.is_last
        if head.is_chunked:
            return self._read_chunks(), head.is_last
        if head.length is not None:
            return self._read_exactly(head.length), head.is_last
        return self._read_to_end(), True

    def _receive(self) -> bytes:
        data = self._sock.recv(_CHUNK)
        if not data:
            raise ConnectionError("the connection was closed")
        self.has_begun = True
        return data

    def _read_exactly(self, length: int) -> bytes:
        body = self._buffer[:length]
        self._buffer = self._buffer[length:]
        if len(body) == length:
            return body
        whole = bytearray(length)
        whole[: len(body)] = body
        view, filled = memoryview(whole), len(body)
        while filled < length:
            count = self._sock.recv_into(view[filled:])
            if not count:
                raise ConnectionError(f"{filled} of {length} bytes came")
            filled += count
        return bytes(whole)

    def _read_to_end(self) -> bytes:
        parts = [self._buffer]
        self._buffer = b""
        while data := self._sock.recv(_CHUNK):
            parts.append(data)
        return b"".join(parts)

    def _read_chunks(self) -> bytes:
        parts: list[bytes] = []
        while size := int(self._read_line().split(b";")[0], 16):
            parts.append(self._read_exactly(size))
            self._read_line()
        while self._read_line():
            pass
        return b"".join(parts)

    def _read_line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > _LONGEST_HEAD:
                raise ValueError("a line without an end")
            self._buffer += self._receive()
        line = self._buffer[:end]
        self._buffer = self._buffer[end + 2 :]
        return line


def _decompress(body: bytes, headers: Mapping[str, str]) -> bytes:
    encoding = headers.get("content-encoding", "identity").lower() if body else "identity"
    if encoding == "identity":
        return body
    if encoding not in {"gzip", "x-gzip"}:
        raise ValueError(f"content encoding {encoding!r}, which was not asked for")
    return zlib.decompress(body, wbits=31)


def _garbled(detail: str) -> TransportError:
    return TransportError(FaultKind.GARBLED, detail, was_sent=True)
