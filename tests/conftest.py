"""Fixtures for servers: doubles for each test, real servers once for a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doubles.certificates import CertificateFiles, write_certificates
from tests.doubles.confluent import ConfluentDouble
from tests.repositories import MakeRepository, Repository, make_repository, plain_environment
from tests.servers.apicurio import BASIC_AUTHENTICATION, ApicurioServer, run_apicurio
from tests.servers.unavailable import ServerUnavailableError, skip_or_fail

# Loaded here too because a run over several processes shows its summaries in the first, which collects no tests.
pytest_plugins = ["tests.contract.summary", "tests.convergence.summary"]


__all__ = ["make_repository", "plain_environment"]


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
def apicurio_with_users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApicurioServer]:
    """A second Apicurio Registry that asks for a name and a password: `tests.servers.apicurio.ADMIN` and `READER`."""
    try:
        with run_apicurio(tmp_path_factory.getbasetemp(), BASIC_AUTHENTICATION, "apicurio-with-users") as server:
            yield server
    except ServerUnavailableError as error:
        skip_or_fail("Apicurio Registry with users", error)
