"""`snapshot` and `kafka` of a registry's entry: what they say, and what is told where they are wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.confluent import ConfluentRegistry
from adapters.confluent.topic_options import make_place
from reconciler.errors import ConfigurationError
from reconciler.registry import RegistrySettings


def open_registry(kind: str = "confluent", **options: Any) -> ConfluentRegistry:
    return ConfluentRegistry(RegistrySettings("orders", kind, Path(), {"url": "http://127.0.0.1:1", **options}))


@pytest.mark.parametrize(
    ("url", "brokers", "topic"),
    [
        ("kafka://one:9092,two:9093/_schemas", "one:9092,two:9093", "_schemas"),
        ("kafka://one", "one:9092", "_schemas"),
        ("kafka://one,two:1/", "one:9092,two:1", "_schemas"),
        ("kafka://[::1]/other.topic", "[::1]:9092", "other.topic"),
        ("kafka://[::1]:9", "[::1]:9", "_schemas"),
    ],
)
def test_brokers_and_topic(url: str, brokers: str, topic: str) -> None:
    place = make_place(url, {}, Path())

    assert (place.brokers, place.topic) == (brokers, topic)


def test_files_count_from_the_root_of_the_repository() -> None:
    place = make_place("kafka://one", {"ssl.ca.location": "certs/ca.pem", "ssl.key.location": "/k.pem"}, Path("/repo"))

    assert place.settings == {"ssl.ca.location": "/repo/certs/ca.pem", "ssl.key.location": "/k.pem"}
    assert "ca.pem" not in repr(place)


@pytest.mark.parametrize(
    "url",
    [
        "http://one:9092",
        "kafka://",
        "kafka:///_schemas",
        "kafka://a/b/c",
        "kafka://user:pw@one",
        "kafka://one:x/t",
        "one",
    ],
)
def test_what_is_no_topic(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_registry(snapshot=url)

    assert [problem.path for problem in caught.value.problems] == [("snapshot",)]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("sasl.passwort", "did you mean `sasl.password`?"),
        ("sasl.kerberos.kinit.cmd", "cannot be set"),
        ("plugin.library.paths", "cannot be set"),
        ("ssl.engine.location", "cannot be set"),
        ("enable.ssl.certificate.verification", "cannot be set"),
    ],
)
def test_a_setting_that_cannot_be_set(name: str, meant: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_registry(snapshot="kafka://one", kafka={name: "x"})

    assert name in caught.value.message
    assert meant in caught.value.message
    assert [problem.path for problem in caught.value.problems] == [("kafka",)]


def test_settings_of_a_topic_that_is_not_named() -> None:
    with pytest.raises(ConfigurationError, match="it says how to read `snapshot`, which is missing"):
        open_registry(kafka={"security.protocol": "SSL"})


@pytest.mark.parametrize(
    ("kind", "options"), [("redpanda", {}), ("confluent", {"dialect": "apicurio"})], ids=["redpanda", "apicurio"]
)
def test_products_without_a_topic_of_this_form_take_none(kind: str, options: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_registry(kind, snapshot="kafka://one", **options)

    assert "`snapshot` is for registries of kind `confluent` and `karapace`" in caught.value.message
    assert caught.value.problems[0].path == ("snapshot",)


def test_a_missing_package_is_told_with_the_extra_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.confluent.topic.find_spec", lambda _: None)

    with pytest.raises(ConfigurationError, match="needs the Python package confluent-kafka") as caught:
        open_registry(snapshot="kafka://one")

    assert 'pip install "schemafed[kafka]"' in str(caught.value.fix)
