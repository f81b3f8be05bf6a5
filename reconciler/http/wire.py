"""HTTP/1.1 answers, read from a socket without ceremony (RFC 9112).

The standard library parses headers as if they were mail, which costs more than everything else about a small answer.
"""

from __future__ import annotations

import socket
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.http.faults import FaultKind, TransportError, make_fault

_CHUNK = 65_536
_LONGEST_HEAD = 65_536
_END_OF_HEAD = b"\r\n\r\n"
_NO_BODY = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came; ``is_last``: the connection cannot carry another."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    is_last: bool


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

    def read_head(self) -> tuple[str, str, dict[str, str]]:
        """Read status line and headers: the status line's version, the rest of it, and the headers."""
        while (end := self._buffer.find(_END_OF_HEAD)) < 0:
            if len(self._buffer) > _LONGEST_HEAD:
                raise ValueError("headers without an end")
            self._buffer += self._receive()
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        self._buffer = self._buffer[end + 4 :]
        version, _, status = lines[0].partition(" ")
        if not version.startswith("HTTP/1."):
            raise ValueError(f"the answer begins with {lines[0][:40]!r}")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return version, status, headers

    def _read_answer(self, method: str) -> Answer:
        version, status_line, headers = self.read_head()
        while status_line.startswith("1"):
            version, status_line, headers = self.read_head()
        code, _, reason = status_line.partition(" ")
        status = int(code)
        is_last = "close" in headers.get("connection", "").lower() or version == "HTTP/1.0"
        if method == "HEAD" or status in _NO_BODY:
            body = b""
        elif headers.get("transfer-encoding", "").lower() == "chunked":
            body = self._read_chunks()
        elif (length := headers.get("content-length")) is not None:
            body = self._read_exactly(int(length))
        else:
            body, is_last = self._read_to_end(), True
        return Answer(status, reason, headers, _decompress(body, headers), is_last or bool(self._buffer))

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
    encoding = headers.get("content-encoding", "identity").lower()
    if encoding == "identity" or not body:
        return body
    if encoding not in {"gzip", "x-gzip"}:
        raise ValueError(f"content encoding {encoding!r}, which was not asked for")
    return zlib.decompress(body, wbits=31)


def _garbled(detail: str) -> TransportError:
    return TransportError(FaultKind.GARBLED, detail, was_sent=True)
