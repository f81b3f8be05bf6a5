"""A registry that wants tokens: asked for once, renewed in the middle of a run, and clear where there is none."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.confluent import ConfluentRegistry
from reconciler.errors import ConfigurationError, UnauthorizedError, UnexpectedAnswerError, UnreachableError
from reconciler.model import Format, Schema
from reconciler.registry import RegistrySettings
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.tokens import TokenDouble
from tests.doubles.wire import Access

SCHEMA = Schema(Format.AVRO, json.dumps({"type": "record", "name": "R", "fields": []}))


def open_registry(url: str, token_url: str, **auth: object) -> ConfluentRegistry:
    told = {"kind": "oauth", "token_url": token_url, "client_id": "ci", "client_secret": "s3cret/+", **auth}
    return ConfluentRegistry(
        RegistrySettings("orders", "confluent", Path.cwd(), {"url": url, "auth": told, "retries": 0})
    )


@pytest.fixture
def tokens() -> Iterator[TokenDouble]:
    with TokenDouble() as double:
        yield double


@pytest.fixture
def server() -> Iterator[ConfluentDouble]:
    with ConfluentDouble("8.1", tokens=frozenset({"token-1"})) as double:
        yield double


@pytest.mark.parametrize("client_auth", ["basic", "body"])
def test_one_token_serves_all_connections(tokens: TokenDouble, server: ConfluentDouble, client_auth: str) -> None:
    with closing(open_registry(server.url, f"{tokens.url}/token", client_auth=client_auth, scope="sr")) as registry:
        for number in range(20):
            registry.register_schema(f"s{number}", SCHEMA)
        assert len(registry.read_state().subjects) == 20

    assert tokens.given == 1
    assert tokens.forms[0]["scope"] == "sr"


def test_a_token_that_is_refused_in_the_middle_is_renewed_once(tokens: TokenDouble, server: ConfluentDouble) -> None:
    with closing(open_registry(server.url, f"{tokens.url}/token")) as registry:
        registry.register_schema("s", SCHEMA)

        server.access = Access(tokens=frozenset({"token-2"}))
        assert registry.register_schema("t", SCHEMA).version == 1
        assert len(registry.read_state().subjects) == 2

        server.access = Access(tokens=frozenset({"token-3"}))
        assert len(registry.read_state(modes_of=["s", "t"]).subjects) == 2

        server.access = Access(tokens=frozenset({"never"}))
        with pytest.raises(UnauthorizedError):
            registry.read_state()
    assert len(server.registry.store.get_versions("t")) == 1


def test_a_token_that_is_refused_to_many_reads_at_once_is_renewed(tokens: TokenDouble, server: ConfluentDouble) -> None:
    with closing(open_registry(server.url, f"{tokens.url}/token")) as registry:
        for name in ("s", "t"):
            registry.register_schema(name, SCHEMA)

        server.access = Access(tokens=frozenset({"token-2"}))

        assert set(registry.read_state(["s", "t"], modes_of=()).subjects) == {"s", "t"}
    assert tokens.given == 2


def test_a_token_is_renewed_before_it_ends(server: ConfluentDouble) -> None:
    server.access = Access(tokens=frozenset(f"token-{number}" for number in range(1, 50)))
    with TokenDouble(seconds=0) as tokens, closing(open_registry(server.url, f"{tokens.url}/token")) as registry:
        registry.read_state()
        registry.read_state()

        assert tokens.given > 1


def test_a_client_that_is_not_known_is_told_with_the_servers_words(
    tokens: TokenDouble, server: ConfluentDouble
) -> None:
    opened = open_registry(server.url, f"{tokens.url}/token", client_secret="old-secret")
    with closing(opened) as registry, pytest.raises(UnauthorizedError) as raised:
        registry.read_state()

    assert f"cannot get a token from {tokens.url}/token: it gives no token" in raised.value.message
    assert raised.value.detail == "no such client"
    assert "token_url" in (raised.value.fix or "")
    assert "old-secret" not in f"{raised.value} {raised.value.fix}"


def test_what_gives_no_tokens_is_told(server: ConfluentDouble) -> None:
    with (
        closing(open_registry(server.url, server.url)) as registry,
        pytest.raises((UnauthorizedError, UnexpectedAnswerError)),
    ):
        registry.read_state()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}/token"
        with closing(open_registry(server.url, nowhere)) as registry, pytest.raises(UnreachableError, match="token"):
            registry.read_state()


def test_a_token_url_that_is_none_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"auth\.token_url"):
        open_registry("http://127.0.0.1:1", "sso.example.com/token")
