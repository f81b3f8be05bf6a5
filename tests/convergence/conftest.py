"""Fixtures: the scenario on each stage, as it is before its last step."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.convergence.commands import Commands, forking_commands
from tests.convergence.stages import Origin, apicurio_stage, confluent_stage, local_stage, make_origin
from tests.servers.apicurio import ApicurioServer


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    with forking_commands(tmp_path_factory.mktemp("printed")) as running:
        yield running


@pytest.fixture(scope="module")
def local(commands: Commands, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    with local_stage(tmp_path_factory.mktemp("local"), commands) as stage:
        yield make_origin(stage)


@pytest.fixture(scope="module")
def confluent_origin(commands: Commands, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    with confluent_stage(tmp_path_factory.mktemp("confluent"), commands) as stage:
        yield make_origin(stage)


@pytest.fixture(scope="module")
def apicurio_origin(
    commands: Commands, tmp_path_factory: pytest.TempPathFactory, apicurio: ApicurioServer
) -> Iterator[Origin]:
    with apicurio_stage(tmp_path_factory.mktemp("apicurio"), commands, apicurio.url) as stage:
        yield make_origin(stage)
