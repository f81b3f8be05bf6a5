"""Desired state and live state in, a plan out; pure, so that every question a plan answers can be asked in a test.

The caller reads, the planner thinks::

    state      = adapter.read_state(...)
    live       = Live(state, capabilities)           + histories for needed_references(desired, live)
    comparison = compare(desired, live)              + histories for comparison.needed_histories
    part       = plan_registry(comparison, live)     one per registry
    plan       = make_plan(environment, parts, ...)
    plan       = settle_verdicts(plan, what the registries themselves say, ...)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciler.model import (
    Change,
    Finding,
    Observation,
    Plan,
    ReadItem,
    SetCompatibility,
    SetDefaultCompatibility,
)
from reconciler.planner.comparison import ComparedSubject, Comparison, compare, needed_references
from reconciler.planner.modes import current_mode
from reconciler.planner.readset import make_default_item, make_read_item
from reconciler.planner.registration import make_registration
from reconciler.planner.sides import Desired, Live
from reconciler.planner.verdicts import questions_for_registries, settle_verdicts

__all__ = [
    "Comparison",
    "Desired",
    "Live",
    "RegistryPart",
    "compare",
    "make_plan",
    "needed_references",
    "plan_registry",
    "questions_for_registries",
    "settle_verdicts",
]


@dataclass(frozen=True)
class RegistryPart:
    """The part of a plan that concerns one registry."""

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    read_set: tuple[ReadItem, ...]
    observation: Observation


def make_plan(
    environment: str,
    parts: Iterable[RegistryPart],
    findings: Iterable[Finding] = (),
    *,
    configuration: str = "",
    commit: str | None = None,
) -> Plan:
    """Join the parts of all registries; ``findings`` are those that concern none of them or could not be planned."""
    parts = tuple(parts)
    return Plan(
        environment=environment,
        changes=tuple(c for p in parts for c in p.changes),
        findings=(*findings, *(f for p in parts for f in p.findings)),
        read_set=tuple(i for p in parts for i in p.read_set),
        observations=tuple(p.observation for p in parts),
        configuration=configuration,
        commit=commit,
    )


def plan_registry(comparison: Comparison, live: Live) -> RegistryPart:
    """Plan one registry.

    Args:
        comparison: the result of :func:`compare`.
        live: the same reading, with the histories that the comparison asked for.
    """
    desired = comparison.desired
    before, after = _default_change(desired, live)
    planned = [_plan_subject(s, comparison, live) for s in comparison.subjects]
    changes = (*before, *(c for subject_changes, _ in planned for c in subject_changes), *after)
    touched = [
        s.desired.name for s, (subject_changes, _) in zip(comparison.subjects, planned, strict=True) if subject_changes
    ]
    managed = frozenset(s.desired.name for s in comparison.subjects)
    return RegistryPart(
        changes=changes,
        findings=tuple(f for s, (_, fs) in zip(comparison.subjects, planned, strict=True) for f in (*s.findings, *fs)),
        read_set=_read_set(comparison, live, touched, bool(changes)),
        observation=Observation(
            registry=desired.registry,
            kind=desired.kind,
            unchanged=len(managed) - len(touched),
            unmanaged=tuple(sorted(n for n in live.state.subjects if n not in managed)),
        ),
    )


def _plan_subject(
    subject: ComparedSubject, comparison: Comparison, live: Live
) -> tuple[tuple[Change, ...], tuple[Finding, ...]]:
    if any(f.blocks for f in subject.findings):
        return (), ()
    mode_change = _mode_change(subject, comparison.desired, live)
    if not subject.is_changed:
        return mode_change, ()
    registration, findings, mode_first = make_registration(subject, comparison, live)
    changes: tuple[Change, ...] = (registration, *mode_change)
    if mode_first:
        changes = (*mode_change, registration)
    return changes, findings


def _mode_change(subject: ComparedSubject, desired: Desired, live: Live) -> tuple[Change, ...]:
    declared = subject.desired.mode
    present = subject.live.mode if subject.live else None
    if declared is None or declared is present:
        return ()
    inherited = "" if present else f"; until now the subject inherits {current_mode(subject.live, desired, live).mode}"
    return (
        SetCompatibility(
            registry=desired.registry,
            subject=subject.desired.name,
            before=present,
            after=declared,
            reason=f"the mode is declared{inherited}",
            location=subject.desired.mode_location or subject.desired.location,
        ),
    )


def _default_change(desired: Desired, live: Live) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """The change of the registry's own level: before everything else where it loosens, after where it tightens."""
    present, declared = live.state.default_mode, desired.default_mode
    if declared is None or declared is present:
        return (), ()
    location = desired.default_mode_location
    assert location is not None  # whoever declares a level says where
    change = SetDefaultCompatibility(
        desired.registry, present, declared, "the registry's own mode is declared", location
    )
    return ((change,), ()) if present is None or declared.allows(present) else ((), (change,))


def _read_set(comparison: Comparison, live: Live, touched: Sequence[str], has_changes: bool) -> tuple[ReadItem, ...]:
    """Touched subjects with the history that was judged, what they refer to, and the registry's level."""
    if not has_changes:
        return ()
    registry = comparison.desired.registry
    subjects = {s.desired.name: s for s in comparison.subjects}
    names = dict.fromkeys(touched)
    referenced = (r.subject for name in touched for r in subjects[name].references)
    names.update(dict.fromkeys(referenced))
    judged = comparison.needed_histories
    changing = frozenset(touched)
    items = (make_read_item(registry, n, live, with_mode=n in changing, with_history=n in judged) for n in names)
    return (make_default_item(registry, live), *items)
