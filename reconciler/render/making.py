"""From a plan, its results or a check to the report of it: what is said, and in which order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from reconciler.model import (
    Change,
    DeleteSubject,
    DeleteVersions,
    DifferenceKind,
    Finding,
    Plan,
    RegisterSchema,
    RestoreVersion,
    Severity,
    Verdict,
    Waiver,
)
from reconciler.render.report import Entry, Group, Judgement, Report, State
from reconciler.render.words import (
    count,
    describe_change,
    describe_checked,
    describe_deletions,
    describe_live,
    describe_verdict,
    summarize,
)

if TYPE_CHECKING:
    from reconciler.applier import Applied, Result
    from reconciler.operations.checking.values import Checked, CheckedSubject

SHORT = 12
"""So many digits of a commit are shown."""
_ORDER: Mapping[Severity, int] = {severity: rank for rank, severity in enumerate(Severity)}
_KINDS: Mapping[str, DifferenceKind] = {
    "added": DifferenceKind.ADDED,
    "changed": DifferenceKind.CHANGED,
    "renamed": DifferenceKind.CHANGED,
    "dropped": DifferenceKind.REMOVED,
}


def make_plan_report(plan: Plan, applied: Applied | None = None) -> Report:
    """Say what a plan would do; where it was applied, what became of it."""
    results = applied.results if applied else ()
    entries = [
        _entry(change, result)
        for change, result in zip(plan.changes, results or [None] * len(plan.changes), strict=True)
    ]
    groups = tuple(
        Group(
            seen.registry,
            seen.kind,
            f"{_counted(mine)}, {count(seen.unchanged, 'unchanged', 'unchanged')}",
            mine,
            seen.unmanaged,
        )
        for seen in plan.observations
        for mine in [tuple(entry for entry in entries if entry.registry == seen.registry)]
    )
    state, verdict = _conclude_apply(applied) if applied and plan.can_apply else _conclude_plan(plan)
    return Report(
        "apply" if applied else "plan",
        f"{'Apply to' if applied else 'Plan for'} {plan.environment}",
        state,
        verdict,
        summarize(plan),
        groups,
        _sorted(plan.findings),
        alarms=tuple(_alarms(plan, results)),
        facts=tuple(_facts(plan)),
    )


def make_check_report(checked: Checked) -> Report:
    """Say what a change of the repository does to which subjects, and what it breaks."""
    entries = tuple(_checked(subject, checked.commits.get(subject.name, ())) for subject in checked.subjects)
    base = checked.base
    known = (f"{len(checked.known):,} there before",) if checked.known else ()
    parts = (_counted(entries, "subject"), _counted_findings(checked.findings), *known)
    differ = "differs" if len(entries) == 1 else "differ"
    return Report(
        "check",
        f"Check of {checked.environment}",
        State.PASSED if checked.is_passed else State.BLOCKED,
        "passed" if checked.is_passed else "does not pass",
        "; ".join(parts),
        (Group(checked.environment, "", f"{len(entries):,} of {count(checked.total, 'subject')} {differ}", entries),),
        _sorted(checked.findings),
        _sorted(checked.known),
        facts=(("Base", base.name), *((("Commit of the base", base.commit),) if base.commit else ())),
    )


def make_error_report(command: str, message: str, fix: str | None, findings: Iterable[Finding] = ()) -> Report:
    """Say what stopped a run: the findings, where it is they that did."""
    found = _sorted(findings)
    return Report(
        command,
        command.capitalize(),
        State.BLOCKED if any(finding.blocks for finding in found) else State.FAILED,
        "stopped",
        f"{message}{f'; fix: {fix}' if fix else ''}",
        findings=found,
    )


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: _ORDER[finding.severity]))


def _counted(entries: Sequence[Entry], noun: str = "change") -> str:
    return count(len(entries), noun)


def _counted_findings(findings: Iterable[Finding]) -> str:
    severities = [finding.severity for finding in findings]
    errors, warnings = severities.count(Severity.ERROR), severities.count(Severity.WARNING)
    return ", ".join((count(errors, "error"), count(warnings, "warning")))


def _conclude_plan(plan: Plan) -> tuple[State, str]:
    if not plan.can_apply:
        return State.BLOCKED, "cannot be applied"
    if not plan.changes:
        return State.PASSED, "nothing to do"
    return State.PENDING, f"{count(len(plan.changes), 'change')}, can be applied"


def _conclude_apply(applied: Applied) -> tuple[State, str]:
    if applied.is_complete:
        made = count(len(applied.results), "change")
        return State.PASSED, f"{made} made" if applied.results else "nothing to do"
    counted = Counter(result.status for result in applied.results)
    listed = ", ".join(f"{number:,} {status}" for status, number in counted.items())
    return State.FAILED, f"{'interrupted' if applied.is_interrupted else 'not everything was applied'}: {listed}"


def _alarms(plan: Plan, results: Sequence[Result]) -> Iterator[str]:
    deletions = describe_deletions(plan.changes)
    if deletions:
        yield f"Deletes {deletions}."
    unprotected = [f"{r.change.registry}/{r.change.subject}" for r in results if r.is_mode_left]
    if unprotected:
        yield f"UNPROTECTED, mode NONE still holds: {', '.join(unprotected)}. Run it again now."


def _facts(plan: Plan) -> Iterator[tuple[str, str]]:
    if plan.commit:
        yield "Commit", plan.commit
    if plan.digest:
        yield "Digest of the plan", plan.digest


def _entry(change: Change, result: Result | None) -> Entry:
    verdict: Verdict | None = getattr(change, "verdict", None)
    return Entry(
        change.registry,
        change.subject,
        _kind(change),
        describe_change(change),
        change.location,
        change.reason,
        tuple(_remarks(change)),
        (_judgement(verdict, getattr(change, "waivers", ())),) if verdict and getattr(change, "before", None) else (),
        getattr(change, "differences", ()),
        result.status if result else None,
        result.message if result else None,
        result.fix if result else None,
        change.kind,
    )


def _kind(change: Change) -> DifferenceKind:
    match change:
        case RegisterSchema(before=None):
            return DifferenceKind.ADDED
        case DeleteVersions() | DeleteSubject():
            return DifferenceKind.REMOVED
    return DifferenceKind.CHANGED


def _remarks(change: Change) -> Iterator[str]:
    match change:
        case RegisterSchema() | RestoreVersion():
            for reference in change.after.references:
                yield f"uses `{reference.subject}`, version {reference.version or 'made by this plan'}"
            yield from map(_describe_waiver, change.waivers)
            if change.waivers:
                again = change.restores_mode or "inherited"
                yield f"in three steps: mode NONE, the new version, mode {again} again"
        case DeleteSubject() | DeleteVersions() if change.dependants:
            yield f"after {', '.join(f'`{name}`' for name in change.dependants)}, which referred to it"


def _describe_waiver(waiver: Waiver) -> str:
    place = f" at `{waiver.path}`" if waiver.path is not None else ""
    by = f"approved by `{waiver.approver}`, until {waiver.until} (`{waiver.location}`)"
    return f"waived `{waiver.code}`{place}: {waiver.reason}; {by}"


def _judgement(verdict: Verdict, waivers: Sequence[Waiver] = ()) -> Judgement:
    return Judgement(verdict.outcome, describe_verdict(verdict), bool(waivers))


def _checked(subject: CheckedSubject, commits: Sequence[str]) -> Entry:
    against = sorted({f.against for v in subject.verdicts for f in v.findings if f.blocks and f.against})
    from_git = [f"version {number} is that of commit `{commits[number - 1][:SHORT]}`" for number in against]
    return Entry(
        None,
        subject.name,
        _KINDS[subject.kind],
        describe_checked(subject),
        subject.location,
        remarks=tuple(from_git),
        judgements=(
            *map(_judgement, subject.verdicts),
            *(Judgement(each.verdict.outcome, describe_live(each)) for each in subject.live),
        ),
        differences=subject.changes.differences,
    )
