"""Every test of a transport runs over both of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from reconciler.http import (
    ClientSettings,
    HttpClient,
    LeanTransport,
    OrdinaryTransport,
    RetryPolicy,
    Tls,
    Transport,
    make_endpoint,
)
from reconciler.http.endpoint import Endpoint
from reconciler.http.proxies import make_proxy

MakeClient = Callable[..., HttpClient]


@dataclass
class Waits:
    """The seconds that a client would have slept."""

    seconds: list[float]


@pytest.fixture
def waits() -> Waits:
    return Waits([])


@pytest.fixture(params=[OrdinaryTransport, LeanTransport], ids=["ordinary", "lean"])
def transport_class(request: pytest.FixtureRequest) -> type[Any]:
    return request.param


@pytest.fixture
def make_client(transport_class: type[Any], waits: Waits) -> Iterator[MakeClient]:
    """Make a client of a URL over the transport under test, which sleeps in no time."""
    opened: list[HttpClient] = []

    def make(
        url: str,
        *,
        authorization: str | None = None,
        tls: Tls | None = None,
        proxy: str | None = None,
        retries: int = 2,
        timeout: float = 5.0,
        settings: ClientSettings | None = None,
    ) -> HttpClient:
        endpoint = make_endpoint(
            url,
            authorization=authorization,
            tls=tls,
            proxy=make_proxy(proxy) if proxy else None,
            connect_timeout=timeout,
            read_timeout=timeout,
        )
        client = make_client_over(transport_class(endpoint), endpoint, retries, waits, settings)
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()


def make_client_over(
    transport: Transport, endpoint: Endpoint, retries: int, waits: Waits, settings: ClientSettings | None = None
) -> HttpClient:
    settings = dataclasses.replace(settings or ClientSettings(), retry=RetryPolicy(retries=retries))
    return HttpClient(
        endpoint,
        settings,
        "orders",
        transport=transport,
        bulk_transport=transport,
        sleep=waits.seconds.append,
        draw=lambda: 1.0,
    )
