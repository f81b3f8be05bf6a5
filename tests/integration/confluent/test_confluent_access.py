"""Reaching the registry: health, credentials, certificates, proxies, gateways, options."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from adapters.confluent import ConfluentRegistry
from reconciler.errors import ConfigurationError, ForbiddenError, UnauthorizedError, UnreachableError
from reconciler.model import Dialect, Mode
from reconciler.registry import RegistrySettings
from tests.doubles.certificates import CertificateFiles
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.proxy import ProxyDouble
from tests.doubles.wire import Reply
from tests.integration.confluent.confluent_samples import answer_otherwise, avro, fill, open_registry


def test_health_names_the_server(confluent: ConfluentDouble) -> None:
    health = open_registry(confluent.url).check_health()

    assert health.product == "Confluent Schema Registry"
    assert health.version
    assert health.version.startswith(("7.9", "8.1"))
    assert health.seconds > 0


def test_a_server_that_does_not_tell_its_version_is_well(confluent: ConfluentDouble) -> None:
    double = answer_otherwise(confluent, "/v1/metadata/version", lambda request, original: Reply(404))

    health = open_registry(double.url).check_health()

    assert (health.product, health.version) == ("Confluent-compatible registry", None)


def test_basic_credentials() -> None:
    with ConfluentDouble(users={"ann": "pä:ss"}) as double:
        auth = {"kind": "basic", "username": "ann", "password": "pä:ss"}
        registry = open_registry(double.url, auth=auth)

        assert registry.register_schema("a", avro()).version == 1
        assert list(registry.read_state().subjects) == ["a"]


def test_a_token_below_a_gateway() -> None:
    with ConfluentDouble(tokens=frozenset({"t"}), base_path="/gateway/sr") as double:
        registry = open_registry(double.url, auth={"kind": "bearer", "token": "t"})

        assert registry.register_schema("a", avro()).version == 1
        assert list(registry.read_state().subjects) == ["a"]


def test_wrong_credentials_say_what_to_check() -> None:
    with ConfluentDouble(users={"ann": "pw"}) as double, pytest.raises(UnauthorizedError) as caught:
        open_registry(double.url, auth={"kind": "basic", "username": "ann", "password": "no"}).check_health()

    assert (caught.value.registry, caught.value.status) == ("orders", 401)
    assert "`auth`" in (caught.value.fix or "")


def test_a_missing_permission_names_the_subject() -> None:
    with ConfluentDouble(deny=(("POST", "/subjects/pay/versions"),)) as double, pytest.raises(ForbiddenError) as caught:
        open_registry(double.url).register_schema("pay", avro())

    assert (caught.value.registry, caught.value.subject, caught.value.status) == ("orders", "pay", 403)


def test_mutual_tls_with_files_of_the_repository(certificates: CertificateFiles) -> None:
    root = certificates.ca.parent
    tls = {"ca": "ca.pem", "certificate": certificates.client_certificate.name, "key": certificates.client_key.name}
    with ConfluentDouble(tls=certificates, client_certificate_required=True) as double:
        registry = open_registry(double.url, root=root, tls=tls)
        registry.set_compatibility(None, Mode.FULL)

        assert registry.read_state().default_mode is Mode.FULL


def test_through_a_proxy() -> None:
    with ConfluentDouble() as double, ProxyDouble() as proxy:
        registry = open_registry(double.url, proxy=proxy.url)
        registry.set_compatibility(None, Mode.FULL)

        assert registry.read_state().default_mode is Mode.FULL
        assert len(proxy.requests) >= 2


def test_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with ConfluentDouble() as double, ProxyDouble() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")

        open_registry(double.url).read_state()

        assert proxy.requests


def test_a_registry_that_is_not_there() -> None:
    with pytest.raises(UnreachableError) as caught:
        open_registry("http://127.0.0.1:9", retries=0).check_health()

    assert "127.0.0.1:9" in caught.value.message
    assert caught.value.registry == "orders"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "registry orders: `url` is missing"),
        ({"url": "http://r", "page_sise": 1}, "did you mean `page_size`"),
        ({"url": "http://r", "dialect": "karapce"}, "`dialect`: input should be 'confluent', 'karapace' or 'apicurio'"),
        ({"url": "http://r", "page_size": 5_000}, "`page_size`: input should be less than or equal to 1000"),
    ],
)
def test_options_are_checked_before_anything_is_asked(options: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ConfluentRegistry(RegistrySettings("orders", "confluent", Path(), options))

    assert words in caught.value.message


def test_reading_does_not_need_the_heavy_client(confluent: ConfluentDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(confluent, "ab")
    monkeypatch.setitem(sys.modules, "httpx", None)
    registry = open_registry(confluent.url)

    registry.read_state()
    registry.close()

    assert registry.read_history("a")[0].version == 1


def test_a_server_that_fails_to_tell_its_version_is_well(confluent: ConfluentDouble) -> None:
    double = answer_otherwise(confluent, "/v1/metadata/version", lambda request, original: Reply(500))

    assert open_registry(double.url, retries=0).check_health().version is None


def test_health_of_apicurio_asks_beside_the_interface() -> None:
    with ConfluentDouble(base_path="/registry/apis/ccompat/v7") as double:
        answer_otherwise(double, "/registry/apis/ccompat/v7/v1/metadata/version", lambda request, original: Reply(404))
        info = "/registry/apis/registry/v3/system/info"
        answer_otherwise(double, info, lambda request, original: Reply(200, b'{"version": "3.3.3"}'))

        health = open_registry(double.url).check_health()

    assert (health.product, health.version) == ("Apicurio Registry", "3.3.3")


@pytest.mark.parametrize(
    ("options", "dialect"),
    [
        ({"url": "http://registry"}, Dialect.CONFLUENT),
        ({"url": "http://registry/apis/ccompat/v7"}, Dialect.APICURIO),
        ({"url": "http://registry", "dialect": "karapace"}, Dialect.KARAPACE),
        ({"url": "http://registry/apis/ccompat/v7", "dialect": "confluent"}, Dialect.CONFLUENT),
    ],
)
def test_the_dialect_is_named_or_shows_in_the_address(options: dict[str, str], dialect: Dialect) -> None:
    assert open_registry(**options).capabilities.dialect is dialect
