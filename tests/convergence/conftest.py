"""Fixtures: the scenario on each stage, as it is before its last step."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.convergence.commands import Commands, Ended, forking_commands
from tests.convergence.stages import (
    Origin,
    apicurio_stage,
    apicurio_v3_stage,
    confluent_stage,
    glue_stage,
    karapace_stage,
    local_stage,
    make_origin,
    pulsar_stage,
    redpanda_stage,
)
from tests.convergence.summary import FAULT
from tests.convergence.trials import Trial, attempt, make_rows
from tests.servers.apicurio import ApicurioServer
from tests.servers.pulsar import PulsarServer

Try = Callable[[Origin, Trial], Ended]
"""Plays a trial, and notes it for the table."""


@pytest.fixture
def play(record_property: Callable[[str, object], None]) -> Try:
    def attempt_and_note(origin: Origin, trial: Trial) -> Ended:
        ended = attempt(origin, trial)
        for row in make_rows(origin.stage.name, trial, ended):
            record_property(FAULT, list(row))
        return ended

    return attempt_and_note


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


@pytest.fixture(scope="module", params=[karapace_stage, redpanda_stage])
def other_origin(
    request: pytest.FixtureRequest, commands: Commands, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Origin]:
    with request.param(tmp_path_factory.mktemp("other"), commands) as stage:
        yield make_origin(stage)


@pytest.fixture(scope="module")
def apicurio_origin(
    commands: Commands, tmp_path_factory: pytest.TempPathFactory, apicurio: ApicurioServer
) -> Iterator[Origin]:
    with apicurio_stage(tmp_path_factory.mktemp("apicurio"), commands, apicurio.url) as stage:
        yield make_origin(stage)


@pytest.fixture(scope="module")
def glue_origin(commands: Commands, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    with glue_stage(tmp_path_factory.mktemp("glue"), commands) as stage:
        yield make_origin(stage)


@pytest.fixture(scope="module")
def apicurio_v3_origin(
    commands: Commands, tmp_path_factory: pytest.TempPathFactory, apicurio: ApicurioServer
) -> Iterator[Origin]:
    with apicurio_v3_stage(tmp_path_factory.mktemp("apicurio-v3"), commands, apicurio.native_url) as stage:
        yield make_origin(stage)


@pytest.fixture(scope="module")
def pulsar_origin(
    commands: Commands, tmp_path_factory: pytest.TempPathFactory, pulsar: PulsarServer
) -> Iterator[Origin]:
    with pulsar_stage(tmp_path_factory.mktemp("pulsar"), commands, pulsar.url) as stage:
        yield make_origin(stage)
