"""Semantic 10: what a bulk read does not have is read once by name before it counts as gone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import pytest

from reconciler.applied import AppliedRegistry
from reconciler.model import LiveState, LiveSubject, LiveVersion, Mode
from reconciler.operations.live_reading import read_live
from reconciler.planner import Desired, Rules
from reconciler.registry import Capabilities
from tests.unit.applier.recording import RecordingRegistry
from tests.unit.planner.sides import EVERYTHING, applied_as, avro, desired, desired_subject, live, record

V1 = avro(record("id"))
NAMES = [f"s{number}" for number in range(40)]
APPLIED = applied_as(live(*((name, [V1]) for name in NAMES)))


@dataclass
class Flickering(RecordingRegistry):
    """A registry whose bulk answer lacks some of what it has; by name it answers for everything."""

    bulk: Collection[str]
    by_name: Collection[str] = ()
    modes: dict[str, Mode] = field(default_factory=dict)
    capabilities: Capabilities = EVERYTHING
    asked: list[tuple[tuple[str, ...] | None, tuple[str, ...]]] = field(default_factory=list)

    def read_state(
        self, subjects: Collection[str] | None = None, *, modes_of: Collection[str] | None = None
    ) -> LiveState:
        self.asked.append((None if subjects is None else tuple(sorted(subjects)), tuple(sorted(modes_of or ()))))
        found = self.bulk if subjects is None else set(subjects) & {*self.bulk, *self.by_name}
        shown = {n: LiveSubject(n, LiveVersion(1, V1)) for n in found}
        left = {n: LiveSubject(n, None, mode) for n, mode in self.modes.items() if subjects and n in subjects}
        return LiveState({**shown, **left}, Mode.BACKWARD)


def read(registry: Flickering, applied: AppliedRegistry = APPLIED, **rules: object) -> set[str]:
    """The subjects that are live, as far as a plan of all of them is told."""
    wanted: Desired = replace(desired(*(desired_subject(n, V1) for n in NAMES)), rules=Rules(**rules))  # type: ignore[arg-type]
    state = read_live(wanted, registry, applied).state
    return {name for name, subject in state.subjects.items() if subject.latest}


def test_semantic_10_what_a_bulk_read_passes_over_is_found_by_name() -> None:
    registry = Flickering(NAMES[2:], NAMES)

    found = read(registry)

    assert found == set(NAMES)
    assert [names for names, _ in registry.asked] == [None, ("s0", "s1")]


def test_semantic_10_what_is_missing_by_name_too_is_gone() -> None:
    registry = Flickering(NAMES[2:])

    found = read(registry)

    assert found == set(NAMES[2:])
    assert len(registry.asked) == 2


def test_semantic_10_where_nothing_is_missing_nothing_is_asked_again() -> None:
    registry = Flickering(NAMES)

    assert read(registry) == set(NAMES)
    assert len(registry.asked) == 1


@pytest.mark.parametrize(("allowed", "times"), [(False, 1), (True, 2)])
def test_semantic_10_where_most_is_missing_it_is_asked_for_only_if_that_may_be(allowed: bool, times: int) -> None:
    registry = Flickering(NAMES[20:], NAMES)

    found = read(registry, allows_mass_change=allowed)

    assert len(registry.asked) == times
    assert found == set(NAMES if allowed else NAMES[20:])


def test_semantic_10_a_subject_of_which_only_the_mode_is_ours_need_not_be_there() -> None:
    entries = {**APPLIED.subjects, "s0": replace(APPLIED.subjects["s0"], version=None, fingerprint=None)}
    registry = Flickering(NAMES[1:])

    read(registry, AppliedRegistry(entries))

    assert len(registry.asked) == 1


def test_semantic_10_the_mode_that_is_left_of_a_deleted_subject_is_read_where_it_is_ours() -> None:
    entries = {**APPLIED.subjects, "s0": replace(APPLIED.subjects["s0"], mode=Mode.FULL)}
    registry = Flickering(NAMES[2:], modes={"s0": Mode.FULL})
    wanted = desired(*(desired_subject(n, V1) for n in NAMES))

    state = read_live(wanted, registry, AppliedRegistry(entries)).state

    assert registry.asked == [(None, ("s0",)), (("s0", "s1"), ("s0",))]
    assert state.subjects["s0"] == LiveSubject("s0", None, Mode.FULL)


def test_semantic_10_a_plan_of_some_subjects_reads_them_by_name_anyway() -> None:
    registry = Flickering(NAMES[1:], NAMES)
    wanted = replace(desired(desired_subject("s0", V1)), scope=frozenset({"s0"}))

    state = read_live(wanted, registry, APPLIED).state

    assert [names for names, _ in registry.asked] == [("s0",)]
    assert set(state.subjects) == {"s0"}
