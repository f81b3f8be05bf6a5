"""Thirty changes with references, modes, waivers, a restore and deletions, and a fault at every point of the way.

After each fault the next apply must lead where the repository says, by a raw reading. Every point gets one fault here,
in rotation, and the table at the end of the run tells them; `make soak` takes every fault at every point.
"""

from __future__ import annotations

import json
from collections import Counter

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
from tests.doubles.fault_proxy import WireFault

_TOGETHER = 4
"""Of so many requests in a row one suffers a fault, where a run suffers many."""
_NOT_DELAYED = [fault for fault in SURVIVED if fault not in (WireFault.DELAY, WireFault.DELAY_AFTER)]
"""A real server's clients are more patient, so that every delay takes seconds: those are left to the soak."""
_SLOW = (WireFault.DELAY_AFTER, WireFault.TOO_MANY)
_QUICK = [fault for fault in _NOT_DELAYED if fault not in _SLOW]
"""Faults after which the SDK of AWS is slow to go on, and those after which it is not."""


@pytest.mark.xdist_group("faults-local")
def test_what_is_applied_are_thirty_changes_of_every_kind(local: Origin) -> None:
    place = local.begin()

    planned = local.stage.commands.run(place.root, "plan", "--output", "json")

    local.end(place)
    changes = json.JSONDecoder().raw_decode(planned.text[planned.text.index("{") :])[0]["changes"]
    kinds = Counter(change["kind"] for change in changes)
    assert kinds == {
        "register_schema": 16,
        "restore_version": 1,
        "set_compatibility": 9,
        "reset_compatibility": 1,
        "set_default_compatibility": 1,
        "delete_subject": 2,
    }
    registered = [change for change in changes if change["kind"] == "register_schema"]
    assert sum(bool(change["waivers"]) for change in registered) == 2
    assert sum(bool(change["after"]["references"]) for change in registered) == 6


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

    rotate_together(SURVIVED, range(len(requests)), _TOGETHER, lambda trial: play(confluent_origin, trial))


@pytest.mark.xdist_group("faults-confluent")
def test_faults_that_end_a_run_around_every_write(play: Try, confluent_origin: Origin) -> None:
    requests = find_requests(confluent_origin)
    writes = [number for number, request in enumerate(requests) if request.is_write]

    # After the last write a run only looks again, and what it cannot see then does not undo what it did.
    for trial in rotate_single(FATAL, range(writes[0], writes[-1] + 1)):
        assert play(confluent_origin, trial).code != 0


@pytest.mark.xdist_group("faults-confluent")
def test_faults_that_a_client_survives_at_requests_to_the_other_kinds(play: Try, other_origin: Origin) -> None:
    numbers = choose(other_origin)

    rotate_together(_QUICK, numbers, _TOGETHER, lambda trial: play(other_origin, trial))


@pytest.mark.xdist_group("faults-glue")
def test_faults_that_the_sdk_of_glue_survives(play: Try, glue_origin: Origin) -> None:
    numbers = choose(glue_origin)

    rotate_together(_QUICK, numbers, 2, lambda trial: play(glue_origin, trial))


@pytest.mark.xdist_group("faults-glue")
def test_faults_at_writes_to_glue(play: Try, glue_origin: Origin) -> None:
    writes = find_writes(glue_origin)

    # The SDK is slow to trust a service that asked it to slow down once.
    for trial in rotate_single(_SLOW, sample(writes, len(_SLOW))):
        play(glue_origin, trial)
    for trial in rotate_single(FATAL, sample(writes, len(FATAL))):
        assert play(glue_origin, trial).code != 0


@pytest.mark.server
@pytest.mark.xdist_group("apicurio")
def test_faults_that_a_client_survives_at_every_request_to_a_real_apicurio(play: Try, apicurio_origin: Origin) -> None:
    requests = find_requests(apicurio_origin)

    rotate_together(_NOT_DELAYED, range(len(requests)), _TOGETHER, lambda trial: play(apicurio_origin, trial))


@pytest.mark.server
@pytest.mark.xdist_group("apicurio")
def test_faults_that_a_client_survives_at_requests_by_apicurios_own_interface(
    play: Try, apicurio_v3_origin: Origin
) -> None:
    numbers = choose(apicurio_v3_origin)

    rotate_together(_NOT_DELAYED, numbers, 2, lambda trial: play(apicurio_v3_origin, trial))


@pytest.mark.server
@pytest.mark.xdist_group("apicurio")
@pytest.mark.parametrize("stage", ["apicurio_origin", "apicurio_v3_origin"])
def test_faults_on_a_real_apicurio(play: Try, request: pytest.FixtureRequest, stage: str) -> None:
    origin: Origin = request.getfixturevalue(stage)

    for trial in rotate_single(FATAL, sample(find_writes(origin), len(FATAL))):
        assert play(origin, trial).code != 0


@pytest.mark.server
@pytest.mark.xdist_group("contract-pulsar")
def test_faults_that_a_client_survives_at_requests_to_a_real_pulsar(play: Try, pulsar_origin: Origin) -> None:
    numbers = choose(pulsar_origin)

    rotate_together(_NOT_DELAYED, numbers, 2, lambda trial: play(pulsar_origin, trial))


@pytest.mark.server
@pytest.mark.xdist_group("contract-pulsar")
def test_faults_on_a_real_pulsar(play: Try, pulsar_origin: Origin) -> None:
    for trial in rotate_single(FATAL, sample(find_writes(pulsar_origin), len(FATAL))):
        assert play(pulsar_origin, trial).code != 0


def choose(origin: Origin) -> list[int]:
    """The numbers of the requests that write, and of some that read; the soak takes all of them."""
    requests = find_requests(origin)
    reads = [number for number, request in enumerate(requests) if not request.is_write]
    return sorted([*reads[::10], *(number for number, request in enumerate(requests) if request.is_write)])


def find_writes(origin: Origin) -> list[int]:
    """The numbers of the requests that write."""
    return [number for number, request in enumerate(find_requests(origin)) if request.is_write]


def sample(numbers: list[int], count: int) -> list[int]:
    """As many of them, evenly spread."""
    return numbers[:: len(numbers) // count][:count]
