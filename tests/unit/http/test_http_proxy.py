"""Going through a proxy, and being refused by one."""

from __future__ import annotations

import pytest

from reconciler.errors import UnreachableError
from reconciler.http import Request, Tls
from tests.doubles.certificates import CertificateFiles
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.proxy import ProxyDouble
from tests.unit.http.conftest import MakeClient, Waits

SUBJECTS = Request("GET", "/subjects", {"deleted": "true"})


def test_plain_http_goes_through_the_proxy_by_absolute_address(make_client: MakeClient) -> None:
    with ConfluentDouble() as double, ProxyDouble() as proxy:
        answer = make_client(double.url, proxy=proxy.url).send(SUBJECTS)

        assert answer.json() == []
        assert proxy.requests == [f"GET {double.url}/subjects?deleted=true HTTP/1.1"]


def test_tls_goes_through_a_tunnel(make_client: MakeClient, certificates: CertificateFiles) -> None:
    with ConfluentDouble(tls=certificates) as double, ProxyDouble() as proxy:
        answer = make_client(double.url, proxy=proxy.url, tls=Tls(ca=certificates.ca)).send(SUBJECTS)

        assert answer.json() == []
        assert proxy.requests == [f"CONNECT 127.0.0.1:{double.port} HTTP/1.1"]


def test_the_proxy_gets_its_credentials_and_the_registry_its_own(make_client: MakeClient) -> None:
    with ConfluentDouble(tokens=frozenset({"t"})) as double, ProxyDouble(credentials=("ann", "p:w/d")) as proxy:
        with_user = proxy.url.replace("//", "//ann:p%3Aw%2Fd@")
        answer = make_client(double.url, proxy=with_user, authorization="Bearer t").send(SUBJECTS)

        assert answer.status == 200
        assert "proxy-authorization" not in double.requests[0].headers


def test_the_tunnel_gets_its_credentials(make_client: MakeClient, certificates: CertificateFiles) -> None:
    with ConfluentDouble(tls=certificates) as double, ProxyDouble(credentials=("ann", "pw")) as proxy:
        with_user = proxy.url.replace("//", "//ann:pw@")
        answer = make_client(double.url, proxy=with_user, tls=Tls(ca=certificates.ca)).send(SUBJECTS)

        assert answer.status == 200
        assert "proxy-authorization" not in double.requests[0].headers


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_a_proxy_that_wants_credentials_is_told_from_the_registry(
    make_client: MakeClient, certificates: CertificateFiles, waits: Waits, is_encrypted: bool
) -> None:
    tls = certificates if is_encrypted else None
    with ConfluentDouble(tls=tls) as double, ProxyDouble(credentials=("ann", "pw")) as proxy:
        with pytest.raises(UnreachableError) as caught:
            make_client(double.url, proxy=proxy.url, tls=Tls(ca=certificates.ca)).send(SUBJECTS)

        assert "proxy" in caught.value.message
        assert "proxy" in (caught.value.fix or "")
        assert double.requests == []
        assert waits.seconds == []


def test_a_proxy_that_is_not_there_is_named(make_client: MakeClient, certificates: CertificateFiles) -> None:
    with ConfluentDouble() as double, pytest.raises(UnreachableError) as caught:
        make_client(double.url, proxy="http://127.0.0.1:9").send(SUBJECTS)

    assert "(proxy 127.0.0.1:9)" in caught.value.message
