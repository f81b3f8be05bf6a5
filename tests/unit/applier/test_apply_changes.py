"""Changes are made in order where order matters, and a failure stops only what rests on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection

import pytest

from reconciler.applier import Result, Status, apply_changes, find_predecessors
from reconciler.errors import OutcomeUnknownError, RejectedError
from reconciler.model import (
    Change,
    Format,
    LiveState,
    LiveVersion,
    Location,
    Mode,
    Reference,
    RegisterSchema,
    Schema,
    SetCompatibility,
    SetDefaultCompatibility,
)
from reconciler.registry import Capabilities, Health

HERE = Location("schemas/x.avsc")


class RecordingRegistry:
    """Remembers the calls in order, and fails where it is told to."""

    name = "orders"
    capabilities = Capabilities(formats=frozenset(Format))

    def __init__(self, failing: dict[str, Exception] | None = None, version: int = 1) -> None:
        self.calls: list[tuple[str, object]] = []
        self.registered: dict[str, Schema] = {}
        self.failing = failing or {}
        self.version = version
        self.before_call: Callable[[str], None] = lambda subject: None
        self.lock = threading.Lock()

    def register_schema(self, subject: str, schema: Schema) -> LiveVersion:
        self.before_call(subject)
        if subject in self.failing:
            raise self.failing[subject]
        with self.lock:
            self.calls.append(("register", subject))
            self.registered[subject] = schema
        return LiveVersion(self.version, schema)

    def set_compatibility(self, subject: str | None, mode: Mode) -> None:
        with self.lock:
            self.calls.append((mode, subject))

    def check_health(self) -> Health:
        return Health("recording", None, 0)

    def read_state(
        self, subjects: Collection[str] | None = None, *, modes_of: Collection[str] | None = None
    ) -> LiveState:
        return LiveState({}, None)

    def read_history(self, subject: str) -> tuple[LiveVersion, ...]:
        return ()

    def close(self) -> None:
        pass


def register(subject: str, *references: Reference, before: int | None = None) -> RegisterSchema:
    schema = Schema(Format.AVRO, '"string"', references)
    old = LiveVersion(before, schema) if before else None
    return RegisterSchema("orders", subject, old, schema, "because", HERE)


def set_mode(subject: str, mode: Mode = Mode.FULL) -> SetCompatibility:
    return SetCompatibility("orders", subject, None, mode, "because", HERE)


DEFAULT = SetDefaultCompatibility("orders", None, Mode.NONE, "because", HERE)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([register("a"), register("b")], [set(), set()]),
        ([set_mode("a"), register("a")], [set(), {0}]),
        ([register("a"), register("b", Reference("A", "a"))], [set(), {0}]),
        ([register("b", Reference("A", "a", 1)), register("c")], [set(), set()]),
        ([DEFAULT, register("a"), register("b")], [set(), {0}, {0}]),
        ([register("a"), register("b"), DEFAULT], [set(), set(), {0, 1}]),
        ([register("a"), set_mode("a"), register("b", Reference("A", "a"))], [set(), {0}, {0}]),
    ],
    ids=["independent", "one subject", "reference", "pin", "level first", "level last", "reference before a mode"],
)
def test_what_must_come_before_what(changes: list[Change], expected: list[set[int]]) -> None:
    assert find_predecessors(changes) == [frozenset(e) for e in expected]


def test_a_reference_gets_the_version_that_was_just_made() -> None:
    registry = RecordingRegistry(version=7)

    applied = apply_changes([register("money"), register("order", Reference("Money", "money"))], {"orders": registry})

    assert applied.is_complete
    assert registry.registered["order"].references == (Reference("Money", "money", 7),)


def test_a_failure_skips_what_rests_on_it_and_nothing_else() -> None:
    registry = RecordingRegistry({"money": RejectedError("refused", registry="orders", subject="money", status=422)})
    changes = [register("money"), register("order", Reference("Money", "money")), set_mode("order"), register("other")]

    applied = apply_changes(changes, {"orders": registry})

    assert [r.status for r in applied.results] == [Status.FAILED, Status.SKIPPED, Status.SKIPPED, Status.APPLIED]
    assert applied.results[0].message == "orders/money: refused (HTTP 422)"
    assert registry.calls == [("register", "other")]
    assert not applied.is_complete


def test_a_lost_answer_is_unknown_not_failed() -> None:
    registry = RecordingRegistry({"a": OutcomeUnknownError("the answer was lost")})

    (result,) = apply_changes([register("a")], {"orders": registry}).results

    assert result.status is Status.UNKNOWN


def test_an_old_version_in_answer_to_a_new_schema_is_a_failure() -> None:
    registry = RecordingRegistry(version=2)

    (result,) = apply_changes([register("a", before=3)], {"orders": registry}).results

    assert result.status is Status.FAILED
    assert result.message is not None and "version 2" in result.message


def test_a_defect_of_an_adapter_is_a_result_too() -> None:
    registry = RecordingRegistry({"a": ZeroDivisionError("oops")})

    result, other = apply_changes([register("a"), register("b")], {"orders": registry}).results

    assert result.status is Status.UNKNOWN
    assert result.message is not None and "ZeroDivisionError" in result.message
    assert other.status is Status.APPLIED


def test_results_are_told_as_they_come_and_stand_in_the_plans_order() -> None:
    told: list[Result] = []
    changes = [register(name) for name in "abcdefgh"]

    applied = apply_changes(changes, {"orders": RecordingRegistry()}, told.append)

    assert [r.change for r in applied.results] == changes
    assert sorted(r.change.subject for r in told if isinstance(r.change, RegisterSchema)) == list("abcdefgh")


def test_independent_changes_are_made_side_by_side() -> None:
    registry = RecordingRegistry()
    together = threading.Barrier(registry.capabilities.concurrent_writes, timeout=10)
    registry.before_call = lambda subject: together.wait() and None

    applied = apply_changes([register(name) for name in "abcd"], {"orders": registry})

    assert applied.is_complete


def test_an_interrupt_finishes_what_is_under_way_and_skips_the_rest() -> None:
    registry = RecordingRegistry()

    def interrupt(result: Result) -> None:
        if result.change == changes[0]:
            raise KeyboardInterrupt

    def slow(subject: str) -> None:
        time.sleep(0.05 if subject == "a" else 0.2)

    registry.before_call = slow
    changes: list[Change] = [register("a"), register("b"), set_mode("b"), set_mode("b", Mode.NONE)]

    applied = apply_changes(changes, {"orders": registry}, interrupt)

    statuses = [r.status for r in applied.results]
    assert applied.is_interrupted
    assert statuses == [Status.APPLIED, Status.APPLIED, Status.SKIPPED, Status.SKIPPED]
    assert [call for call in registry.calls if call[0] != "register"] == []
