"""The registries' own verdicts beside ours; where the two disagree, the plan fails safe."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from reconciler.errors import RegistryError
from reconciler.model import Finding, Format, Mode, Outcome, Plan, RegisterSchema, Verdict
from reconciler.planner.findings import judged_by_nobody, judged_by_server, not_judged, unanswered, verdicts_disagree


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


def settle_verdicts(
    plan: Plan,
    answers: Mapping[int, Verdict | RegistryError],
    refusing: Collection[str],
    judging: Mapping[str, Collection[Format]],
) -> Plan:
    """Put the registries' answers beside our verdicts.

    Args:
        answers: by index of their change, the registries' verdicts, or why there is none.
        refusing: registries that refuse a version in a format that this engine does not judge.
        judging: by registry, the formats that it judges itself.

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
        if isinstance(theirs, RegistryError):
            findings.append(unanswered(change, theirs))
            theirs = None
        if ours.outcome is Outcome.NOT_JUDGED and theirs is not None:
            judged = replace(theirs, basis=ours.basis, versions=theirs.versions or ours.versions)
            changes[index] = replace(change, verdict=judged)
            findings += [_at(f, change) for f in theirs.findings if theirs.outcome is Outcome.INCOMPATIBLE]
        elif ours.outcome is Outcome.NOT_JUDGED:
            judges = change.after.format in judging[change.registry]
            report = not_judged if change.registry in refusing else judged_by_server if judges else judged_by_nobody
            findings.append(report(change, ours.mode))
        elif theirs is not None and theirs.outcome is not ours.outcome:
            findings.append(verdicts_disagree(change, theirs))
    return replace(plan, changes=tuple(changes), findings=(*plan.findings, *findings))


def _at(finding: Finding, change: RegisterSchema) -> Finding:
    return replace(finding, registry=change.registry, subject=change.subject, location=change.location)
