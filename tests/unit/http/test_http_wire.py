"""Reading answers byte by byte, however they are cut."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading

import pytest

from reconciler.http.faults import FaultKind, TransportError
from reconciler.http.wire import Answer, AnswerReader


def read(message: bytes, method: str = "GET", piece: int = 65_536) -> Answer:
    """Read an answer that arrives in pieces and is followed by the end of the connection."""
    ours, theirs = socket.socketpair()

    def send() -> None:
        # The reader may have given up before the end.
        with theirs, contextlib.suppress(OSError):
            for start in range(0, len(message), piece):
                theirs.sendall(message[start : start + piece])

    sender = threading.Thread(target=send)
    sender.start()
    try:
        return AnswerReader(ours).read(method)
    finally:
        ours.close()
        sender.join()


PACKED = gzip.compress(b'{"a": 1}', mtime=0)
WHOLE = [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "GET", (200, b"[]", False)),
    (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nConnection: Close\r\n\r\n[]", "GET", (200, b"[]", True)),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n[]", "GET", (200, b"[]", True)),
    (b"HTTP/1.1 200 OK\r\n\r\nto the end", "GET", (200, b"to the end", True)),
    (b"HTTP/1.1 204 No Content\r\n\r\n", "DELETE", (204, b"", False)),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "HEAD", (200, b"", False)),
    (b"HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", "GET", (404, b"", False)),
    (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1", "POST", (200, b"1", False)),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\nT: 1\r\n\r\n",
        "GET",
        (200, b"abc0123456789", False),
    ),
    (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(PACKED), PACKED),
        "GET",
        (200, b'{"a": 1}', False),
    ),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]HTTP/1.1", "GET", (200, b"[]", True)),
]


@pytest.mark.parametrize("piece", [1, 7, 65_536])
@pytest.mark.parametrize(("message", "method", "expected"), WHOLE)
def test_an_answer_is_read_whole(message: bytes, method: str, expected: tuple[int, bytes, bool], piece: int) -> None:
    answer = read(message, method, piece)

    assert (answer.status, answer.body) == expected[:2]
    if not message.endswith(b"HTTP/1.1"):
        assert answer.is_last is expected[2]


def test_headers_are_found_by_small_names() -> None:
    answer = read(b"HTTP/1.1 429 Too Many\r\nRetry-After:  5 \r\nContent-Length: 0\r\nX: a:b\r\n\r\n")

    assert answer.headers == {"retry-after": "5", "content-length": "0", "x": "a:b"}
    assert answer.reason == "Too Many"


BROKEN = [
    (b"", FaultKind.CUT, "closed"),
    (b"HTTP/1.1 200 OK\r\nContent-Le", FaultKind.GARBLED, "ended early"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n[]", FaultKind.GARBLED, "2 of 5 bytes"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", FaultKind.GARBLED, "3 of 9 bytes"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", FaultKind.GARBLED, "not HTTP"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", FaultKind.GARBLED, "not HTTP"),
    (b"HTTP/1.1 fine\r\n\r\n", FaultKind.GARBLED, "not HTTP"),
    (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", FaultKind.GARBLED, "begins with 'SSH"),
    (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope", FaultKind.GARBLED, "not HTTP"),
    (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx", FaultKind.GARBLED, "'br'"),
    (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000, FaultKind.GARBLED, "headers without an end"),
]


@pytest.mark.parametrize(("message", "kind", "words"), BROKEN)
def test_what_is_no_whole_answer_says_why(message: bytes, kind: FaultKind, words: str) -> None:
    with pytest.raises(TransportError) as caught:
        read(message)

    assert caught.value.kind is kind
    assert words in caught.value.detail
    assert caught.value.was_sent
