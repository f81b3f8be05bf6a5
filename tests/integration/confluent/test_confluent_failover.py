"""One registry at several addresses: two servers on one store, of which some do not answer."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from reconciler.errors import ConfigurationError, OutcomeUnknownError, UnreachableError
from reconciler.model import Mode
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.fault_proxy import FaultProxy, WireFault
from tests.integration.confluent.confluent_samples import avro, fill, open_registry, record
from tests.repositories import MakeRepository

Pair = tuple[ConfluentDouble, ConfluentDouble]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two servers that keep their schemas in one place."""
    with ConfluentDouble() as first, ConfluentDouble() as second:
        second.registry = first.registry
        yield first, second


@pytest.fixture
def closed() -> Iterator[str]:
    """An address that refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_the_first_address_is_the_one_that_is_asked(pair: Pair) -> None:
    first, second = pair
    fill(first, "ab")

    registry = open_registry([first.url, second.url])

    assert list(registry.read_state().subjects) == ["a", "b"]
    assert not second.requests


def test_an_address_that_refuses_is_left_for_the_run(pair: Pair, closed: str) -> None:
    first, _ = pair
    fill(first, [f"s{number:03}" for number in range(300)])
    registry = open_registry([closed, first.url])

    assert len(registry.read_state().subjects) == 300
    assert registry.register_schema("new", avro()).version == 1
    registry.set_compatibility("new", Mode.FULL)
    assert registry.read_state(["new"]).subjects["new"].mode is Mode.FULL


@pytest.mark.parametrize("fault", [WireFault.RESET, WireFault.REFUSE, WireFault.ERROR_503_AGAIN, WireFault.DELAY])
def test_reading_goes_on_at_the_next_address(pair: Pair, fault: WireFault) -> None:
    first, second = pair
    names = [f"s{number:03}" for number in range(200)]
    fill(first, names)
    with FaultProxy(first.url, delay=3) as proxy:
        proxy.arm({20: fault})
        registry = open_registry([proxy.url, second.url], timeout=1, page_size=50)

        state = registry.read_state()

        assert list(state.subjects) == names
        assert second.count("GET", "*") > 100
        asked = len(proxy.passed)
        registry.read_state(["s001"])
        assert len(proxy.passed) == asked


@pytest.mark.parametrize("fault", [WireFault.RESET_AFTER, WireFault.TRUNCATE_AFTER, WireFault.ERROR_500_AFTER])
def test_a_write_whose_answer_was_lost_is_looked_up_and_sent_once(pair: Pair, fault: WireFault) -> None:
    first, second = pair
    with FaultProxy(first.url) as proxy:
        proxy.arm({0: fault})
        registry = open_registry([proxy.url, second.url])

        assert registry.register_schema("a", avro("x")).version == 1

        assert len([each for each in proxy.passed if each.is_write]) == 1
        assert not second.writes
    assert first.registry.store.get_versions("a")[0].version == 1


def test_a_write_that_did_not_happen_is_sent_to_the_next_address(pair: Pair) -> None:
    first, second = pair
    with FaultProxy(first.url) as proxy:
        proxy.arm({0: WireFault.RESET})
        registry = open_registry([proxy.url, second.url])

        assert registry.register_schema("a", avro("x")).version == 1

        assert second.count("POST", "/subjects/a") == 1
        assert len(second.writes) == 1


def test_a_write_of_which_nobody_can_tell_names_every_address(pair: Pair, closed: str) -> None:
    first, _ = pair
    with FaultProxy(first.url) as proxy:
        proxy.arm({0: WireFault.REFUSE})
        registry = open_registry([proxy.url, closed])

        with pytest.raises((OutcomeUnknownError, UnreachableError)) as caught:
            registry.register_schema("a", avro())

        assert proxy.url in str(caught.value)
        assert closed in str(caught.value)


def test_when_none_answers_all_are_named(closed: str) -> None:
    other = "http://localhost:1"

    with pytest.raises(UnreachableError) as caught:
        open_registry([closed, other]).read_state()

    message = str(caught.value)
    assert f"no connection ({closed}, {other})" in message
    assert f"{closed}: Connection refused; {other}: Connection refused" in message


def test_credentials_are_shown_at_every_address(closed: str) -> None:
    auth = {"kind": "basic", "username": "ann", "password": "pw"}
    with ConfluentDouble(users={"ann": "pw"}) as double:
        double.register("a", record())

        assert list(open_registry([closed, double.url], auth=auth).read_state().subjects) == ["a"]


def test_health_tells_of_every_address(pair: Pair, closed: str) -> None:
    first, second = pair

    health = open_registry([closed, first.url, second.url]).check_health()

    assert [(e.address, bool(e.problem)) for e in health.endpoints] == [
        (closed, True),
        (first.url, False),
        (second.url, False),
    ]
    assert open_registry(first.url).check_health().endpoints == ()


def test_the_command_shows_every_address(make_repository: MakeRepository, pair: Pair, closed: str) -> None:
    first, _ = pair
    repository = make_repository(
        f"version: 1\nregistries:\n  orders:\n    kind: confluent\n    url: ['{closed}', '{first.url}']\n"
    )

    shown = repository.run("registries")
    told = json.loads(repository.run("registries", "--output", "json").out)[0]["health"]["endpoints"]

    assert shown.exit_code == 0
    assert f"✗  {closed}: " in shown.out
    assert f"✓  {first.url}: " in shown.out
    assert [(e["address"], e["problem"] is None) for e in told] == [(closed, False), (first.url, True)]


@pytest.mark.parametrize(
    ("url", "place"),
    [([], ("url",)), (7, ("url",)), (["http://a", 7], ("url",)), (["http://a", "ftp://b"], ("url", 1))],
)
def test_what_is_no_list_of_addresses(url: object, place: tuple[str | int, ...]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_registry(url)

    assert [problem.path for problem in caught.value.problems] == [place]


def test_a_wrong_address_of_a_list_is_told_with_its_line(make_repository: MakeRepository) -> None:
    repository = make_repository(
        "version: 1\nregistries:\n  orders:\n    kind: confluent\n    url:\n      - http://a\n      - ftp://b\n"
    )

    result = repository.run("validate")

    assert result.exit_code == 3
    assert "schemafed.yaml:7" in result.text
