"""Whose turn it is."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Timer
from time import sleep

import pytest

from reconciler.errors import LeaseLostError, LedgerMovedError, LedgerOfflineError
from reconciler.ledger import keeping
from reconciler.ledger.keeping import LeaseKeeper
from reconciler.ledger.leases import (
    CLOCK_MARGIN,
    describe_machine,
    find_run_url,
    is_ahead,
    is_dead,
    is_held,
    make_lease,
)
from reconciler.ledger.values import Intent, Ledger, LedgerPlace

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OURS = make_lease(NOW, 10 * MINUTE)
ELSEWHERE = replace(OURS, machine="another", process=1)


@pytest.fixture
def ended() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_lease_is_held_until_it_expires_and_the_margin_of_clocks_is_over() -> None:
    assert is_held(ELSEWHERE, NOW)
    assert is_held(ELSEWHERE, ELSEWHERE.expires + CLOCK_MARGIN - MINUTE)
    assert not is_held(ELSEWHERE, ELSEWHERE.expires + CLOCK_MARGIN)


def test_nobody_holds_no_lease() -> None:
    assert not is_held(None, NOW)


def test_a_process_of_this_machine_that_is_gone_holds_nothing(ended: int) -> None:
    assert is_dead(replace(OURS, process=ended))
    assert not is_held(replace(OURS, process=ended), NOW)
    assert is_held(replace(ELSEWHERE, process=ended), NOW)


def test_a_process_of_this_machine_that_is_there_holds_its_lease() -> None:
    assert OURS.process == os.getpid()
    assert OURS.machine == describe_machine()
    assert not is_dead(OURS)


def test_a_process_that_nobody_has_asked_for_is_gone_too() -> None:
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

        assert is_dead(replace(OURS, process=process.pid))


def test_a_lease_that_begins_later_than_it_can_tells_of_a_wrong_clock() -> None:
    assert not is_ahead(OURS, OURS.begun - 2 * MINUTE)
    assert is_ahead(OURS, OURS.begun - 3 * MINUTE)


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, None),
        ({"CI_JOB_URL": "https://ci.example/jobs/1"}, "https://ci.example/jobs/1"),
        (
            {"GITHUB_SERVER_URL": "https://git.example", "GITHUB_REPOSITORY": "acme/schemas", "GITHUB_RUN_ID": "7"},
            "https://git.example/acme/schemas/actions/runs/7",
        ),
        ({"GITHUB_SERVER_URL": "https://git.example"}, None),
    ],
)
def test_the_address_of_a_run(variables: dict[str, str], url: str | None) -> None:
    assert find_run_url(variables) == url


@pytest.fixture
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    place = LedgerPlace(tmp_path_factory.getbasetemp(), "prod", "refs/schemafed/prod", "origin", 10 * MINUTE)
    return Ledger(place, "tip", {}, Intent("c0ffee", "d1", "Ada", (), OURS))


class Clock:
    """A clock that stands where it was set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def test_in_the_first_half_of_a_lease_it_is_not_renewed(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(keeping, "renew_lease", lambda ledger, now: pytest.fail("it was renewed"))
    clock.now = NOW + 4 * MINUTE

    LeaseKeeper(ledger, clock).raise_if_lost()


def test_in_the_second_half_it_is_renewed_once(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, renewed = Clock(), []

    def renew(before: Ledger, now: datetime) -> Ledger:
        renewed.append(now)
        assert before.unfinished is not None
        return replace(before, tip="next", unfinished=replace(before.unfinished, lease=make_lease(now, 10 * MINUTE)))

    monkeypatch.setattr(keeping, "renew_lease", renew)
    keeper = LeaseKeeper(ledger, clock)
    clock.now = NOW + 6 * MINUTE
    keeper.raise_if_lost()
    clock.now = NOW + 10 * MINUTE
    keeper.raise_if_lost()

    assert renewed == [NOW + 6 * MINUTE]
    assert keeper.ledger.tip == "next"


def test_whoever_was_taken_over_stops_for_good(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()

    def refuse(before: Ledger, now: datetime) -> Ledger:
        raise LedgerMovedError("another run wrote")

    monkeypatch.setattr(keeping, "renew_lease", refuse)
    keeper = LeaseKeeper(ledger, clock)
    clock.now = NOW + 6 * MINUTE

    with pytest.raises(LeaseLostError, match="another run has taken the ledger over"):
        keeper.raise_if_lost()
    clock.now = NOW
    with pytest.raises(LeaseLostError):
        keeper.raise_if_lost()


def test_a_remote_that_is_away_costs_the_lease_only_once_it_has_run_out(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()

    def fail(before: Ledger, now: datetime) -> Ledger:
        raise LedgerOfflineError("no answer")

    monkeypatch.setattr(keeping, "renew_lease", fail)
    keeper = LeaseKeeper(ledger, clock)
    clock.now = NOW + 9 * MINUTE
    keeper.raise_if_lost()
    clock.now = NOW + 10 * MINUTE

    with pytest.raises(LeaseLostError, match="its lease ran out"):
        keeper.raise_if_lost()


def test_a_clock_that_is_set_back_makes_no_lease_longer(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(before: Ledger, now: datetime) -> Ledger:
        raise LedgerOfflineError("no answer")

    monkeypatch.setattr(keeping, "renew_lease", fail)
    clock, seconds = Clock(), iter([0.0, 540.0, 540.0, 600.0])
    keeper = LeaseKeeper(ledger, clock, elapsed=lambda: next(seconds))
    clock.now = NOW - 60 * MINUTE
    keeper.raise_if_lost()

    with pytest.raises(LeaseLostError, match="its lease ran out"):
        keeper.raise_if_lost()


class Remote:
    """A remote that says what the newest commit of the ledger is once it is let; None: it does not answer.

    ``asked`` has the moments, of ``seconds``, which stand where they were set.
    """

    def __init__(self) -> None:
        self.tip: str | None = "tip"
        self.is_quick = Event()
        self.is_quick.set()
        self.seconds = 0.0
        self.asked: list[float] = []

    def elapsed(self) -> float:
        return self.seconds

    def read_tip(self, place: LedgerPlace, *, patience: float) -> str:
        self.asked.append(self.seconds)
        assert self.is_quick.wait(10)
        if self.tip is None:
            raise LedgerOfflineError("no answer")
        return self.tip


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> Remote:
    remote = Remote()
    monkeypatch.setattr(keeping, "read_remote_tip", remote.read_tip)
    monkeypatch.setattr(keeping, "is_ancestor", lambda place, older, newer: older in ("earlier", newer))
    return remote


@pytest.fixture
def keeper(ledger: Ledger, remote: Remote) -> LeaseKeeper:
    return LeaseKeeper(ledger, Clock(), remote.elapsed)


def wait_until_asked(remote: Remote) -> None:
    """Wait until the thread that asks has come so far."""
    for _ in range(1_000):
        if remote.asked:
            return
        sleep(0.01)
    raise AssertionError("nobody asks")


def wait_for_look() -> None:
    """Wait until nobody is asked any more."""
    for thread in threading.enumerate():
        if thread.name == "ledger":
            thread.join(10)


def test_a_write_that_comes_seconds_after_the_ledger_was_taken_is_not_made(keeper: LeaseKeeper, remote: Remote) -> None:
    remote.tip = "another"
    remote.seconds = 5

    with pytest.raises(LeaseLostError, match="another run has taken the ledger over"):
        keeper.raise_if_lost()
    remote.tip = "tip"
    with pytest.raises(LeaseLostError):
        keeper.raise_if_lost()


def test_writes_do_not_wait_for_a_look_that_is_due_but_not_overdue(keeper: LeaseKeeper, remote: Remote) -> None:
    remote.is_quick.clear()
    remote.tip = "another"
    for remote.seconds in (0, 2.4, 2.5):
        keeper.raise_if_lost()
    wait_until_asked(remote)
    remote.seconds = 4.9
    keeper.raise_if_lost()
    remote.is_quick.set()
    wait_for_look()

    assert remote.asked == [2.5]
    with pytest.raises(LeaseLostError):
        keeper.raise_if_lost()


def test_thousands_of_writes_ask_every_few_seconds(keeper: LeaseKeeper, remote: Remote) -> None:
    for write in range(2_000):
        remote.seconds = write / 100
        keeper.raise_if_lost()
        if write % 50 == 0:
            wait_for_look()

    assert 3 <= len(remote.asked) <= 8


def test_a_look_that_is_old_when_the_next_write_comes_is_not_relied_on(keeper: LeaseKeeper, remote: Remote) -> None:
    remote.seconds = 3
    keeper.raise_if_lost()
    wait_for_look()
    remote.tip = "another"
    remote.seconds = 60

    with pytest.raises(LeaseLostError):
        keeper.raise_if_lost()


def test_after_a_slow_answer_a_write_is_made_before_the_next_one_is_waited_for(
    keeper: LeaseKeeper, remote: Remote
) -> None:
    remote.is_quick.clear()
    remote.seconds = 3
    keeper.raise_if_lost()
    wait_until_asked(remote)
    remote.seconds = 9
    remote.is_quick.set()
    keeper.raise_if_lost()
    keeper.raise_if_lost()

    assert remote.asked == [3]


@pytest.mark.parametrize("tip", [None, "earlier"])
def test_a_remote_that_is_away_or_behind_stops_nobody(keeper: LeaseKeeper, remote: Remote, tip: str | None) -> None:
    remote.tip = tip
    for remote.seconds in (5, 6, 10):
        keeper.raise_if_lost()

    assert remote.asked == [5, 10]


def test_a_look_that_is_under_way_is_not_held_against_a_renewed_lease(
    ledger: Ledger, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    def renew(before: Ledger, now: datetime) -> Ledger:
        assert before.unfinished is not None
        remote.tip = "next"
        return replace(before, tip="next", unfinished=replace(before.unfinished, lease=make_lease(now, 10 * MINUTE)))

    monkeypatch.setattr(keeping, "renew_lease", renew)
    clock = Clock()
    keeper = LeaseKeeper(ledger, clock, remote.elapsed)
    remote.is_quick.clear()
    remote.seconds = 3
    keeper.raise_if_lost()
    Timer(0.1, remote.is_quick.set).start()
    clock.now = NOW + 6 * MINUTE
    keeper.raise_if_lost()
    remote.seconds = 9
    keeper.raise_if_lost()

    assert keeper.ledger.tip == "next"
    assert remote.asked == [3, 9]
