"""Approvers of waivers held against reviews: one counts only if that person or team approved the pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.approvals.evaluation import find_approvals, find_unknown, make_approval, make_missing
from reconciler.approvals.values import Approval, Judged, Levels, Missing, Reviewed
from reconciler.model import Finding, Severity, Source, Waiver


def name_approver(waiver: Waiver) -> str:
    """Whom a waiver names, as rules write names."""
    return f"@{waiver.approver.strip().removeprefix('@')}"


def check_waiver_approvals(waivers: Iterable[Waiver], reviewed: Reviewed, levels: Levels) -> Judged:
    """Hold the waivers that let something through against the reviews of their pull request.

    Args:
        waivers: those that are used and that the pull request brings.
        reviewed: with the members of the teams that the waivers name.
        levels: how heavy it is what is missing.
    """
    findings: list[Finding] = []
    approvals: list[Approval] = []
    missing: list[Missing] = []
    for waiver in dict.fromkeys(waivers):
        names = (name_approver(waiver),)
        given = find_approvals(reviewed, names, counts_stale=False)
        rule = f"waiver of {waiver.code}"
        approvals += (make_approval(rule, reviewed.number, review) for review in given)
        if given:
            continue
        unknown = find_unknown(reviewed, names)
        findings += (
            make_unconfirmed_waivers([waiver], f"the members of {unknown[0]} cannot be read", levels.unconfirmed)
            if unknown
            else [_make_unapproved(waiver, reviewed, levels.missing)]
        )
        missing.append(make_missing(rule, names, 1, reviewed))
    return Judged(tuple(findings), tuple(dict.fromkeys(approvals)), tuple(missing))


def make_unconfirmed_waivers(waivers: Iterable[Waiver], why: str, level: Severity) -> Iterator[Finding]:
    """Say that nobody can tell whether the approvers of waivers approved.

    Args:
        why: as the end of a sentence.
    """
    for waiver in dict.fromkeys(waivers):
        message = f"the waiver of {waiver.code} names {waiver.approver}; not confirmed: {why}"
        yield Finding("WAIVER_UNCONFIRMED", level, Source.POLICY, message, location=waiver.location)


def _make_unapproved(waiver: Waiver, reviewed: Reviewed, level: Severity) -> Finding:
    is_own = name_approver(waiver).casefold() == f"@{reviewed.author}".casefold()
    why = "wrote it, and nobody approves of their own" if is_own else "has not approved its newest commit"
    return Finding(
        "WAIVER_UNAPPROVED",
        level,
        Source.POLICY,
        f"the waiver of {waiver.code} names {waiver.approver}, who {why}: pull request {reviewed.number}",
        location=waiver.location,
        fix="name somebody else" if is_own else f"ask {waiver.approver} to approve it, then run this again",
    )
