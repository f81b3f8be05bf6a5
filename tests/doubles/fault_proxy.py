"""A proxy between a client and a registry that counts requests and lets some of them suffer faults.

It stands where the server's address is configured, speaks plain HTTP/1.1 both ways, and knows of registries only which
of their requests write.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.client import HTTPConnection, responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_POSTED_WRITES = re.compile(
    # Confluent's interface, Apicurio's own but for dry runs, Pulsar's, and operations of AWS by the target's header.
    r".*/subjects/[^/]+/versions"
    r"|.*/artifacts(/[^/]+/(versions|rules))?(\?ifExists=\w+)?|.*/(groups|groups/[^/]+/rules)"
    r"|.*/schemas/[^/]+/[^/]+/[^/]+/schema"
    r"|AWSGlue\.(Create|Register|Update|Delete|Put|Remove|Tag|Untag)\w+"
)
_DROPPED_HEADERS = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive"})


class WireFault(StrEnum):
    """What befalls a request; the names that say `after` come once the server has done what was asked."""

    REFUSE = "refuse"
    """From this request on no connection is accepted, until the proxy is told to."""
    RESET = "reset"
    """Half of the request reaches the server, then both connections are reset."""
    RESET_AFTER = "reset after"
    DELAY = "delay"
    """The request reaches the server only when the client has given up on it."""
    DELAY_AFTER = "delay after"
    TRUNCATE_AFTER = "truncate after"
    ERROR_500 = "500"
    ERROR_500_AFTER = "500 after"
    ERROR_503 = "503"
    ERROR_503_AGAIN = "503 again and again"
    TOO_MANY = "429"
    KILL = "kill"
    """The client's process is killed before the request reaches the server."""
    KILL_AFTER = "kill after"


Page = tuple[int, dict[str, str], bytes | None]
"""An answer of the proxy's own: status, headers, and the body if it is not the usual one."""

_PAGES: Mapping[WireFault, Page] = {
    WireFault.ERROR_500: (500, {}, None),
    WireFault.ERROR_500_AFTER: (500, {}, None),
    WireFault.ERROR_503: (503, {"Retry-After": "0"}, None),
    WireFault.ERROR_503_AGAIN: (503, {"Retry-After": "0"}, None),
}
_LASTING = frozenset({WireFault.REFUSE, WireFault.ERROR_503_AGAIN})


@dataclass(frozen=True)
class Passed:
    """A request that came by; where a service has one path for everything, `path` is the operation."""

    method: str
    path: str

    @property
    def is_write(self) -> bool:
        """Whether it asks a registry for a change: neither a look-up nor a check."""
        return self.method in ("PUT", "DELETE") or (self.method == "POST" and bool(_POSTED_WRITES.fullmatch(self.path)))


