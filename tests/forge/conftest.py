"""One Gitea for the run, with the actions that the template uses; a repository for each test."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.action.world import PROJECT, make_action, make_release
from tests.doubles.confluent import ConfluentDouble
from tests.forge.api import User
from tests.forge.server import Gitea, run_gitea
from tests.forge.world import World, make_people, make_world, release
from tests.repositories import record
from tests.servers.unavailable import ServerUnavailableError, skip_or_fail


@pytest.fixture(scope="session")
def gitea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gitea]:
    try:
        with run_gitea(tmp_path_factory.getbasetemp()) as server:
            folder = tmp_path_factory.mktemp("released")
            release(server, make_action(folder / "schemafed"), "schemafed", "v0")
            shutil.rmtree(folder / "checkout")
            checkout = shutil.copytree(PROJECT / "tests/forge/checkout", folder / "checkout")
            make_release(checkout)
            release(server, checkout, "actions", "v5")
            yield server
    except ServerUnavailableError as error:
        skip_or_fail("Gitea", error)


@pytest.fixture(scope="session")
def people(gitea: Gitea) -> tuple[User, User]:
    return make_people(gitea)


@pytest.fixture
def world(
    plain_environment: None, tmp_path: Path, gitea: Gitea, people: tuple[User, User], request: pytest.FixtureRequest
) -> Iterator[World]:
    """A repository whose main has one schema, and has not been pushed."""
    with ConfluentDouble("8.1") as registry:
        name = re.sub(r"\W+", "-", request.node.name)[5:60]
        made = make_world(tmp_path, gitea, people, registry, name)
        made.write("schemas/payments/order-placed-value.avsc", record("OrderPlaced", "id"))
        made.commit("the first schema")
        yield made
