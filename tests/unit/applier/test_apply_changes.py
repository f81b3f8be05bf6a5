"""Changes are made in order where order matters, and a failure stops only what rests on it."""

from __future__ import annotations

import threading
import time

import pytest

from reconciler.applier import Result, Status, apply_changes, find_predecessors
from reconciler.errors import OutcomeUnknownError, RejectedError
from reconciler.model import Change, Mode, Reference, RegisterSchema
from tests.unit.applier.recording import (
    DEFAULT,
    RecordingRegistry,
    delete,
    delete_newer,
    live,
    register,
    reset_mode,
    restore,
    set_mode,
)

MONEY = Reference("A", "a", 1)


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
        ([restore("a"), register("b", Reference("A", "a"))], [set(), {0}]),
        ([delete_newer("a", 2), restore("b", Reference("A", "a"))], [set(), {0}]),
        ([reset_mode("a"), restore("a"), delete("b")], [set(), {0}, set()]),
        ([delete("b", MONEY), delete("a")], [set(), {0}]),
        ([register("b", before=live(MONEY)), delete("a")], [set(), {0}]),
        ([delete("b"), delete("c"), delete("a", dependants=("b", "z"))], [set(), set(), {0}]),
        ([delete_newer("b", 2, references=(MONEY,)), delete_newer("a", 2)], [set(), {0}]),
        ([register("b", before=live(MONEY)), delete("c", MONEY), delete("a")], [set(), set(), {0, 1}]),
    ],
    ids=[
        "independent",
        "one subject",
        "reference",
        "pin",
        "level first",
        "level last",
        "reference before a mode",
        "restored reference",
        "reference to what deleting made the latest",
        "mode before a restore",
        "dependants are deleted first",
        "what stops referring goes first",
        "dependants by older versions are deleted first",
        "newer versions that refer are deleted first",
        "all that refer",
    ],
)
def test_semantic_5_what_must_come_before_what(changes: list[Change], expected: list[set[int]]) -> None:
    assert find_predecessors(changes) == [frozenset(e) for e in expected]


def test_semantic_6_a_reference_gets_the_version_that_was_just_made() -> None:
    registry = RecordingRegistry(version=7)

    applied = apply_changes([register("money"), register("order", Reference("Money", "money"))], {"orders": registry})

    assert applied.is_complete
    assert registry.registered["order"].references == (Reference("Money", "money", 7),)


def test_every_kind_of_change_is_made() -> None:
    registry = RecordingRegistry(version=3)
    changes = [
        DEFAULT,
        set_mode("a", Mode.FULL),
        reset_mode("b"),
        register("c"),
        restore("d", before=2),
        delete_newer("e", 2, 3),
        delete("f"),
        delete("g", is_permanent=True),
    ]

    applied = apply_changes(changes, {"orders": registry})

    assert applied.is_complete
    assert sorted(registry.calls, key=lambda call: str(call[1] or "")) == [
        (Mode.NONE, None),
        (Mode.FULL, "a"),
        ("reset", "b"),
        ("register", "c"),
        ("restore", "d"),
        (("delete", 2, 3, False), "e"),
        (("delete", False), "f"),
        (("delete", True), "g"),
    ]
    assert [r.version for r in applied.results] == [None, None, None, 3, 3, 1, None, None]


def test_a_result_tells_what_references_were_resolved_to() -> None:
    changes = [register("money"), restore("order", Reference("Money", "money"), before=1)]

    applied = apply_changes(changes, {"orders": RecordingRegistry(version=7)})

    assert [r.references for r in applied.results] == [(), (Reference("Money", "money", 7),)]


def test_a_dependant_refers_to_the_version_that_deleting_made_the_latest() -> None:
    registry = RecordingRegistry()

    apply_changes([delete_newer("money", 3, 4), register("order", Reference("Money", "money"))], {"orders": registry})

    assert registry.registered["order"].references == (Reference("Money", "money", 2),)


def test_what_something_still_refers_to_is_not_deleted() -> None:
    registry = RecordingRegistry({(("delete", False), "order"): RejectedError("refused")})
    changes = [delete("order", Reference("Money", "money", 1)), delete("money"), delete("other")]

    applied = apply_changes(changes, {"orders": registry})

    assert [r.status for r in applied.results] == [Status.FAILED, Status.SKIPPED, Status.APPLIED]
    assert registry.calls == [(("delete", False), "other")]


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


@pytest.mark.parametrize("change", [register("a", before=3), restore("a", before=3)], ids=["new", "restored"])
def test_an_old_version_in_answer_is_a_failure(change: Change) -> None:
    (result,) = apply_changes([change], {"orders": RecordingRegistry(version=2)}).results

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
    is_under_way, is_interrupted = threading.Event(), threading.Event()

    def interrupt(result: Result) -> None:
        if result.change == changes[0]:
            is_interrupted.set()
            raise KeyboardInterrupt

    def take_turns(subject: str) -> None:
        if subject == "a":
            assert is_under_way.wait(10)
        else:
            is_under_way.set()
            assert is_interrupted.wait(10)
            # The exception is on its way to whoever waits for the threads.
            time.sleep(0.2)

    registry.before_call = take_turns
    changes: list[Change] = [register("a"), register("b"), set_mode("b"), set_mode("b", Mode.NONE)]

    applied = apply_changes(changes, {"orders": registry}, interrupt)

    statuses = [r.status for r in applied.results]
    assert applied.is_interrupted
    assert statuses == [Status.APPLIED, Status.APPLIED, Status.SKIPPED, Status.SKIPPED]
    assert [call for call in registry.calls if call[0] != "register"] == []
