"""The one seam to registries that speak HTTP: requests and responses as values, and a client that sends them.

::

    HttpClient      retries, pace, redirects, errors            client.py, retry.py, pace.py, failures.py
    ├── Fleet       several endpoints, whoever answers           failover.py
    └── Transport   one request, one answer                     transport.py
        ├── OrdinaryTransport   httpx, for single reads         ordinary.py
        └── LeanTransport       kept-alive sockets, for much    lean.py, exchanges.py, connecting.py, wire.py
    Endpoint        URL, credentials, certificates, proxy       endpoint.py, proxies.py
    HttpOptions     the same as keys of schemafed.yaml          options.py
"""

from reconciler.http.client import ClientSettings, EndpointAnswer, HttpClient
from reconciler.http.endpoint import Endpoint, Proxy, Tls, make_basic, make_endpoint
from reconciler.http.lean import LeanTransport
from reconciler.http.messages import Request, Response, make_path
from reconciler.http.ordinary import OrdinaryTransport
from reconciler.http.retry import RetryPolicy
from reconciler.http.transport import Transport

__all__ = [
    "ClientSettings",
    "Endpoint",
    "EndpointAnswer",
    "HttpClient",
    "LeanTransport",
    "OrdinaryTransport",
    "Proxy",
    "Request",
    "Response",
    "RetryPolicy",
    "Tls",
    "Transport",
    "make_basic",
    "make_endpoint",
    "make_path",
]
