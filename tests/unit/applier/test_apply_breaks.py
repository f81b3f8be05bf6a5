"""A waived break: the mode NONE for a while, the schema, and the mode again whatever comes in between."""

from __future__ import annotations

import threading
import time

import pytest

from reconciler.applier import Result, Status, apply_changes
from reconciler.errors import OutcomeUnknownError, RejectedError, SchemafedError, UnreachableError
from reconciler.model import Change, Mode
from tests.unit.applier.recording import WAIVER, RecordingRegistry, register, restore, set_mode

BREAK = register("a", before=1, waivers=(WAIVER,), restores_mode=Mode.FULL)
INHERITING = register("a", before=1, waivers=(WAIVER,))
NONE = (Mode.NONE, "a")
AGAIN = (Mode.FULL, "a")
REFUSED = RejectedError("refused")


def apply_one(change: Change, registry: RecordingRegistry) -> Result:
    (result,) = apply_changes([change], {"orders": registry}).results
    return result


@pytest.mark.parametrize(
    ("change", "calls"),
    [
        (BREAK, [NONE, ("register", "a"), AGAIN]),
        (INHERITING, [NONE, ("register", "a"), ("reset", "a")]),
        (restore("a", waivers=(WAIVER,), restores_mode=Mode.FULL), [NONE, ("restore", "a"), AGAIN]),
    ],
    ids=["own mode", "inherited mode", "older schema"],
)
def test_semantic_8_the_three_steps(change: Change, calls: list[tuple[object, object]]) -> None:
    registry = RecordingRegistry(version=2)

    result = apply_one(change, registry)

    assert (result.status, result.version, result.is_mode_left) == (Status.APPLIED, 2, False)
    assert registry.calls == calls


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (REFUSED, Status.FAILED),
        (OutcomeUnknownError("lost"), Status.UNKNOWN),
        (ZeroDivisionError("oops"), Status.UNKNOWN),
    ],
    ids=["refused", "lost", "defect"],
)
def test_the_mode_is_taken_back_where_the_schema_fails(error: Exception, status: Status) -> None:
    registry = RecordingRegistry({"a": error})

    result = apply_one(BREAK, registry)

    assert (result.status, result.is_mode_left) == (status, False)
    assert registry.calls == [NONE, AGAIN]


def test_nothing_is_done_where_the_mode_cannot_be_loosened() -> None:
    registry = RecordingRegistry({NONE: REFUSED})

    result = apply_one(BREAK, registry)

    assert (result.status, result.is_mode_left, registry.calls) == (Status.FAILED, False, [])


def test_a_mode_that_may_have_been_loosened_is_taken_back() -> None:
    registry = RecordingRegistry({NONE: OutcomeUnknownError("lost")})

    result = apply_one(BREAK, registry)

    assert (result.status, result.is_mode_left) == (Status.UNKNOWN, False)
    assert registry.calls == [AGAIN]


@pytest.mark.parametrize("failing", [{}, {"a": REFUSED}], ids=["registered", "refused"])
def test_a_mode_that_cannot_be_taken_back_is_said_loudly(failing: dict[object, Exception]) -> None:
    registry = RecordingRegistry({AGAIN: UnreachableError("no connection"), **failing}, version=2)

    result = apply_one(BREAK, registry)

    assert (result.status, result.is_mode_left) == (Status.FAILED, True)
    assert result.message is not None
    assert result.message.startswith("THE SUBJECT IS UNPROTECTED")
    assert "FULL: no connection" in result.message
    assert ("version 2 was registered" in result.message) is not failing
    assert result.fix is not None and "restores the mode first" in result.fix


def test_what_rests_on_a_mode_that_was_left_is_skipped() -> None:
    registry = RecordingRegistry({AGAIN: UnreachableError("no connection")}, version=2)

    applied = apply_changes([BREAK, set_mode("a", Mode.BACKWARD)], {"orders": registry})

    assert [r.status for r in applied.results] == [Status.FAILED, Status.SKIPPED]
    assert not applied.is_complete


def test_an_interrupt_between_the_steps_takes_the_mode_back() -> None:
    registry = RecordingRegistry(version=2)
    original = registry.set_compatibility
    is_begun, is_interrupted = threading.Event(), threading.Event()

    def set_slowly(subject: str | None, mode: Mode) -> None:
        original(subject, mode)
        if mode is Mode.NONE:
            is_begun.set()
            assert is_interrupted.wait(10)
            # The exception is on its way to whoever waits for the threads.
            time.sleep(0.2)

    registry.set_compatibility = set_slowly  # type: ignore[method-assign]

    def interrupt(result: Result) -> None:
        if result.change.registry == "orders" and result.change != BREAK:
            is_interrupted.set()
            raise KeyboardInterrupt

    def wait_for_the_break(subject: str) -> None:
        assert subject != "b" or is_begun.wait(10)

    registry.before_call = wait_for_the_break
    applied = apply_changes([BREAK, register("b")], {"orders": registry}, interrupt)

    assert applied.is_interrupted
    assert applied.results[0].status is Status.SKIPPED
    assert [call for call in registry.calls if call[1] == "a"] == [NONE, AGAIN]


def test_whoever_lost_the_lease_leaves_the_mode_to_the_next_run() -> None:
    registry = RecordingRegistry(version=2)
    allowed = [True, True]

    def before_write() -> None:
        if not allowed:
            raise SchemafedError("the lease was taken over")
        allowed.pop()

    (result,) = apply_changes([BREAK], {"orders": registry}, before_write=before_write).results

    assert (result.status, result.is_mode_left) == (Status.FAILED, True)
    assert result.message is not None and "the lease was taken over" in result.message
    assert registry.calls == [NONE, ("register", "a")]
