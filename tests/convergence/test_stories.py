"""Random stories of repositories, registries and runs; `make soak` tells more of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.convergence.commands import Commands
from tests.convergence.kinds import DOUBLES, Open, open_apicurio, open_namespace
from tests.convergence.numbers import find_number
from tests.convergence.stories import tell_stories
from tests.convergence.summary import STORIES
from tests.servers.apicurio import ApicurioServer
from tests.servers.pulsar import PulsarServer

_SECONDS = 10.0
Tell = Callable[[str, Mapping[str, Open]], Counter[str]]


@pytest.fixture
def tell(commands: Commands, tmp_path: Path, record_property: Callable[[str, object], None]) -> Tell:
    def tell_and_note(where: str, wires: Mapping[str, Open]) -> Counter[str]:
        number = find_number(Path(__file__).parent)
        record_property(STORIES, f"stories {where} from number {number}")
        told = tell_stories(commands, tmp_path, number, _SECONDS, wires)
        record_property(STORIES, f"  {dict(sorted(told.items()))}")
        return told

    return tell_and_note


@pytest.mark.slow
@pytest.mark.xdist_group("stories")
def test_stories(tell: Tell) -> None:
    told = tell("over doubles", DOUBLES)

    assert told["stories"] > 0 and told["applied"] > 0


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.xdist_group("apicurio")
def test_stories_on_a_real_apicurio(tell: Tell, apicurio: ApicurioServer) -> None:
    told = tell("over a real Apicurio", {"apicurio": open_apicurio(apicurio.url)})

    assert told["apicurio"] > 0 and told["applied"] > 0


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.xdist_group("contract-pulsar")
def test_stories_on_a_real_pulsar(tell: Tell, pulsar: PulsarServer) -> None:
    told = tell("over a real Pulsar", {"pulsar": open_namespace(pulsar.url)})

    assert told["pulsar"] > 0 and told["applied"] > 0
