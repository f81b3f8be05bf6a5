"""Encrypted connections: who is trusted, and what is said when one is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.errors import ConfigurationError, UnreachableError
from reconciler.http import Request, Tls
from tests.doubles.certificates import CertificateFiles, write_certificates
from tests.doubles.confluent import ConfluentDouble
from tests.unit.http.conftest import MakeClient, Waits
from tests.unit.http.expired_certificate import write_expired_certificate

SUBJECTS = Request("GET", "/subjects", purpose="list the subjects")


def test_a_server_of_the_configured_authority_is_trusted(
    make_client: MakeClient, certificates: CertificateFiles
) -> None:
    with ConfluentDouble(tls=certificates) as double:
        client = make_client(double.url, tls=Tls(ca=certificates.ca))

        answers = [client.send(SUBJECTS).json() for _ in range(3)]

    assert answers == [[], [], []]


def test_an_unknown_authority_is_told_as_such_and_not_tried_again(
    make_client: MakeClient, certificates: CertificateFiles, waits: Waits
) -> None:
    with ConfluentDouble(tls=certificates) as double, pytest.raises(UnreachableError) as caught:
        make_client(double.url).send(SUBJECTS)

    assert "certificate is not trusted" in caught.value.message
    assert "unable to get local issuer certificate" in (caught.value.detail or "")
    assert "tls.ca" in (caught.value.fix or "")
    assert waits.seconds == []


def test_a_certificate_for_another_host_is_refused(make_client: MakeClient, tmp_path: Path) -> None:
    files = write_certificates(tmp_path, host_names=("elsewhere.example",))
    with ConfluentDouble(tls=files) as double, pytest.raises(UnreachableError) as caught:
        make_client(double.url.replace("127.0.0.1", "localhost"), tls=Tls(ca=files.ca)).send(SUBJECTS)

    assert "certificate is not trusted" in caught.value.message
    assert "localhost" in (caught.value.detail or "")


def test_an_expired_certificate_is_refused(make_client: MakeClient, tmp_path: Path) -> None:
    files = write_expired_certificate(tmp_path)
    with ConfluentDouble(tls=files) as double, pytest.raises(UnreachableError) as caught:
        make_client(double.url, tls=Tls(ca=files.ca)).send(SUBJECTS)

    assert "expired" in (caught.value.detail or "")


def test_a_client_certificate_is_shown_to_a_server_that_asks(
    make_client: MakeClient, certificates: CertificateFiles
) -> None:
    tls = Tls(certificates.ca, certificates.client_certificate, certificates.client_key)
    with ConfluentDouble(tls=certificates, client_certificate_required=True) as double:
        assert make_client(double.url, tls=tls).send(SUBJECTS).json() == []


def test_without_the_client_certificate_a_server_that_asks_is_unreachable(
    make_client: MakeClient, certificates: CertificateFiles
) -> None:
    with (
        ConfluentDouble(tls=certificates, client_certificate_required=True) as double,
        pytest.raises(UnreachableError) as caught,
    ):
        make_client(double.url, tls=Tls(ca=certificates.ca)).send(SUBJECTS)

    assert caught.value.registry == "orders"


def test_plain_http_on_a_port_that_speaks_tls_is_no_crash(
    make_client: MakeClient, certificates: CertificateFiles
) -> None:
    with ConfluentDouble(tls=certificates) as double, pytest.raises(UnreachableError):
        make_client(double.url.replace("https", "http")).send(SUBJECTS)


def test_tls_on_a_port_that_speaks_plain_http_says_so(make_client: MakeClient) -> None:
    with ConfluentDouble() as double, pytest.raises(UnreachableError) as caught:
        make_client(double.url.replace("http", "https")).send(SUBJECTS)

    assert "TLS failed" in caught.value.message or "cut" in caught.value.message


@pytest.mark.parametrize("option", ["ca", "certificate"])
def test_a_missing_file_is_named(make_client: MakeClient, tmp_path: Path, option: str) -> None:
    tls = Tls(**{option: tmp_path / "absent.pem"})

    with pytest.raises(ConfigurationError) as caught:
        make_client("https://127.0.0.1:9", tls=tls).send(SUBJECTS)

    assert f"`tls.{option}`" in caught.value.message
    assert "absent.pem cannot be used: no such file" in caught.value.message


def test_a_file_that_is_no_certificate_is_named(make_client: MakeClient, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")

    with pytest.raises(ConfigurationError, match=r"ca\.pem cannot be used"):
        make_client("https://127.0.0.1:9", tls=Tls(ca=tmp_path / "ca.pem")).send(SUBJECTS)
