"""Thirty changes with references, modes, waivers, a restore and deletions, and a fault at every point of the way.

After each fault the next apply must lead where the repository says, by a raw reading. Every point gets one fault here,
in rotation; `make soak` takes every fault at every point.
"""

from __future__ import annotations

import pytest

from tests.convergence.commands import KILLED
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
    attempt,
    find_requests,
    one,
    rotate_single,
    rotate_together,
)

_SURVIVING_RUNS = 6
_APICURIO_RUNS = 5


@pytest.mark.xdist_group("faults-local")
@pytest.mark.parametrize(
    "trial", rotate_single((SelfFault.WRITE, SelfFault.WRITE_AFTER), range(WRITES)), ids=lambda trial: str(trial)
)
def test_killed_around_a_write(local: Origin, trial: Trial) -> None:
    assert attempt(local, trial).code == KILLED


@pytest.mark.xdist_group("faults-local")
def test_no_write_is_left_out(local: Origin) -> None:
    assert attempt(local, one(SelfFault.WRITE, WRITES)).code == 0


@pytest.mark.xdist_group("faults-local")
@pytest.mark.parametrize("fault", [SelfFault.GIT, SelfFault.GIT_AFTER])
@pytest.mark.parametrize("index", range(GIT_CHANGES))
def test_killed_around_a_change_in_git(local: Origin, fault: SelfFault, index: int) -> None:
    assert attempt(local, one(fault, index)).code == KILLED


@pytest.mark.xdist_group("faults-local")
def test_no_change_in_git_is_left_out(local: Origin) -> None:
    assert attempt(local, one(SelfFault.GIT, GIT_CHANGES)).code == 0


@pytest.mark.xdist_group("faults-local")
@pytest.mark.parametrize("fault", RemoteFault)
@pytest.mark.parametrize("index", range(PUSHES))
def test_a_remote_that_refuses_or_drops_a_push(local: Origin, fault: RemoteFault, index: int) -> None:
    is_refused = fault in (RemoteFault.REFUSE, RemoteFault.REFUSE_ALWAYS)

    assert attempt(local, one(fault, index)).code == (1 if is_refused else 0)


@pytest.mark.xdist_group("faults-confluent")
def test_faults_that_a_client_survives_at_every_request(confluent_origin: Origin) -> None:
    requests = find_requests(confluent_origin)

    for trial in rotate_together(SURVIVED, range(len(requests)), _SURVIVING_RUNS):
        attempt(confluent_origin, trial)


@pytest.mark.xdist_group("faults-confluent")
def test_faults_that_end_a_run_around_every_write(confluent_origin: Origin) -> None:
    requests = find_requests(confluent_origin)
    writes = [number for number, request in enumerate(requests) if request.is_write]

    # After the last write a run only looks again, and what it cannot see then does not undo what it did.
    for trial in rotate_single(FATAL, range(writes[0], writes[-1] + 1)):
        assert attempt(confluent_origin, trial).code != 0


@pytest.mark.server
@pytest.mark.xdist_group("apicurio")
def test_faults_on_a_real_apicurio(apicurio_origin: Origin) -> None:
    requests = find_requests(apicurio_origin)
    writes = [number for number, request in enumerate(requests) if request.is_write]

    for trial in rotate_single(FATAL, writes[:: len(writes) // _APICURIO_RUNS]):
        assert attempt(apicurio_origin, trial).code != 0
