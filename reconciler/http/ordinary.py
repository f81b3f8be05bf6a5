"""The transport for single reads: httpx, imported when the first request is sent."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from reconciler.http.endpoint import Endpoint, load_ssl_context
from reconciler.http.faults import FaultKind, TransportError, make_fault
from reconciler.http.messages import Request, Response
from reconciler.http.transport import make_headers

if TYPE_CHECKING:
    import httpx


class OrdinaryTransport:
    """Speaks through httpx; satisfies :class:`reconciler.http.transport.Transport`."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._client: httpx.Client | None = None
        self._lock = Lock()

    def send(self, request: Request) -> Response:
        """Send one request; see :meth:`reconciler.http.transport.Transport.send`."""
        import httpx

        client = self._get_client()
        url = httpx.URL(self._endpoint.origin).copy_with(
            raw_path=request.make_target(self._endpoint.prefix).encode("ascii")
        )
        message = httpx.Request(
            request.method, url, headers=make_headers(self._endpoint, request), content=request.body
        )
        try:
            answer = client.send(message, stream=True)
        except (httpx.HTTPError, OSError, UnicodeError) as error:
            raise self._make_fault(error) from error
        return _read_answer(answer, request)

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _get_client(self) -> httpx.Client:
        import httpx

        with self._lock:
            if self._client is None:
                self._client = httpx.Client(
                    verify=load_ssl_context(self._endpoint.tls) if self._endpoint.is_encrypted else False,
                    proxy=self._make_proxy(),
                    timeout=httpx.Timeout(self._endpoint.read_timeout, connect=self._endpoint.connect_timeout),
                    limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
                    # The environment was already asked for a proxy; a .netrc file shall not add credentials.
                    trust_env=False,
                )
            return self._client

    def _make_proxy(self) -> httpx.Proxy | None:
        import httpx

        proxy = self._endpoint.proxy
        if proxy is None:
            return None
        headers = {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}
        return httpx.Proxy(f"http://{proxy}", headers=headers)

    def _make_fault(self, error: BaseException) -> TransportError:
        import httpx

        unsent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
        if isinstance(error, httpx.ProxyError):
            return TransportError(FaultKind.PROXY, str(error), was_sent=False)
        fault = make_fault(error, was_sent=not isinstance(error, unsent))
        if isinstance(error, httpx.RemoteProtocolError) and "without sending a response" not in str(error):
            return TransportError(FaultKind.GARBLED, str(error), was_sent=True)
        return self._blame_proxy(fault)

    def _blame_proxy(self, fault: TransportError) -> TransportError:
        """Before a tunnel stands, whoever cannot be connected to is the proxy."""
        if self._endpoint.proxy and fault.kind in {FaultKind.NAME, FaultKind.CONNECT}:
            return TransportError(FaultKind.PROXY, fault.detail, was_sent=False)
        return fault


def _read_answer(answer: httpx.Response, request: Request) -> Response:
    import httpx

    try:
        body = answer.read()
    except (httpx.HTTPError, OSError) as error:
        fault = make_fault(error, was_sent=True)
        kind = FaultKind.TIMEOUT if fault.kind is FaultKind.TIMEOUT else FaultKind.GARBLED
        raise TransportError(kind, f"the answer ended early: {fault.detail}", was_sent=True) from error
    finally:
        answer.close()
    return Response(answer.status_code, dict(answer.headers), body, request)
