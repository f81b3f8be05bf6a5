"""The registration of one changed subject: its difference, its verdict, and when its mode changes."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model import Finding, LiveVersion, Outcome, RegisterSchema, Severity, Verdict
from reconciler.planner.comparison import ComparedSubject, Comparison
from reconciler.planner.findings import older_version
from reconciler.planner.modes import ModeStep, possible_steps
from reconciler.planner.sides import Live
from reconciler.planner.subjects import (
    check_compatibility,
    is_same_schema,
    make_differences,
)


def make_registration(
    subject: ComparedSubject, comparison: Comparison, live: Live
) -> tuple[RegisterSchema, tuple[Finding, ...], bool]:
    """Plan the registration of a changed subject.

    Returns:
        the change; what was found; whether the subject's mode is to be set before it.
    """
    history = live.histories.get(subject.desired.name, ()) or ((subject.latest,) if subject.latest else ())
    step, verdict = _judge(subject, comparison, live, history)
    ours, theirs = comparison.desired.schemas, comparison.theirs
    before = subject.latest
    change = RegisterSchema(
        registry=comparison.desired.registry,
        subject=subject.desired.name,
        before=before,
        after=replace(subject.desired.schema, references=subject.references),
        reason=_reason(subject),
        location=subject.desired.location,
        differences=make_differences(before.schema if before else None, theirs, subject.desired.schema, ours),
        verdict=verdict,
    )
    older = _older_version(subject, comparison, live, history)
    findings = verdict.findings
    if older and before:
        findings += (older_version(change.registry, subject.desired, older, before.version),)
    # A compatible difference is shown with its change, not among what was found.
    return change, tuple(f for f in findings if f.severity is not Severity.INFO), step.mode_first


def _judge(
    subject: ComparedSubject, comparison: Comparison, live: Live, history: tuple[LiveVersion, ...]
) -> tuple[ModeStep, Verdict]:
    """Take the first order of mode and schema that passes, else the first one with its findings."""
    desired, theirs = comparison.desired, comparison.theirs
    judged = [
        (step, check_compatibility(subject.desired, desired, live, theirs, history, step.by))
        for step in possible_steps(subject.desired, subject.live, desired, live)
    ]
    return next((pair for pair in judged if pair[1].outcome is not Outcome.INCOMPATIBLE), judged[0])


def _older_version(
    subject: ComparedSubject, comparison: Comparison, live: Live, history: tuple[LiveVersion, ...]
) -> LiveVersion | None:
    """The earlier version, if any, that already holds what is desired."""
    ours, theirs = comparison.desired.schemas, comparison.theirs
    schema = subject.desired.schema
    return next(
        (
            v
            for v in reversed(history[:-1])
            if is_same_schema(schema, subject.references, ours, v.schema, theirs, live.capabilities)
        ),
        None,
    )


def _reason(subject: ComparedSubject) -> str:
    if subject.latest is None:
        return "the subject is declared and not in the registry"
    if set(subject.references) != set(subject.latest.schema.references):
        changed = sorted({r.subject for r in set(subject.references) ^ set(subject.latest.schema.references)})
        return f"what it refers to changes: {', '.join(changed)}"
    return f"the declared schema differs from version {subject.latest.version}"
