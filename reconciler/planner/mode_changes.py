"""What becomes of a subject's mode: set as declared, taken back where its line is gone, or left alone."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.model import Finding, Mode, OnDrift, ResetCompatibility, SetCompatibility, Severity
from reconciler.planner.comparison import ComparedSubject, Comparison
from reconciler.planner.findings import make_finding
from reconciler.planner.modes import current_mode, declared_basis, inherited_mode
from reconciler.planner.sides import Live
from reconciler.planner.subjects import JudgedBy


@dataclass(frozen=True, slots=True)
class ModePlan:
    """The change of a subject's mode, if there is one, and what there is to say.

    ``own`` is the mode that the subject itself has once the change is made, None where it inherits. ``ours`` is what
    the ledger keeps as set by us as long as the change is not made. ``is_drifted``: someone else changed ours.
    """

    own: Mode | None
    ours: Mode | None
    changes: tuple[SetCompatibility | ResetCompatibility, ...] = ()
    findings: tuple[Finding, ...] = ()
    is_drifted: bool = False


def plan_mode(subject: ComparedSubject, comparison: Comparison, live: Live) -> ModePlan:
    """Plan the mode of one subject, three ways: what is declared, what is live, and what we had set."""
    declared = subject.desired.mode
    own = subject.live.mode if subject.live else None
    ours = subject.entry.mode if subject.entry and subject.latest else None
    if declared is own and not subject.closing:
        return ModePlan(own, declared)
    if declared is None:
        # A mode of ours outlives a subject that somebody deleted softly.
        left = subject.entry.mode if subject.entry else None
        return _plan_undeclared(subject, comparison, live, own, left)
    if ours is not None and ours is not own:
        return _plan_drifted(subject, comparison, declared, own, ours)
    present = "" if own else f"; until now {_present_words(subject, comparison, live)}"
    return ModePlan(declared, ours, (_set(subject, comparison, declared, own, f"the mode is declared{present}"),))


def _present_words(subject: ComparedSubject, comparison: Comparison, live: Live) -> str:
    """What holds for a subject that has no mode of its own."""
    if subject.closing:
        return f"the subject takes no new version ({subject.closing})"
    return f"the subject inherits {inherited_mode(subject.live, comparison.desired, live).mode}"


def find_modes(
    subject: ComparedSubject, plan: ModePlan, comparison: Comparison, live: Live
) -> tuple[JudgedBy, JudgedBy]:
    """The mode that holds for a subject before its mode is changed, and after."""
    present = current_mode(subject.live, comparison.desired, live)
    declared = subject.desired.mode
    if declared is not None and declared is plan.own:
        return present, JudgedBy(declared, declared_basis(subject.desired))
    return present, inherited_mode(subject.live, comparison.desired, live) if plan.own is None else present


def _set(
    subject: ComparedSubject, comparison: Comparison, declared: Mode, own: Mode | None, reason: str
) -> SetCompatibility:
    wanted = subject.desired
    return SetCompatibility(
        registry=comparison.desired.registry,
        subject=wanted.name,
        before=own,
        after=declared,
        reason=reason,
        location=wanted.mode_location or wanted.location,
        owner=wanted.owner,
    )


def _plan_drifted(
    subject: ComparedSubject, comparison: Comparison, declared: Mode, own: Mode | None, ours: Mode
) -> ModePlan:
    """Someone else changed a mode that we had set."""
    rule = comparison.desired.rules.on_mode_drift
    what = f"schemafed had set {ours}, and someone else made it {own or subject.closing or 'inherited'}"
    if rule is OnDrift.KEEP:
        kept = _finding("MODE_DRIFT_KEPT", Severity.INFO, subject, comparison, f"{what}; that is kept")
        return ModePlan(own, ours, (), (kept,), is_drifted=True)
    findings: tuple[Finding, ...] = ()
    if rule is OnDrift.BLOCK:
        fix = "declare the mode that is meant, or let Git win with `on_drift: {mode: overwrite}`"
        findings = (_finding("MODE_DRIFTED", Severity.ERROR, subject, comparison, what, fix),)
    change = _set(subject, comparison, declared, own, f"it overwrites drift: {what}")
    return ModePlan(declared, ours, (change,), findings, is_drifted=True)


def _plan_undeclared(
    subject: ComparedSubject, comparison: Comparison, live: Live, own: Mode | None, ours: Mode | None
) -> ModePlan:
    """No mode is declared: one that we had set is taken back, any other is left alone."""
    if ours is None or own is None:
        return ModePlan(own, None, findings=_check_open(subject, comparison))
    if ours is not own:
        message = f"no mode is declared any more, and {own} is not what schemafed had set ({ours}): it is left alone"
        left = _finding("MODE_LEFT", Severity.INFO, subject, comparison, message)
        return ModePlan(own, None, (), (left,))
    if not live.capabilities.resets_modes:
        message = f"no mode is declared any more; this registry cannot take one away, so {own} stays"
        left = _finding("MODE_LEFT", Severity.INFO, subject, comparison, message)
        return ModePlan(own, ours, (), (left,))
    change = ResetCompatibility(
        registry=comparison.desired.registry,
        subject=subject.desired.name,
        before=own,
        reason="the mode is not declared any more, and schemafed had set it",
        location=subject.desired.location,
    )
    return ModePlan(None, ours, (change,))


def _check_open(subject: ComparedSubject, comparison: Comparison) -> tuple[Finding, ...]:
    """A subject that takes no new version is opened by a declared mode only."""
    if not subject.closing or not subject.is_changed:
        return ()
    message = f"the registry takes no new version of this subject: its mode there is {subject.closing}"
    fix = "declare a `compatibility` for the subject, which opens it, or leave the schema as it is"
    return (_finding("SUBJECT_CLOSED", Severity.ERROR, subject, comparison, message, fix),)


def _finding(
    code: str,
    severity: Severity,
    subject: ComparedSubject,
    comparison: Comparison,
    message: str,
    fix: str | None = None,
) -> Finding:
    return make_finding(code, severity, comparison.desired.registry, subject.desired, message, fix)
