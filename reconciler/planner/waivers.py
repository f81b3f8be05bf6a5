"""Breaks that are meant: a waiver in Git that covers each of them is the only way through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from reconciler.model import Change, DesiredSubject, Finding, RegisterSchema, RestoreVersion, Severity, Source, Waiver
from reconciler.planner.findings import make_finding


@dataclass(frozen=True, slots=True)
class Waived:
    """What the waivers of a subject make of the findings of its verdict.

    ``used`` are those that lead the change through; empty where one finding is left that blocks. ``needed`` are all
    that cover a finding, expired ones only where nothing is let through.
    """

    findings: tuple[Finding, ...]
    used: tuple[Waiver, ...] = ()
    needed: tuple[Waiver, ...] = ()


def settle_waivers(subject: DesiredSubject, registry: str, findings: Iterable[Finding], today: str) -> Waived:
    """Hold a verdict's findings against the waivers of the subject.

    Args:
        today: as YYYY-MM-DD; a waiver holds up to and with its last day.

    Returns:
        the findings, those that are covered as WARNING; where not all that block are covered, all as they are, with a
        finding for each waiver that would have covered one and has expired.
    """
    findings = tuple(findings)
    covering = {f: _find_cover(f, subject.waivers, today) for f in findings if f.blocks}
    if not covering:
        return Waived(findings)
    needed = tuple(w for w in subject.waivers if any(_covers(w, f) for f in covering))
    if any(waiver is None for waiver in covering.values()):
        lapsed = [_expired(subject, registry, w) for w in needed if w.until < today]
        return Waived((*findings, *lapsed), needed=needed)
    used = tuple(dict.fromkeys(w for w in covering.values() if w is not None))
    current = tuple(w for w in needed if w.until >= today)
    return Waived(tuple(_waived(f, covering.get(f)) for f in findings), used, current)


def find_used_waivers(subject: DesiredSubject, findings: Iterable[Finding], today: str) -> tuple[Waiver, ...]:
    """The waivers of a subject that let one of some findings through.

    Args:
        findings: as they are once waivers are settled.
        today: as YYYY-MM-DD.
    """
    waived = [f for f in findings if f.code == "WAIVED" and f.subject == subject.name]
    return tuple(
        w
        for w in subject.waivers
        if w.until >= today and any(f.message.startswith(f"{w.code}: ") and w.path in (None, f.path) for f in waived)
    )


def check_unused_waivers(
    subject: DesiredSubject, registry: str, needed: Iterable[Waiver], today: str
) -> tuple[Finding, ...]:
    """Warn of a subject's own waivers that let nothing through, so that none waits for a break that nobody meant.

    Args:
        needed: those that cover a finding.
        today: as YYYY-MM-DD; one that is over lets nothing through anywhere any more.
    """
    waivers = [w for w in subject.waivers if w not in set(needed) and not w.is_shared]
    return tuple((_over if w.until < today else _unused)(w, subject, registry) for w in waivers)


def check_unused_shared_waivers(
    subjects: Iterable[DesiredSubject], changes: Iterable[Change], findings: Iterable[Finding], today: str
) -> tuple[Finding, ...]:
    """Warn once of each waiver of several subjects that lets none of them through; arguments as above.

    Args:
        changes: of the plan.
        findings: of the plan.
    """
    shared = dict.fromkeys(w for subject in subjects for w in subject.waivers if w.is_shared)
    used = {w for c in changes if isinstance(c, RegisterSchema | RestoreVersion) for w in c.waivers}
    told = tuple(findings) if shared else ()
    needed = {w for w in shared if w in used or any(_is_told(w, f) for f in told)}
    return tuple(_make_unused_shared(w, today) for w in shared if w not in needed)


def _is_told(waiver: Waiver, finding: Finding) -> bool:
    return finding.code == waiver.code or (finding.code == "WAIVED" and finding.message.startswith(f"{waiver.code}: "))


def _make_unused_shared(waiver: Waiver, today: str) -> Finding:
    is_over = waiver.until < today
    why = f"held until {waiver.until}, and still stands in Git" if is_over else "lets nothing through in this plan"
    return Finding(
        "WAIVER_EXPIRED" if is_over else "WAIVER_UNUSED",
        Severity.WARNING,
        Source.PLANNING,
        f"the waiver of {waiver.code} ({waiver.reason}) {why}",
        location=waiver.location,
        fix=f"once the change has reached every registry, remove it at {waiver.location}",
    )


def _unused(waiver: Waiver, subject: DesiredSubject, registry: str) -> Finding:
    message = f"the waiver of {waiver.code} lets nothing through here: the schema is live already, or breaks nothing of"
    fix = f"once the change has reached every registry, remove this waiver at {waiver.location}; it holds until"
    return _about(
        waiver,
        subject,
        registry,
        "WAIVER_UNUSED",
        Severity.WARNING,
        f"{message} that kind",
        f"{fix} {waiver.until}",
    )


def _over(waiver: Waiver, subject: DesiredSubject, registry: str) -> Finding:
    message = f"the waiver of {waiver.code} ({waiver.reason}) held until {waiver.until}, and still stands in Git"
    fix = f"it lets nothing through any more: remove it at {waiver.location}"
    return _about(waiver, subject, registry, "WAIVER_EXPIRED", Severity.WARNING, message, fix)


def _find_cover(finding: Finding, waivers: Iterable[Waiver], today: str) -> Waiver | None:
    return next((w for w in waivers if w.until >= today and _covers(w, finding)), None)


def _covers(waiver: Waiver, finding: Finding) -> bool:
    is_there = waiver.path is None or waiver.path == finding.path
    return finding.source is Source.COMPATIBILITY and finding.code == waiver.code and is_there


def _waived(finding: Finding, waiver: Waiver | None) -> Finding:
    if waiver is None:
        return finding
    return replace(
        finding,
        code="WAIVED",
        severity=Severity.WARNING,
        message=f"{finding.code}: {finding.message}; {waiver.approver} lets it through until {waiver.until}:"
        f" {waiver.reason}",
        fix=None,
    )


def _expired(subject: DesiredSubject, registry: str, waiver: Waiver) -> Finding:
    return _about(
        waiver,
        subject,
        registry,
        "WAIVER_EXPIRED",
        Severity.ERROR,
        f"the waiver of {waiver.code} ({waiver.reason}) held until {waiver.until}",
        f"ask {waiver.approver} for another `until`, or take the break back",
    )


def _about(
    waiver: Waiver, subject: DesiredSubject, registry: str, code: str, severity: Severity, message: str, fix: str
) -> Finding:
    return replace(make_finding(code, severity, registry, subject, message, fix), location=waiver.location)
