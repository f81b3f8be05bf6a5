"""Fixtures for servers: doubles for each test, real servers once for a run."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.doubles.certificates import CertificateFiles, write_certificates
from tests.doubles.confluent import ConfluentDouble
from tests.repositories import MakeRepository, Repository, make_repository, plain_environment
from tests.servers.apicurio import BASIC_AUTHENTICATION, ApicurioServer, run_apicurio, trusting
from tests.servers.identity import Keys, share_keys
from tests.servers.kafka import KafkaServer, run_kafka
from tests.servers.pulsar import PulsarServer, run_guarded_pulsar, run_pulsar
from tests.servers.sharing import find_place
from tests.servers.unavailable import ServerUnavailableError, skip_or_fail

# Loaded here too because a run over several processes shows its summaries in the first, which collects no tests.
pytest_plugins = ["tests.contract.summary", "tests.convergence.summary"]

# Builds a whole forge first; `make test-forge` names the folder, and only then it is looked into.
collect_ignore = ["forge"]


__all__ = ["make_repository", "plain_environment"]

# A shell that starts the tests in the background has Ctrl-C ignored, by whatever they start too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what the shared Apicurio is for on one worker: its level, and how many pages it has, are everybody's."""
    for item in items:
        if isinstance(item, pytest.Function) and "apicurio" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group("apicurio"))


@pytest.fixture
def repository(make_repository: MakeRepository) -> Repository:
    """A repository whose only registry is a local one."""
    return make_repository()


@pytest.fixture(params=["7.9", "8.1"])
def confluent(request: pytest.FixtureRequest) -> Iterator[ConfluentDouble]:
    """A fresh Confluent double; the test runs once for each version."""
    with ConfluentDouble(request.param) as double:
        yield double


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> CertificateFiles:
    return write_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def apicurio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApicurioServer]:
    """A real Apicurio Registry, shared by the whole run: tests keep apart by prefixes of subjects."""
    try:
        with run_apicurio(tmp_path_factory.getbasetemp()) as server:
            yield server
    except ServerUnavailableError as error:
        skip_or_fail("Apicurio Registry", error)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """A real Kafka broker, shared by the whole run: each test makes a topic of its own."""
    try:
        with run_kafka(tmp_path_factory.getbasetemp()) as server:
            yield server
    except ServerUnavailableError as error:
        skip_or_fail("Kafka", error)


@pytest.fixture(scope="session")
def identity_keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """What signs the tokens that `apicurio_with_users` takes."""
    return share_keys(find_place(tmp_path_factory.getbasetemp(), "identity").folder)


@pytest.fixture(scope="session")
def apicurio_with_users(tmp_path_factory: pytest.TempPathFactory, identity_keys: Keys) -> Iterator[ApicurioServer]:
    """A second Apicurio Registry, which asks who one is: by a name and a password (`ADMIN`, `READER` and `NOBODY` of
    `tests.servers.apicurio`), or by a token that `identity_keys` signed.
    """
    settings = {**BASIC_AUTHENTICATION, **trusting(identity_keys)}
    try:
        with run_apicurio(tmp_path_factory.getbasetemp(), settings, "apicurio-with-users") as server:
            yield server
    except ServerUnavailableError as error:
        skip_or_fail("Apicurio Registry with users", error)


@pytest.fixture(scope="session")
def pulsar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PulsarServer]:
    """A real Pulsar, shared by the whole run: tests keep apart by namespaces."""
    try:
        with run_pulsar(tmp_path_factory.getbasetemp()) as server:
            yield server
    except ServerUnavailableError as error:
        skip_or_fail("Pulsar", error)


@pytest.fixture(scope="session")
def guarded_pulsar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PulsarServer]:
    """A second Pulsar that asks for a token or a certificate: `tests.servers.pulsar.make_token`."""
    try:
        with run_guarded_pulsar(tmp_path_factory.getbasetemp()) as server:
            yield server
    except ServerUnavailableError as error:
        skip_or_fail("Pulsar with tokens", error)
