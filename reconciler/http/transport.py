"""What carries one request to a registry and its answer back."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Protocol, runtime_checkable

from reconciler import __version__
from reconciler.http.endpoint import Endpoint
from reconciler.http.messages import Request, Response
from reconciler.http.wire import Answer


class Transport(Protocol):
    """Sends requests to one endpoint, from several threads at once."""

    def send(self, request: Request) -> Response:
        """Send one request, once, and read the whole answer, whatever its status.

        Redirects are answers like any other.

        Raises:
            TransportError: there is no whole answer.
            ConfigurationError: a certificate file cannot be used.
        """
        ...

    def close(self) -> None:
        """Give back the connections; answers still under way are thrown away."""
        ...


@runtime_checkable
class BulkTransport(Transport, Protocol):
    """A transport that also sends many requests at less cost than one by one."""

    def send_many(self, requests: Iterator[Request], connections: int) -> Generator[Answer, None, None]:
        """Send many reads over up to ``connections`` connections; answers come in the order of the requests.

        The first trouble is the end of it. Requests may have been taken, and sent, whose answers never come; they are
        reads, so that the caller can ask again. The answers also end early where the server keeps no connection open.

        Raises:
            TransportError: there is no whole answer, at the place of its request.
            ConfigurationError: as :meth:`send`.
        """
        ...


def make_headers(endpoint: Endpoint, request: Request) -> dict[str, str]:
    """Make the headers of a request, as both transports send them."""
    headers = {
        "Host": endpoint.authority,
        "User-Agent": f"schemafed/{__version__}",
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        **endpoint.headers,
    }
    if authorization := endpoint.current_authorization:
        headers["Authorization"] = authorization
    if endpoint.proxy and endpoint.proxy.authorization and not endpoint.is_encrypted:
        headers["Proxy-Authorization"] = endpoint.proxy.authorization
    if request.body is not None or request.method in {"POST", "PUT"}:
        headers["Content-Length"] = str(len(request.body or b""))
    headers.update(request.headers)
    return headers
