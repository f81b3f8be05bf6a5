"""What carries one request to a registry and its answer back."""

from __future__ import annotations

from typing import Protocol

from reconciler import __version__
from reconciler.http.endpoint import Endpoint
from reconciler.http.messages import Request, Response


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


def make_headers(endpoint: Endpoint, request: Request) -> dict[str, str]:
    """Make the headers of a request, as both transports send them."""
    headers = {
        "Host": endpoint.authority,
        "User-Agent": f"schemafed/{__version__}",
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
    }
    if endpoint.authorization:
        headers["Authorization"] = endpoint.authorization
    if endpoint.proxy and endpoint.proxy.authorization and not endpoint.is_encrypted:
        headers["Proxy-Authorization"] = endpoint.proxy.authorization
    if request.body is not None or request.method in {"POST", "PUT"}:
        headers["Content-Length"] = str(len(request.body or b""))
    headers.update(request.headers)
    return headers
