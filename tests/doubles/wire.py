"""An HTTP server for test doubles: it logs requests, checks credentials, speaks TLS and plays faults.

A double gives it one pure-looking function, `answer(request) -> reply`; everything about sockets stays here.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.doubles.certificates import CertificateFiles
from tests.doubles.faults import Fault, FaultKind, Faults

_GZIP_FROM_BYTES = 1_400


@dataclass(frozen=True)
class Request:
    """What a client sent; `path` is still percent-encoded, header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """What the double answers."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[Request], Reply]


@dataclass(frozen=True)
class Access:
    """Who may do what: user -> password, accepted bearer tokens, and denied (method, path pattern) pairs.

    With neither users nor tokens everybody is let in; denied paths hold for everybody.
    """

    users: Mapping[str, str] = field(default_factory=dict)
    tokens: frozenset[str] = frozenset()
    deny: tuple[tuple[str, str], ...] = ()

    @property
    def challenge(self) -> str:
        return 'Basic realm="SchemaRegistry"' if self.users else "Bearer"

    def knows(self, authorization: str) -> bool:
        scheme, _, credentials = authorization.partition(" ")
        match scheme.lower():
            case "basic":
                name, _, password = _decode_base64(credentials).partition(":")
                return name in self.users and self.users[name] == password
            case "bearer":
                return credentials in self.tokens
            case _:
                return not self.users and not self.tokens

    def denies(self, request: Request) -> bool:
        path = unquote(request.path)
        return any(fnmatchcase(request.method, m) and fnmatchcase(path, p) for m, p in self.deny)


def _decode_base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def make_json_reply(status: int, value: object, content_type: str = "application/json", **headers: str) -> Reply:
    """Wrap a value as a JSON reply; header names are given with underscores for dashes."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, json.dumps(value).encode(), {"Content-Type": content_type, **named})


class HttpDouble:
    """A double that listens on a free loopback port between `start` and `stop` (or in a `with` block)."""

    def __init__(
        self,
        answer: Answer,
        *,
        access: Access | None = None,
        tls: CertificateFiles | None = None,
        client_certificate_required: bool = False,
    ) -> None:
        self.answer = answer
        self.access = access or Access()
        self.faults = Faults()
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self.most_at_once = 0
        self._at_once = 0
        self._counting = threading.Lock()
        self._tls = _make_tls_context(tls, client_certificate_required) if tls else None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        if self._server is None:
            raise RuntimeError("the double is not started: use it in a `with` block or call start()")
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    def start(self) -> Self:
        self.stopping.clear()
        self._server = _Server(self)
        if self._tls:
            # The handshake is left to the connection's own thread: a silent client must not block accept().
            self._server.socket = self._tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        if self._server is None or self._thread is None:
            return
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.close_connections()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def refuse_stranger(self) -> Reply:
        """Answer who is not known."""
        body = {"error_code": 401, "message": "Unauthorized"}
        return make_json_reply(401, body, WWW_Authenticate=self.access.challenge)

    def refuse_denied(self, request: Request) -> Reply:
        """Answer who is known and may not."""
        message = f"User is denied operation on {unquote(request.path)}"
        return make_json_reply(403, {"error_code": 40301, "message": message})

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count a request that is being served; `most_at_once` is the highest number so far."""
        with self._counting:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            with self._counting:
                self._at_once -= 1

    @property
    def is_busy(self) -> bool:
        """Whether a request is being served, be it that nobody waits for its answer any more."""
        with self._counting:
            return self._at_once > 0

    def count(self, method: str = "*", path: str = "*") -> int:
        """Count logged requests whose method and decoded path match the shell patterns."""
        return sum(
            fnmatchcase(request.method, method) and fnmatchcase(unquote(request.path), path)
            for request in list(self.requests)
        )


def _make_tls_context(files: CertificateFiles, client_certificate_required: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.server_certificate, files.server_key)
    if client_certificate_required:
        context.load_verify_locations(files.ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, double: HttpDouble) -> None:
        self.double = double
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        with self._lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        with self._lock:
            left = list(self._open)
        for connection in left:
            _close_abruptly(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent: a client that hangs up or fails a handshake is a case under test, not an error here."""


def _close_abruptly(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # The client was quicker: what we wanted is already so.
        return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:
        """Keep test output clean: the log is `HttpDouble.requests`."""

    def _serve(self) -> None:
        with self.server.double.counted():
            self._serve_counted(self.server.double)

    def _serve_counted(self, double: HttpDouble) -> None:
        request = self._read_request_head()
        fault = double.faults.take(request.method, request.path)
        if fault and fault.kind is FaultKind.DROP_BEFORE_READING:
            double.requests.append(request)
            self._drop()
            return
        request = Request(request.method, request.path, request.query, request.headers, self._read_body())
        double.requests.append(request)
        if fault and fault.kind is FaultKind.SLOW:
            double.stopping.wait(fault.delay)
        self._send(request, self._make_reply(request, fault), fault)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = _serve  # noqa: N815 (the names that http.server calls)

    def _read_request_head(self) -> Request:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, parts.path, query, headers)

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(iter(self._read_chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _read_chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        chunk = self.rfile.read(size)
        self.rfile.readline()
        return chunk

    def _make_reply(self, request: Request, fault: Fault | None) -> Reply:
        double = self.server.double
        if fault and (early := fault.make_reply_parts()):
            return Reply(*early)
        if not double.access.knows(request.headers.get("authorization", "")):
            return double.refuse_stranger()
        if double.access.denies(request):
            return double.refuse_denied(request)
        return double.answer(request)

    def _send(self, request: Request, reply: Reply, fault: Fault | None) -> None:
        if fault and fault.kind is FaultKind.DROP_AFTER_COMMIT:
            self._drop()
            return
        body, headers = _compress(request, reply)
        announced = len(body) + 64 if fault and fault.kind is FaultKind.HALF_JSON else len(body)
        lines = [f"HTTP/1.1 {reply.status} {responses.get(reply.status, '')}"]
        lines += [f"{name}: {value}" for name, value in {**headers, "Content-Length": announced}.items()]
        if announced != len(body):
            body = body[: len(body) // 2]
        # One write: head and body in two packets would wait for the client's delayed acknowledgement.
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.wfile.write(head if request.method == "HEAD" else head + body)
        if announced > len(body):
            self._drop()

    def _drop(self) -> None:
        self.close_connection = True
        _close_abruptly(self.connection)


def _compress(request: Request, reply: Reply) -> tuple[bytes, dict[str, str]]:
    headers = dict(reply.headers)
    if "gzip" in request.headers.get("accept-encoding", "") and len(reply.body) >= _GZIP_FROM_BYTES:
        return gzip.compress(reply.body, compresslevel=1), {**headers, "Content-Encoding": "gzip"}
    return reply.body, headers
