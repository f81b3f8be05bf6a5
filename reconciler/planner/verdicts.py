"""The registries' own verdicts beside ours; where the two disagree, the plan fails safe."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from reconciler.model import Finding, Mode, Outcome, Plan, RegisterSchema, Severity, Source, Verdict


def questions_for_registries(plan: Plan) -> Iterator[tuple[int, RegisterSchema, Mode]]:
    """The registrations on which a registry's own verdict would mean something, by index in the plan.

    A registry judges by the mode and the versions that it has now. So it is asked about a new version of a subject that
    exists, whose mode does not change before it, and whose references are all registered. What is incompatible by our
    own judgement needs no second one.
    """
    present = {(item.registry, item.subject): item.mode for item in plan.read_set}
    for index, change in enumerate(plan.changes):
        if not isinstance(change, RegisterSchema) or change.before is None or change.verdict is None:
            continue
        mode = present.get((change.registry, change.subject)) or present.get((change.registry, None))
        is_settled = change.verdict.outcome is Outcome.INCOMPATIBLE or change.verdict.mode is Mode.NONE
        if mode is change.verdict.mode and not is_settled and all(r.version for r in change.after.references):
            yield index, change, mode


def settle_verdicts(plan: Plan, answers: Mapping[int, Verdict], refusing: Collection[str]) -> Plan:
    """Put the registries' answers beside our verdicts.

    Args:
        answers: verdicts of registries by index of their change.
        refusing: registries that refuse a version in a format that this engine does not judge.

    Returns:
        the plan with the server's verdict where we have none, and a finding wherever nobody has judged yet, the server
        says no, or the server disagrees.
    """
    changes = list(plan.changes)
    findings: list[Finding] = []
    for index, change in enumerate(plan.changes):
        if not isinstance(change, RegisterSchema) or change.verdict is None:
            continue
        ours, theirs = change.verdict, answers.get(index)
        if ours.outcome is Outcome.NOT_JUDGED and theirs is not None:
            judged = replace(theirs, basis=ours.basis, versions=theirs.versions or ours.versions)
            changes[index] = replace(change, verdict=judged)
            findings += [_at(f, change) for f in theirs.findings if theirs.outcome is Outcome.INCOMPATIBLE]
        elif ours.outcome is Outcome.NOT_JUDGED:
            findings.append(_not_judged(change, ours.mode, change.registry in refusing))
        elif theirs is not None and theirs.outcome is not ours.outcome:
            findings.append(_disagreement(change, theirs))
    return replace(plan, changes=tuple(changes), findings=(*plan.findings, *findings))


def _at(finding: Finding, change: RegisterSchema) -> Finding:
    return replace(finding, registry=change.registry, subject=change.subject, location=change.location)


def _not_judged(change: RegisterSchema, mode: Mode, is_refused: bool) -> Finding:
    name = change.after.format
    if is_refused:
        return Finding(
            code="NOT_JUDGED",
            severity=Severity.ERROR,
            source=Source.COMPATIBILITY,
            registry=change.registry,
            subject=change.subject,
            location=change.location,
            message=f"nobody can judge whether this {name} schema keeps {mode}, so the registry would refuse it",
            fix="declare `compatibility: NONE` for the subject, or use a registry that judges the format itself",
        )
    return Finding(
        code="JUDGED_BY_SERVER",
        severity=Severity.WARNING,
        source=Source.COMPATIBILITY,
        registry=change.registry,
        subject=change.subject,
        location=change.location,
        message=f"whether this {name} schema keeps {mode} is judged by the server when the plan is applied;"
        " it could not be asked before",
    )


def _disagreement(change: RegisterSchema, theirs: Verdict) -> Finding:
    words = "; ".join(f.message for f in theirs.findings)
    return Finding(
        code="VERDICTS_DISAGREE",
        severity=Severity.ERROR,
        source=Source.COMPATIBILITY,
        registry=change.registry,
        subject=change.subject,
        location=change.location,
        message=f"schemafed finds this schema compatible under {theirs.mode}, but the registry does not: {words}",
        fix="trust the registry: change the schema such that it accepts it, and report the difference to schemafed",
    )
