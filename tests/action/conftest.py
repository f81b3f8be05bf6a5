"""A world for each test; act is built once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.action.act import install
from tests.action.validator import install_validator
from tests.action.world import TOKEN, World, make_action, make_root
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.github import GitHubDouble
from tests.repositories import record
from tests.servers.unavailable import ServerUnavailableError, skip_or_fail


@pytest.fixture(scope="session")
def act() -> Path:
    try:
        return install("act")
    except ServerUnavailableError as error:
        skip_or_fail("act", error)


@pytest.fixture(scope="session")
def actionlint() -> Path:
    try:
        return install("actionlint")
    except ServerUnavailableError as error:
        skip_or_fail("actionlint", error)


@pytest.fixture(scope="session")
def action_validator() -> Path:
    try:
        return install_validator()
    except ServerUnavailableError as error:
        skip_or_fail("action-validator", error)


@pytest.fixture(scope="session")
def action(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_action(tmp_path_factory.mktemp("released") / "schemafed")


@pytest.fixture
def world(plain_environment: None, tmp_path: Path, act: Path, action: Path) -> Iterator[World]:
    """A repository whose main has one schema."""
    with GitHubDouble(tokens=frozenset({TOKEN})) as github, ConfluentDouble("8.1") as registry:
        made = World(make_root(tmp_path), registry, action, act, github)
        made.write("schemas/payments/order-placed-value.avsc", record("OrderPlaced", "id"))
        made.commit("the first schema")
        made.push()
        yield made
