"""Desired, live and applied state in, a plan out; pure, so that every question a plan answers can be asked in a test.

The caller reads, the planner thinks::

    state      = adapter.read_state(...)
    live       = Live(state, capabilities)           + histories for needed_references(subjects, live)
    comparison = compare(desired, live, applied)     + histories and dependants that the comparison needs
    part       = plan_registry(comparison, live)     one per registry
    plan       = make_plan(environment, parts, ...)
    plan       = settle_verdicts(plan, what the registries themselves say, ...)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from reconciler.model import (
    Change,
    DeleteSubject,
    DeleteVersions,
    Finding,
    Note,
    Observation,
    Plan,
    ReadItem,
    RegisterSchema,
    SetSettings,
)
from reconciler.planner.comparison import ComparedSubject, Comparison, compare, needed_references
from reconciler.planner.dropped import find_renames, plan_dropped
from reconciler.planner.findings import mass_deletion, read_only
from reconciler.planner.mode_changes import plan_mode
from reconciler.planner.notes import make_note, make_own_notes
from reconciler.planner.readset import make_read_set
from reconciler.planner.registration import find_returning, make_registration
from reconciler.planner.releasing import check_released, sort_deletions
from reconciler.planner.rules import Rules, is_mass
from reconciler.planner.settings import find_closed, plan_subject_settings
from reconciler.planner.sides import Desired, Live
from reconciler.planner.standing import Standing
from reconciler.planner.verdicts import questions_for_registries, settle_verdicts
from reconciler.planner.waivers import check_unused_waivers

__all__ = [
    "Comparison",
    "Desired",
    "Live",
    "RegistryPart",
    "Rules",
    "compare",
    "find_returning",
    "make_plan",
    "needed_references",
    "plan_registry",
    "questions_for_registries",
    "settle_verdicts",
]


@dataclass(frozen=True)
class RegistryPart:
    """The part of a plan that concerns one registry.

    ``notes`` are what its ledger gets without any write, ``drifted`` the declared subjects that someone else changed or
    deleted; None stands for the registry's own level.
    """

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    read_set: tuple[ReadItem, ...]
    observation: Observation
    notes: tuple[Note, ...] = ()
    drifted: tuple[str | None, ...] = ()


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
        notes=tuple(n for p in parts for n in p.notes),
    )


def plan_registry(comparison: Comparison, live: Live, commit: str = "") -> RegistryPart:
    """Plan one registry.

    Args:
        comparison: the result of :func:`compare`.
        live: the same reading, with the histories and dependants that the comparison asked for.
        commit: the commit of the desired state, for the ledger.
    """
    level = comparison.level
    planned = [_plan_subject(s, comparison, live, commit) for s in comparison.subjects]
    created = [c for p in planned for c in p.changes if isinstance(c, RegisterSchema) and c.before is None]
    dropped = plan_dropped(comparison, live, created)
    renamed = find_renames(comparison, created) if dropped.changes or dropped.notes else {}
    subject_changes = [_renamed(c, renamed) for p in planned for c in p.changes]
    own = comparison.settings
    changes = (
        *own.before,
        *comparison.restorations,
        *level.before,
        *sort_deletions((*subject_changes, *level.after, *dropped.changes)),
        *own.after,
    )
    return RegistryPart(
        changes=changes,
        findings=(
            *comparison.findings,
            *level.findings,
            *own.findings,
            *_check_closed(changes, comparison, live),
            *(f for p in planned for f in p.findings),
            *dropped.findings,
            *check_released(changes, live),
            *_check_mass(changes, comparison),
        ),
        read_set=make_read_set(comparison, live, changes),
        observation=_observe(comparison, live, planned),
        notes=(*make_own_notes(comparison), *(n for p in planned for n in p.notes), *dropped.notes),
        drifted=_find_drifted(comparison, planned),
    )


_CHANGED_ELSEWHERE = frozenset({Standing.DRIFTED, Standing.VANISHED})


def _find_drifted(comparison: Comparison, planned: Sequence[_Planned]) -> tuple[str | None, ...]:
    pairs = zip(comparison.subjects, planned, strict=True)
    names = (s.desired.name for s, p in pairs if s.standing in _CHANGED_ELSEWHERE or p.is_drifted)
    return (*((None,) if comparison.level.is_drifted or comparison.settings.is_drifted else ()), *names)


class _Planned(NamedTuple):
    """What becomes of one subject; ``is_drifted``: someone else changed its mode or a setting of it."""

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    notes: tuple[Note, ...] = ()
    is_drifted: bool = False


def _plan_subject(subject: ComparedSubject, comparison: Comparison, live: Live, commit: str) -> _Planned:
    if not subject.is_planned:
        return _Planned((), subject.findings)
    registry, rules = comparison.desired.registry, comparison.desired.rules
    mode, settings = plan_mode(subject, comparison, live), plan_subject_settings(subject, comparison, live)
    findings = (*subject.findings, *mode.findings, *settings.findings)
    is_drifted = mode.is_drifted or settings.is_drifted
    if not subject.is_changed:
        findings += check_unused_waivers(subject.desired, registry, (), rules.today)
        notes = make_note(subject, comparison, mode, settings, live.capabilities.dialect, commit)
        return _Planned((*settings.before, *mode.changes, *settings.after), findings, notes, is_drifted)
    registered = make_registration(subject, comparison, live, mode)
    findings += (
        *registered.findings,
        *check_unused_waivers(subject.desired, registry, registered.waivers, rules.today),
    )
    changes = (*mode.changes, registered.change) if registered.mode_first else (registered.change, *mode.changes)
    return _Planned((*settings.before, *changes, *settings.after), findings, is_drifted=is_drifted)


def _check_closed(changes: Sequence[Change], comparison: Comparison, live: Live) -> tuple[Finding, ...]:
    """Report the subjects to which something is written, and which a setting keeps from being written to."""
    kinds, own_kinds = live.capabilities.settings, live.capabilities.registry_settings
    if not any(kind.closing for kind in (*kinds.values(), *own_kinds.values())):
        return ()
    compared = {s.desired.name: s for s in comparison.subjects}
    written = {c.subject: c.location for c in changes if c.subject is not None and not isinstance(c, SetSettings)}
    findings = []
    for name, location in written.items():
        found = live.state.subjects.get(name)
        meanwhile = plan_subject_settings(compared[name], comparison, live).meanwhile if name in compared else None
        own = meanwhile if meanwhile is not None else (found.settings if found else None) or {}
        if closed := find_closed(own, comparison.settings.meanwhile, kinds, own_kinds):
            findings.append(read_only(comparison.desired.registry, name, location, closed))
    return tuple(findings)


def _renamed(change: Change, renamed: Mapping[str, str]) -> Change:
    """The same change; where it creates a subject that Git called otherwise before, with that as its reason."""
    if isinstance(change, RegisterSchema) and change.before is None and change.subject in renamed:
        return replace(change, reason=f"{change.reason}; before, Git called it {renamed[change.subject]}")
    return change


def _check_mass(changes: Sequence[Change], comparison: Comparison) -> tuple[Finding, ...]:
    """Refuse to delete so much of what is ours that it is likelier a mistake, unless this run was told to."""
    number = sum(isinstance(change, DeleteSubject | DeleteVersions) for change in changes)
    managed = len(comparison.applied.subjects)
    if comparison.desired.rules.allows_mass_change or not is_mass(number, managed):
        return ()
    return (mass_deletion(comparison.desired.registry, number, managed),)


def _is_as_declared(subject: ComparedSubject, plan: _Planned) -> bool:
    """Whether a subject is live as Git wants it; what drifted and is kept is not, though nothing is done about it."""
    is_same = subject.is_planned and subject.standing is Standing.UNCHANGED
    return is_same and not plan.changes and not plan.is_drifted


def _observe(comparison: Comparison, live: Live, planned: Sequence[_Planned]) -> Observation:
    desired = comparison.desired
    restored = {restoration.subject for restoration in comparison.restorations}
    pairs = [(s, p) for s, p in zip(comparison.subjects, planned, strict=True) if s.desired.name not in restored]
    ours = {s.desired.name for s in comparison.subjects} | comparison.applied.subjects.keys()
    return Observation(
        registry=desired.registry,
        kind=desired.kind,
        unchanged=sum(_is_as_declared(subject, plan) for subject, plan in pairs),
        unmanaged=tuple(sorted(n for n in live.state.subjects if n not in ours)),
    )