@dataclass
class FaultProxy:
    """A proxy on a free loopback port in front of `target`, used in a `with` block.

    `delay` is in seconds. `find_victim` names the process that a kill ends. `too_many` is how the server asks to slow
    down.
    """

    target: str
    delay: float = 0.6
    too_many: Page = (429, {"Retry-After": "0"}, None)
    find_victim: Callable[[], int] = lambda: 0
    passed: list[Passed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: Mapping[int, WireFault] = {}
        self._lasting: WireFault | None = None
        self._server: _Server | None = None
        self._under_way = 0
        self._idle = threading.Condition(self._lock)
        self.stopping = threading.Event()

    @property
    def url(self) -> str:
        assert self._server is not None, "the proxy is not started: use it in a `with` block"
        return f"http://127.0.0.1:{self._server.server_address[1]}{urlsplit(self.target).path}"

    def arm(self, faults: Mapping[int, WireFault] | None = None) -> None:
        """Forget what was; from now on let requests suffer faults, by their number, counted from 0."""
        with self._lock:
            self.passed.clear()
            self._faults, self._lasting = faults or {}, None

    @property
    def struck(self) -> frozenset[int]:
        """The numbers of the requests that suffered faults of their own."""
        with self._lock:
            return frozenset(number for number in self._faults if number < len(self.passed))

    def take(self, method: str, path: str) -> WireFault | None:
        """Count a request; the fault that it suffers, if any."""
        with self._lock:
            fault = self._lasting or self._faults.get(len(self.passed))
            self.passed.append(Passed(method, path))
            if fault in _LASTING:
                self._lasting = fault
            return fault

    @contextmanager
    def handing_on(self) -> Iterator[None]:
        """Count a request that the server works on, be it that nobody waits for its answer any more."""
        with self._idle:
            self._under_way += 1
        try:
            yield
        finally:
            with self._idle:
                self._under_way -= 1
                self._idle.notify_all()

    def wait_until_idle(self, seconds: float = 60.0) -> None:
        """Wait until the server works on nothing: what comes late would fall into whatever is tried next."""
        with self._idle:
            assert self._idle.wait_for(lambda: self._under_way == 0, seconds), "a request never ended"

    @property
    def is_refusing(self) -> bool:
        with self._lock:
            return self._lasting is WireFault.REFUSE

    def __enter__(self) -> Self:
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, proxy: FaultProxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), _Handler)

    def verify_request(self, request: object, client_address: object) -> bool:
        if self.proxy.is_refusing and isinstance(request, socket.socket):
            _reset_when_closed(request)
            return False
        return True

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: clients that are gone are what this is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server
    upstream: HTTPConnection | None = None

    def log_message(self, format: str, *args: object) -> None:
        """Keep test output clean."""

    def _serve(self) -> None:
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        match proxy.take(self.command, self.headers.get("X-Amz-Target") or self.path):
            case WireFault.REFUSE:
                self._reset()
            case WireFault.RESET:
                self._send_half(body)
                self._reset()
            case WireFault.DELAY:
                proxy.stopping.wait(proxy.delay)
                self._answer(*self._forward(body))
            case WireFault.DELAY_AFTER:
                answer = self._forward(body)
                proxy.stopping.wait(proxy.delay)
                self._answer(*answer)
            case WireFault.RESET_AFTER:
                self._forward(body)
                self._reset()
            case WireFault.TRUNCATE_AFTER:
                self._answer(*self._forward(body), is_whole=False)
                self._reset()
            case WireFault.ERROR_500_AFTER as fault:
                self._forward(body)
                self._answer_with_page(fault)
            case WireFault.KILL:
                _kill(proxy.find_victim())
                self._reset()
            case WireFault.KILL_AFTER:
                self._forward(body)
                _kill(proxy.find_victim())
                self._reset()
            case None:
                self._answer(*self._forward(body))
            case page:
                self._answer_with_page(page)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _serve  # noqa: N815 (the names that http.server calls)

    def finish(self) -> None:
        super().finish()
        if self.upstream:
            self.upstream.close()

    def _connect(self) -> HTTPConnection:
        if self.upstream is None:
            parts = urlsplit(self.server.proxy.target)
            self.upstream = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        return self.upstream

    def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        with self.server.proxy.handing_on():
            return self._ask(body)

    def _ask(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        upstream = self._connect()
        headers = {n: v for n, v in self.headers.items() if n.lower() not in _DROPPED_HEADERS}
        upstream.request(self.command, self.path, body or None, headers)
        reply = upstream.getresponse()
        content = reply.read()
        return reply.status, {n: v for n, v in reply.getheaders() if n.lower() not in _DROPPED_HEADERS}, content

    def _send_half(self, body: bytes) -> None:
        """Let the server see the beginning of the request: all of its head, less than its body."""
        parts = urlsplit(self.server.proxy.target)
        lines = [f"{self.command} {self.path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body) + 2}"]
        head = "\r\n".join([*lines, "Content-Type: application/json", "", ""]).encode()
        with socket.create_connection((parts.hostname or "", parts.port or 80)) as half:
            half.sendall(head + body[: len(body) // 2])
            _reset_when_closed(half)

    def _answer_with_page(self, fault: WireFault) -> None:
        status, headers, body = _PAGES.get(fault, self.server.proxy.too_many)
        self._answer(status, headers, body or b'{"error_code": %d, "message": "a fault of the test"}' % status)

    def _answer(self, status: int, headers: dict[str, str], body: bytes, is_whole: bool = True) -> None:
        lines = [f"HTTP/1.1 {status} {responses.get(status, '')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()] + [f"Content-Length: {len(body)}", "", ""]
        self.wfile.write("\r\n".join(lines).encode("latin-1") + (body if is_whole else body[: len(body) // 2]))

    def _reset(self) -> None:
        self.close_connection = True
        _reset_when_closed(self.connection)


def _reset_when_closed(connection: socket.socket) -> None:
    """Let the other side see a reset, not an orderly end, when the connection is closed."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _kill(process: int) -> None:
    os.kill(process, signal.SIGKILL)
