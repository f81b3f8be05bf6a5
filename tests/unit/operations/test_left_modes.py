"""The last look at the modes of intended breaks, before they are recorded."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from reconciler.applier import Applied, Result, Status
from reconciler.errors import UnreachableError
from reconciler.model import Change, LiveState, LiveSubject, Mode
from reconciler.operations.applying.left_modes import check_left_modes
from tests.unit.applier.recording import WAIVER, RecordingRegistry, register, restore, set_mode

BREAK = register("a", before=1, waivers=(WAIVER,), restores_mode=Mode.FULL)
INHERITING = register("a", before=1, waivers=(WAIVER,))
GOING_BACK = restore("a", waivers=(WAIVER,), restores_mode=Mode.FULL)


class Reading(RecordingRegistry):
    """A registry whose subjects have these modes, and which remembers what was asked."""

    def __init__(self, modes: dict[str, Mode | None], is_gone: bool = False) -> None:
        super().__init__()
        self.modes = modes
        self.is_gone = is_gone
        self.asked: list[tuple[list[str], list[str]]] = []

    def read_state(
        self, subjects: Collection[str] | None = None, *, modes_of: Collection[str] | None = None
    ) -> LiveState:
        self.asked.append((list(subjects or ()), list(modes_of or ())))
        if self.is_gone:
            raise UnreachableError("no connection")
        return LiveState({name: LiveSubject(name, None, mode) for name, mode in self.modes.items()}, None)


def look(registry: Reading, *changes: Change, status: Status = Status.APPLIED) -> list[Result]:
    applied = Applied(tuple(Result(change, status, version=2) for change in changes))
    return list(check_left_modes(applied, {"orders": registry}).results)


@pytest.mark.parametrize("change", [BREAK, INHERITING, GOING_BACK], ids=["own mode", "inherited", "older schema"])
def test_a_mode_that_is_none_again_makes_a_failure_of_the_change(change: Change) -> None:
    (result,) = look(Reading({"a": Mode.NONE}), change)

    assert (result.status, result.is_mode_left, result.version) == (Status.FAILED, True, 2)
    assert result.message is not None and result.message.startswith("THE SUBJECT IS UNPROTECTED")
    assert "version 2 was registered" in result.message
    assert result.fix is not None and "run apply again" in result.fix


@pytest.mark.parametrize("mode", [Mode.FULL, Mode.BACKWARD, None])
def test_any_other_mode_leaves_the_result_as_it_was(mode: Mode | None) -> None:
    (result,) = look(Reading({"a": mode}), BREAK)

    assert result == Result(BREAK, Status.APPLIED, version=2)


def test_only_the_subjects_that_were_broken_are_looked_at() -> None:
    registry = Reading({"a": Mode.NONE, "b": Mode.NONE, "c": Mode.NONE})

    results = look(registry, register("c"), BREAK, set_mode("b", Mode.NONE))

    assert registry.asked == [(["a"], ["a"])]
    assert [r.status for r in results] == [Status.APPLIED, Status.FAILED, Status.APPLIED]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (register("a", before=1), Status.APPLIED),
        (register("a", before=1, waivers=(WAIVER,), restores_mode=Mode.NONE), Status.APPLIED),
        (BREAK, Status.SKIPPED),
        (BREAK, Status.UNKNOWN),
    ],
    ids=["no break", "none before", "not made", "unknown"],
)
def test_where_there_is_nothing_to_look_for_nothing_is_read(change: Change, status: Status) -> None:
    registry = Reading({"a": Mode.NONE})

    (result,) = look(registry, change, status=status)

    assert (registry.asked, result.status) == ([], status)


def test_a_registry_that_is_gone_by_then_says_nothing_about_what_it_has_answered() -> None:
    (result,) = look(Reading({"a": Mode.NONE}, is_gone=True), BREAK)

    assert result.status is Status.APPLIED


def test_a_break_in_one_registry_says_nothing_of_another() -> None:
    other = Reading({"a": Mode.NONE})
    applied = Applied((Result(BREAK, Status.APPLIED, version=2),))

    (result,) = check_left_modes(applied, {"orders": Reading({"a": Mode.FULL}), "other": other}).results

    assert (result.status, other.asked) == (Status.APPLIED, [])
