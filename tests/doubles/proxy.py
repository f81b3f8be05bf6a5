"""A forward HTTP proxy: absolute URIs and CONNECT, with optional basic authentication."""

from __future__ import annotations

import base64
import contextlib
import select
import socket
import socketserver
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_IDLE_SECONDS = 0.2
_HOP_HEADERS = ("proxy-authorization:", "proxy-connection:", "connection:")


@dataclass
class ProxyDouble:
    """A proxy on a free loopback port; `requests` logs each request line that it was given.

    `credentials` is (name, password); without them everybody may pass. Each plain request is a connection of its own.
    """

    credentials: tuple[str, str] | None = None
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stopping = threading.Event()
        self._server: _ProxyServer | None = None

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("the proxy is not started: use it in a `with` block")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._server = _ProxyServer(self)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def admits(self, head: list[str]) -> bool:
        if self.credentials is None:
            return True
        expected = base64.b64encode(":".join(self.credentials).encode()).decode()
        return any(
            line.lower().startswith("proxy-authorization:") and line.split()[-1] == expected for line in head[1:]
        )


class _ProxyServer(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, double: ProxyDouble) -> None:
        self.double = double
        super().__init__(("127.0.0.1", 0), _ProxyHandler)


class _ProxyHandler(socketserver.StreamRequestHandler):
    server: _ProxyServer

    def handle(self) -> None:
        head = self._read_head()
        if not head:
            return
        self.server.double.requests.append(head[0])
        if not self.server.double.admits(head):
            challenge = 'Proxy-Authenticate: Basic realm="proxy"'
            self.wfile.write(
                f"HTTP/1.1 407 Proxy Authentication Required\r\n{challenge}\r\nContent-Length: 0\r\n\r\n".encode()
            )
            return
        with contextlib.suppress(OSError):
            self._forward(head)

    def _read_head(self) -> list[str]:
        lines = []
        while line := self.rfile.readline().decode("latin-1").strip():
            lines.append(line)
        return lines

    def _forward(self, head: list[str]) -> None:
        method, target, version = head[0].split()
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            with socket.create_connection((host, int(port))) as upstream:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self._relay(upstream)
            return
        parts = urlsplit(target)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        kept = [line for line in head[1:] if not line.lower().startswith(_HOP_HEADERS)]
        with socket.create_connection((parts.hostname or "", parts.port or 80)) as upstream:
            sent = [f"{method} {path} {version}", *kept, "Connection: close", "", ""]
            upstream.sendall("\r\n".join(sent).encode("latin-1"))
            self._relay(upstream)

    def _relay(self, upstream: socket.socket) -> None:
        """Copy bytes both ways until either side has finished."""
        buffered = self.rfile.peek() if self._has_input() else b""  # type: ignore[attr-defined]
        if buffered:
            upstream.sendall(self.rfile.read(len(buffered)))
        pair = {self.connection: upstream, upstream: self.connection}
        while not self.server.double.stopping.is_set():
            for ready in select.select(list(pair), [], [], _IDLE_SECONDS)[0]:
                data = ready.recv(65536)
                if not data:
                    return
                pair[ready].sendall(data)

    def _has_input(self) -> bool:
        """Whether the head's buffer holds more: the body's first bytes often come along with it."""
        self.connection.setblocking(False)
        try:
            return bool(self.rfile.peek())  # type: ignore[attr-defined]
        except BlockingIOError:
            return False
        finally:
            self.connection.setblocking(True)
