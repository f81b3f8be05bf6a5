"""The registry's own level, which every subject without a mode of its own inherits."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reconciler.applied import AppliedRegistry
from reconciler.model import Finding, Mode, Note, OnDrift, SetDefaultCompatibility, Severity, Source
from reconciler.planner.sides import Desired, Live


@dataclass(frozen=True, slots=True)
class LevelPlan:
    """The change of a registry's level, before everything else where it loosens and after where it tightens."""

    before: tuple[SetDefaultCompatibility, ...] = ()
    after: tuple[SetDefaultCompatibility, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()
    is_drifted: bool = False


NO_CHANGE = LevelPlan()


def plan_level(desired: Desired, live: Live, applied: AppliedRegistry) -> LevelPlan:
    """Plan the level of a registry, three ways: what is declared, what is live, and what we had set."""
    present, declared, ours = live.state.default_mode, desired.default_mode, applied.default_mode
    if declared is None:
        return LevelPlan(findings=_check_undeclared(desired, present, ours))
    if not live.capabilities.has_level:
        message = "this kind of registry has no level of its own, so what is declared changes nothing there"
        fix = "declare `compatibility` in the environment, a defaults.yaml or sidecars"
        return LevelPlan(findings=(_finding("UNSUPPORTED_LEVEL", Severity.WARNING, desired, message, fix),))
    if declared is present:
        note = Note(desired.registry, None, None, declared, default_before=ours)
        return LevelPlan(notes=() if ours is declared else (note,))
    if ours is None or ours is present:
        return _set(desired, present, declared, "the registry's own mode is declared")
    what = f"schemafed had set {ours}, and someone else made it {present or 'unset'}"
    rule = desired.rules.on_mode_drift
    if rule is OnDrift.KEEP:
        kept = _finding("MODE_DRIFT_KEPT", Severity.INFO, desired, f"the registry's own level: {what}; that is kept")
        return LevelPlan(findings=(kept,), is_drifted=True)
    findings: tuple[Finding, ...] = ()
    if rule is OnDrift.BLOCK:
        fix = "declare the level that is meant, or let Git win with `on_drift: {mode: overwrite}`"
        findings = (_finding("MODE_DRIFTED", Severity.ERROR, desired, f"the registry's own level: {what}", fix),)
    change = _set(desired, present, declared, f"it overwrites drift: {what}", findings)
    return replace(change, is_drifted=True)


def is_level_kept(desired: Desired, live: Live, applied: AppliedRegistry) -> bool:
    """Whether the level that is declared will not hold, since drift of it is kept."""
    is_drifted = applied.default_mode not in (None, live.state.default_mode)
    is_equal = desired.default_mode is live.state.default_mode
    return is_drifted and not is_equal and desired.rules.on_mode_drift is OnDrift.KEEP


def _set(
    desired: Desired, present: Mode | None, declared: Mode, reason: str, findings: tuple[Finding, ...] = ()
) -> LevelPlan:
    location = desired.default_mode_location
    assert location is not None  # whoever declares a level says where
    change = SetDefaultCompatibility(desired.registry, present, declared, reason, location)
    if present is None or declared.allows(present):
        return LevelPlan(before=(change,), findings=findings)
    return LevelPlan(after=(change,), findings=findings)


def _check_undeclared(desired: Desired, present: Mode | None, ours: Mode | None) -> tuple[Finding, ...]:
    if ours is None or ours is not present:
        return ()
    message = f"the registry's own level is not declared any more; it stays {present}, as schemafed had set it"
    fix = "declare the level that it shall have; there is none to go back to"
    return (_finding("LEVEL_LEFT", Severity.INFO, desired, message, fix),)


def _finding(code: str, severity: Severity, desired: Desired, message: str, fix: str | None = None) -> Finding:
    location = desired.default_mode_location
    return Finding(code, severity, Source.PLANNING, message, registry=desired.registry, location=location, fix=fix)
