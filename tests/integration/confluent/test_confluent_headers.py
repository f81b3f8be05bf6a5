"""Headers that a cloud or a gateway asks for, beside the credentials."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from adapters.confluent import ConfluentRegistry
from reconciler.errors import ConfigurationError
from reconciler.model import Format, Mode, Schema
from reconciler.registry import RegistrySettings
from tests.doubles.confluent import ConfluentDouble

SCHEMA = Schema(Format.AVRO, json.dumps({"type": "record", "name": "R", "fields": []}))


def open_registry(url: str, headers: dict[str, str]) -> ConfluentRegistry:
    return ConfluentRegistry(RegistrySettings("orders", "confluent", Path.cwd(), {"url": url, "headers": headers}))


def test_they_go_with_every_request() -> None:
    told = {"target-sr-cluster": "lsrc-123abc", "Confluent-Identity-Pool-Id": "pool-456def"}
    with ConfluentDouble("8.1") as double, closing(open_registry(double.url, told)) as registry:
        registry.register_schema("s", SCHEMA)
        registry.set_compatibility("s", Mode.FULL)
        # Single requests, and many over kept connections, are written by two transports.
        assert set(registry.read_state().subjects) == {"s"}

        assert len(double.requests) > 3
        for request in double.requests:
            assert request.headers["target-sr-cluster"] == "lsrc-123abc"
            assert request.headers["confluent-identity-pool-id"] == "pool-456def"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("Authorization", "Bearer x", "credentials are `auth`"),
        ("content-length", "0", "schemafed's own to send"),
        ("a b", "x", "no name of a header"),
        ("X-Pool", "a\r\nHost: other", "one line of visible ASCII"),
        ("X-Pool", "grün", "one line of visible ASCII"),
    ],
)
def test_what_cannot_be_sent_is_an_error_before_anything_is_asked(name: str, value: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_registry("http://127.0.0.1:1", {name: value})

    assert words in str(caught.value)
    assert "headers" in str(caught.value)
    assert value not in repr(caught.value)
