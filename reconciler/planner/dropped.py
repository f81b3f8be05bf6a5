"""What was applied and is not declared any more: deleted where that is allowed, else remembered as an orphan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from shlex import quote

from reconciler.errors import SchemaError
from reconciler.model import (
    AppliedSubject,
    DeleteSubject,
    Deletion,
    Finding,
    LiveVersion,
    Note,
    OnDrift,
    RegisterSchema,
    ResetCompatibility,
    Severity,
    Source,
)
from reconciler.planner.comparison import Comparison
from reconciler.planner.releasing import find_dependants
from reconciler.planner.rules import Rules
from reconciler.planner.sides import Live
from reconciler.planner.standing import describe_entry
from reconciler.planner.subjects import is_as_applied


@dataclass(frozen=True, slots=True)
class DroppedPlan:
    """The deletions, and the end of modes that would outlive them; what is said; and what the ledger gets without a
    write.
    """

    changes: tuple[ResetCompatibility | DeleteSubject, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class _Dropped:
    """One subject that Git dropped; ``why`` says what became of its declaration, ``problem`` why it cannot be read."""

    registry: str
    name: str
    entry: AppliedSubject
    latest: LiveVersion | None
    why: str
    problem: str | None = None

    def finding(self, code: str, severity: Severity, message: str, fix: str | None = None) -> Finding:
        location = self.entry.location
        place = {"registry": self.registry, "subject": self.name, "location": location}
        return Finding(code, severity, Source.PLANNING, message, fix=fix, **place)  # type: ignore[arg-type]

    def note(self, entry: AppliedSubject | None) -> tuple[Note, ...]:
        return () if entry == self.entry else (Note(self.registry, self.name, entry, before=self.entry),)


def plan_dropped(comparison: Comparison, live: Live, created: Iterable[RegisterSchema]) -> DroppedPlan:
    """Plan what becomes of everything that was applied and is not declared any more.

    Args:
        created: the subjects that this plan creates; a dropped one with the same file or schema was renamed.
    """
    if is_emptied(comparison):
        return DroppedPlan(findings=(_emptied(comparison),))
    renamed = _Renames(created)
    parts = [
        _plan_one(_find_dropped(name, comparison, live, _why(name, comparison, renamed)), comparison, live)
        for name in comparison.dropped
    ]
    changes = tuple(c for p in parts for c in p.changes)
    return DroppedPlan(changes, tuple(f for p in parts for f in p.findings), tuple(n for p in parts for n in p.notes))


def _find_dropped(name: str, comparison: Comparison, live: Live, why: str) -> _Dropped:
    found, entry = live.state.subjects.get(name), comparison.applied.subjects[name]
    latest, problem = (found.latest, found.problem) if found else (None, None)
    return _Dropped(comparison.desired.registry, name, entry, latest, why, problem)


def is_emptied(comparison: Comparison) -> bool:
    """Whether nothing at all is declared where something was applied: likelier a mistake than an intention."""
    desired = comparison.desired
    is_empty = not desired.subjects and not desired.elsewhere and desired.scope is None
    return is_empty and bool(comparison.applied.subjects)


def find_renames(comparison: Comparison, created: Iterable[RegisterSchema]) -> Mapping[str, str]:
    """By new name, the dropped subject that a created one was before."""
    renamed = _Renames(created)
    found = ((renamed.find(comparison.applied.subjects[name]), name) for name in comparison.dropped)
    return {new: old for new, old in found if new}


class _Renames:
    """Tells of dropped subjects under which name they are created: the same file, or the same schema."""

    def __init__(self, created: Iterable[RegisterSchema]) -> None:
        created = list(created)
        self._by_file = {c.location.file: c.subject for c in created}
        self._by_schema = {c.fingerprint: c.subject for c in created}

    def find(self, entry: AppliedSubject) -> str | None:
        return self._by_file.get(entry.location.file) or self._by_schema.get(entry.fingerprint or "")


def _why(name: str, comparison: Comparison, renamed: _Renames) -> str:
    entry = comparison.applied.subjects[name]
    registries = comparison.desired.elsewhere.get(entry.location.file)
    if registries:
        return f"it goes to {', '.join(registries)} now"
    new = renamed.find(entry)
    return f"Git renamed it to {new}" if new else "Git does not declare it any more"


def _plan_one(dropped: _Dropped, comparison: Comparison, live: Live) -> DroppedPlan:
    entry = dropped.entry
    if dropped.name in comparison.desired.subjects:
        message = "`manage: false` says that it is managed elsewhere now; nothing is written to it any more"
        return _forget(dropped, message)
    if dropped.latest is None and dropped.problem:
        return _keep_unreadable(dropped, comparison.desired.rules)
    if dropped.name in comparison.left_modes:
        # The ledger forgets the subject once this is done: with the next apply.
        return DroppedPlan(_reset_mode(dropped, live, f"{dropped.why}; someone else deleted it, and our mode was left"))
    if dropped.latest is None:
        return _forget(dropped, f"{dropped.why}, and the registry does not have it any more either")
    if entry.version is None:
        return _forget(dropped, f"{dropped.why}, and no version of it was ever applied; it stays as it is")
    if dropped.name not in comparison.deletable:
        return _orphan(dropped, comparison.desired.rules)
    try:
        is_ours = is_as_applied(dropped.latest, entry, comparison.theirs, live.capabilities)
    except SchemaError:
        is_ours = False
    return _delete(dropped, live, comparison) if is_ours else _drifted(dropped, live, comparison)


def _forget(dropped: _Dropped, message: str) -> DroppedPlan:
    return DroppedPlan((), (dropped.finding("LET_GO", Severity.INFO, message),), dropped.note(None))


def _keep_unreadable(dropped: _Dropped, rules: Rules) -> DroppedPlan:
    """What is there and cannot be read is neither forgotten nor deleted."""
    if rules.deletion is Deletion.FORBID:
        return _orphan(dropped, rules)
    message = f"{dropped.why}, and the registry's answer for this subject cannot be used: {dropped.problem}"
    fix = f"let it be readable, so that it can be deleted; `{_release(dropped, rules)}` gives it up and leaves it there"
    return DroppedPlan((), (dropped.finding("LIVE_SUBJECT_UNREADABLE", Severity.ERROR, message, fix),))


def _orphan(dropped: _Dropped, rules: Rules) -> DroppedPlan:
    deletion, release = rules.deletion, _release(dropped, rules)
    note = dropped.note(replace(dropped.entry, is_orphan=True))
    if deletion is Deletion.FORBID:
        fix = f"`deletion: soft` in the environment deletes it; `{release}` stops asking"
        message = f"{dropped.why}; it stays in the registry as an orphan, since deletion is forbidden"
        return DroppedPlan((), (dropped.finding("ORPHANED", Severity.INFO, message, fix),), note)
    message = f"{dropped.why}; it stays as an orphan, since this registry does not delete in the way `{deletion}`"
    fix = f"delete it there yourself, then `{release}`"
    return DroppedPlan((), (dropped.finding("UNSUPPORTED_DELETION", Severity.WARNING, message, fix),), note)


def _release(dropped: _Dropped, rules: Rules) -> str:
    return f"schemafed release{rules.option} {quote(dropped.name)}"


def _drifted(dropped: _Dropped, live: Live, comparison: Comparison) -> DroppedPlan:
    assert dropped.latest is not None  # what is gone cannot drift
    what = f"{describe_entry(dropped.entry)} was applied last, and version {dropped.latest.version} is live"
    rules = comparison.desired.rules
    if rules.on_schema_drift is OnDrift.KEEP:
        kept = dropped.finding("DRIFT_KEPT", Severity.INFO, f"{dropped.why}; someone else changed it: it stays. {what}")
        return DroppedPlan((), (kept,), dropped.note(replace(dropped.entry, is_orphan=True)))
    plan = _delete(dropped, live, comparison, f"{dropped.why}; this deletes what someone else changed: {what}")
    if rules.on_schema_drift is OnDrift.OVERWRITE:
        return plan
    fix = f"`{_release(dropped, rules)}` leaves it to them; `on_drift: {{schema: overwrite}}` deletes it"
    drifted = dropped.finding("DRIFTED", Severity.ERROR, f"{dropped.why}; someone else changed it since: {what}", fix)
    return replace(plan, findings=(drifted,))


def _delete(dropped: _Dropped, live: Live, comparison: Comparison, reason: str | None = None) -> DroppedPlan:
    assert dropped.latest is not None  # what is gone needs no deletion
    history = live.histories.get(dropped.name, ())
    change = DeleteSubject(
        registry=dropped.registry,
        subject=dropped.name,
        before=dropped.latest,
        reason=reason or dropped.why,
        location=dropped.entry.location,
        versions=tuple(v.version for v in history) or (dropped.latest.version,),
        is_permanent=comparison.desired.rules.deletion is Deletion.HARD,
        dependants=find_dependants(dropped.name, live),
    )
    reason = "schemafed had set it, and it would outlive the subject"
    resets = () if change.is_permanent else _reset_mode(dropped, live, reason)
    return DroppedPlan((*resets, change))


def _reset_mode(dropped: _Dropped, live: Live, reason: str) -> tuple[ResetCompatibility, ...]:
    """Take away a mode that we had set: a soft deletion leaves it, and it would hold for whoever comes after."""
    found = live.state.subjects.get(dropped.name)
    mode = found.mode if found else None
    if mode is None or mode is not dropped.entry.mode or not live.capabilities.resets_modes:
        return ()
    return (ResetCompatibility(dropped.registry, dropped.name, mode, reason, dropped.entry.location),)


def _emptied(comparison: Comparison) -> Finding:
    number = len(comparison.applied.subjects)
    return Finding(
        "NOTHING_DECLARED",
        Severity.ERROR,
        Source.PLANNING,
        f"the repository declares no subject at all, and {number:,} were applied to this registry; nothing is done to"
        " them",
        registry=comparison.desired.registry,
        fix="look whether `paths` of schemafed.yaml and the files are right; `schemafed release` gives subjects up",
    )
