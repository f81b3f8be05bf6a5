"""Thirty changes with references, modes, waivers, a restore and deletions, and a fault at every point of the way.

After each fault the next apply must lead where the repository says, by a raw reading. Every point gets one fault here,
in rotation, and the table at the end of the run tells them; `make soak` takes every fault at every point.
"""

from __future__ import annotations

import pytest

from tests.convergence.commands import KILLED
from tests.convergence.conftest import Try
from tests.convergence.remotes import RemoteFault
from tests.convergence.stages import Origin
from tests.convergence.trials import (
    FATAL,
    GIT_CHANGES,
    PUSHES,
    SURVIVED,
    WRITES,
    SelfFault,
    Trial,
    find_requests,
    one,
    rotate_single,
    rotate_together,
)

_SURVIVING_RUNS = 6


@pytest.mark.xdist_group("faults-local")
@pytest.mark.parametrize(
    "trial", rotate_single((SelfFault.WRITE, SelfFault.WRITE_AFTER), range(WRITES)), ids=lambda trial: str(trial)
)
def test_killed_around_a_write(play: Try, local: Origin, trial: Trial) -> None:
    assert play(local, trial).code == KILLED


@pytest.mark.xdist_group("faults-local")
def test_no_write_is_left_out(play: Try, local: Origin) -> None:
    assert play(local, one(SelfFault.WRITE, WRITES)).code == 0


@pytest.mark.xdist_group("faults-local")
@pytest.mark.parametrize("fault", [SelfFault.GIT, SelfFault.GIT_AFTER])
@pytest.mark.parametrize("index", range(GIT_CHANGES))
def test_killed_around_a_change_in_git(play: Try, local: Origin, fault: SelfFault, index: int) -> None:
    assert play(local, one(fault, index)).code == KILLED


@pytest.mark.xdist_group("faults-local")
def test_no_change_in_git_is_left_out(play: Try, local: Origin) -> None:
    assert play(local, one(SelfFault.GIT, GIT_CHANGES)).code == 0


@pytest.mark.xdist_group("faults-local")
@pytest.mark.parametrize("fault", RemoteFault)
@pytest.mark.parametrize("index", range(PUSHES))
def test_a_remote_that_refuses_or_drops_a_push(play: Try, local: Origin, fault: RemoteFault, index: int) -> None:
    is_refused = fault in (RemoteFault.REFUSE, RemoteFault.REFUSE_ALWAYS)

    assert play(local, one(fault, index)).code == (1 if is_refused else 0)


@pytest.mark.xdist_group("faults-confluent")
def test_faults_that_a_client_survives_at_every_request(play: Try, confluent_origin: Origin) -> None:
    requests = find_requests(confluent_origin)

    for trial in rotate_together(SURVIVED, range(len(requests)), _SURVIVING_RUNS):
        play(confluent_origin, trial)


@pytest.mark.xdist_group("faults-confluent")
def test_faults_that_end_a_run_around_every_write(play: Try, confluent_origin: Origin) -> None:
    requests = find_requests(confluent_origin)
    writes = [number for number, request in enumerate(requests) if request.is_write]

    # After the last write a run only looks again, and what it cannot see then does not undo what it did.
    for trial in rotate_single(FATAL, range(writes[0], writes[-1] + 1)):
        assert play(confluent_origin, trial).code != 0


@pytest.mark.server
@pytest.mark.xdist_group("apicurio")
def test_faults_on_a_real_apicurio(play: Try, apicurio_origin: Origin) -> None:
    requests = find_requests(apicurio_origin)
    writes = [number for number, request in enumerate(requests) if request.is_write]

    for trial in rotate_single(FATAL, writes[:: len(writes) // len(FATAL)][: len(FATAL)]):
        assert play(apicurio_origin, trial).code != 0
