"""URLs, proxies of the environment, and the options of schemafed.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.errors import ConfigurationError
from reconciler.http import make_basic, make_endpoint
from reconciler.http.options import HttpOptions, check_options
from reconciler.http.proxies import make_proxy, resolve_proxy


@pytest.mark.parametrize(
    ("url", "authority", "prefix"),
    [
        ("http://registry", "registry", ""),
        ("http://registry:80/", "registry", ""),
        ("https://registry:8081/a/b/", "registry:8081", "/a/b"),
        ("https://registry:443", "registry", ""),
        ("http://[::1]:8081", "[::1]:8081", ""),
    ],
)
def test_a_url_is_split_into_what_requests_need(url: str, authority: str, prefix: str) -> None:
    endpoint = make_endpoint(url)

    assert (endpoint.authority, endpoint.prefix) == (authority, prefix)


def test_a_user_in_the_url_is_basic_credentials() -> None:
    assert make_endpoint("http://ann:p%40ss@registry").authorization == make_basic("ann", "p@ss")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("registry:8081", "not a URL of http or https"),
        ("ftp://registry", "not a URL of http or https"),
        ("http://", "not a URL of http or https"),
        ("http://registry:port", "not a URL"),
        ("http://registry:0", "port 0"),
        ("http://registry?x=1", "query or a fragment"),
    ],
)
def test_what_is_no_url_is_said(url: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        make_endpoint(url)


def test_a_password_in_a_wrong_url_is_not_shown() -> None:
    with pytest.raises(ConfigurationError) as caught:
        make_endpoint("ftp://ann:s3cret@registry")

    assert "s3cret" not in str(caught.value)


def test_secrets_are_not_in_the_words_of_an_endpoint() -> None:
    endpoint = make_endpoint("http://r", authorization="Bearer s3cret", proxy=make_proxy("http://a:s3cret@p:3128"))

    assert "s3cret" not in repr(endpoint)


ENVIRONMENTS = [
    ({}, None),
    ({"HTTPS_PROXY": "http://up:1"}, "up:1"),
    ({"HTTPS_PROXY": "http://up:1", "https_proxy": "http://low:2"}, "low:2"),
    ({"HTTP_PROXY": "http://up:1"}, None),
    ({"ALL_PROXY": "http://all:3"}, "all:3"),
    ({"HTTPS_PROXY": "up"}, "up:80"),
    ({"HTTPS_PROXY": "http://up:1", "NO_PROXY": "*"}, None),
    ({"HTTPS_PROXY": "http://up:1", "NO_PROXY": "example.com"}, None),
    ({"HTTPS_PROXY": "http://up:1", "NO_PROXY": ".example.com, other"}, None),
    ({"HTTPS_PROXY": "http://up:1", "NO_PROXY": "*.example.com"}, None),
    ({"HTTPS_PROXY": "http://up:1", "NO_PROXY": "ample.com"}, "up:1"),
    ({"HTTPS_PROXY": "http://up:1", "no_proxy": "registry.example.com:8081"}, None),
    ({"HTTPS_PROXY": "http://up:1", "no_proxy": "registry.example.com:9"}, "up:1"),
]


@pytest.mark.parametrize(("environment", "expected"), ENVIRONMENTS)
def test_the_environment_names_the_proxy(environment: dict[str, str], expected: str | None) -> None:
    proxy = resolve_proxy("https", "registry.example.com", 8081, None, environment)

    assert (str(proxy) if proxy else None) == expected


@pytest.mark.parametrize(
    ("exception", "is_excepted"), [("10.0.0.0/8", True), ("10.1.2.3", True), ("11.0.0.0/8", False)]
)
def test_networks_are_excepted(exception: str, is_excepted: bool) -> None:
    environment = {"http_proxy": "http://p:1", "no_proxy": exception}

    assert (resolve_proxy("http", "10.1.2.3", 80, None, environment) is None) is is_excepted


def test_under_cgi_a_clients_header_is_no_proxy() -> None:
    environment = {"HTTP_PROXY": "http://evil:1", "REQUEST_METHOD": "GET"}

    assert resolve_proxy("http", "registry", 80, None, environment) is None


def test_the_setting_wins_over_the_environment() -> None:
    environment = {"http_proxy": "http://p:1", "no_proxy": "*"}

    assert str(resolve_proxy("http", "registry", 80, "http://mine:2", environment)) == "mine:2"
    assert resolve_proxy("http", "registry", 80, "", environment) is None


@pytest.mark.parametrize("url", ["socks5://p:1", "https://p:1", "http://"])
def test_other_proxies_are_refused(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make_proxy(url)

    assert "http://user:password@proxy" in (caught.value.fix or "")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "`url` is missing"),
        ({"url": "http://r", "timout": 3}, "`timout` is no key of it; did you mean `timeout`?"),
        ({"url": "http://r", "colour": 3}, "registry orders: `colour` is no key of it"),
        (
            {"url": "http://r", "auth": {"kind": "basic", "username": "a", "password": "b", "usernam": ""}},
            "`auth.usernam` is no key of it; did you mean `username`?",
        ),
        ({"url": "http://r", "auth": {"kind": "saml"}}, "`auth.kind` must be basic, bearer or oauth"),
        ({"url": "http://r", "auth": {"kind": "bearer"}}, "`auth.token` is missing"),
        (
            {"url": "http://r", "auth": {"kind": "bearer", "token": "t\r\nX: y"}},
            "`auth.token`: a token is one line of visible ASCII characters",
        ),
        ({"url": "http://r", "tls": {"verify": False}}, "`tls.verify` is no key of it"),
        ({"url": "http://r", "timeout": 0}, "`timeout`: input should be greater than 0"),
    ],
)
def test_options_that_are_none_are_named(options: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_options(HttpOptions, "orders", options)

    assert words in caught.value.message
    assert "url, auth, tls, proxy" in (caught.value.fix or "")


def test_wrong_values_do_not_show_secrets() -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_options(HttpOptions, "orders", {"url": "http://r", "auth": {"kind": "basic", "password": "s3cret"}})

    assert "s3cret" not in str(caught.value)


def test_options_become_an_endpoint() -> None:
    options = check_options(
        HttpOptions,
        "orders",
        {
            "url": "https://r:8081",
            "auth": {"kind": "basic", "username": "ann", "password": "pw"},
            "tls": {"ca": "certs/ca.pem", "key": "/keys/k.pem"},
            "timeout": 5,
            "requests_per_second": 20,
            "retries": 1,
        },
    )

    endpoint = options.make_endpoint("orders", Path("/repository"), {"HTTPS_PROXY": "http://p:3128"})
    settings = options.make_client_settings({})

    assert endpoint.authorization == make_basic("ann", "pw")
    assert (endpoint.tls.ca, endpoint.tls.key) == (Path("/repository/certs/ca.pem"), Path("/keys/k.pem"))
    assert (str(endpoint.proxy), endpoint.read_timeout) == ("p:3128", 5.0)
    assert (settings.retry.retries, settings.requests_per_second) == (1, 20.0)


def test_a_bearer_token_becomes_a_header() -> None:
    options = check_options(HttpOptions, "o", {"url": "http://r", "auth": {"kind": "bearer", "token": "t0k\n"}})

    assert options.make_endpoint("orders", Path(), {}).authorization == "Bearer t0k"
    assert "t0k" not in repr(options)
