"""What stops a run: losing the right to write, and interrupts."""

from __future__ import annotations

import signal
import threading
import time
from itertools import count

from reconciler.applier import Result, Status, apply_changes, skip_changes
from reconciler.errors import SchemafedError
from reconciler.model import Change
from tests.unit.applier.recording import RecordingRegistry, register, set_mode


def stop_after(writes: int) -> object:
    counted = count(1)

    def before_write() -> None:
        if next(counted) > writes:
            raise SchemafedError("the lease was taken over by another run")

    return before_write


def test_each_write_is_asked_for() -> None:
    asked: list[str] = []
    changes: list[Change] = [register("a"), set_mode("a"), register("b")]

    applied = apply_changes(changes, {"orders": RecordingRegistry()}, before_write=lambda: asked.append("may I?"))

    assert applied.is_complete
    assert len(asked) == 3


def test_nothing_is_started_any_more_and_the_rest_says_why() -> None:
    registry = RecordingRegistry()
    changes: list[Change] = [register("a"), set_mode("a"), register("b", before=0), register("c"), register("d")]

    applied = apply_changes(changes, {"orders": registry}, before_write=stop_after(2))  # type: ignore[arg-type]

    left = [r for r in applied.results if r.status is not Status.APPLIED]
    assert len(registry.calls) == 2
    assert {r.status for r in left} == {Status.SKIPPED}
    assert {r.message for r in left} == {"the lease was taken over by another run"}
    assert applied.stopped == "the lease was taken over by another run"
    assert not applied.is_interrupted


def test_a_defect_in_the_question_stops_too() -> None:
    registry = RecordingRegistry()

    def before_write() -> None:
        raise ZeroDivisionError("oops")

    applied = apply_changes([register("a"), register("b")], {"orders": registry}, before_write=before_write)

    assert registry.calls == []
    assert [r.status for r in applied.results] == [Status.SKIPPED, Status.SKIPPED]


def test_a_second_interrupt_waits_for_nothing_more() -> None:
    registry = RecordingRegistry()
    is_under_way, is_interrupted, go_on = threading.Event(), threading.Event(), threading.Event()

    def press_again(subject: str) -> None:
        if subject == "quick":
            is_under_way.wait(10)
        else:
            is_under_way.set()
            is_interrupted.wait(10)
            time.sleep(0.1)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            go_on.wait(10)

    def interrupt(result: Result) -> None:
        if not is_interrupted.is_set():
            is_interrupted.set()
            raise KeyboardInterrupt

    registry.before_call = press_again
    changes: list[Change] = [register("quick"), register("slow"), set_mode("slow")]
    try:
        applied = apply_changes(changes, {"orders": registry}, interrupt)
    finally:
        go_on.set()

    assert applied.is_interrupted
    assert [r.status for r in applied.results] == [Status.APPLIED, Status.UNKNOWN, Status.SKIPPED]


def test_an_interrupt_before_the_first_write_skips_everything() -> None:
    told: list[Result] = []

    applied = skip_changes([register("a"), register("b")], told.append)

    assert [(r.status, r.message) for r in told] == [(Status.SKIPPED, "the run was interrupted")] * 2
    assert (applied.results, applied.is_interrupted) == (tuple(told), True)
