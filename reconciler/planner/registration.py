"""The registration of one changed subject: its difference, its verdict, and when its mode changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from reconciler.model import (
    Difference,
    Finding,
    LiveVersion,
    Mode,
    Outcome,
    RegisterSchema,
    Schema,
    Severity,
    Verdict,
    Waiver,
)
from reconciler.planner.comparison import ComparedSubject, Comparison
from reconciler.planner.findings import make_finding
from reconciler.planner.mode_changes import ModePlan, find_modes
from reconciler.planner.modes import ModeStep, possible_steps
from reconciler.planner.returning import GoingBack, Registering, return_to_older
from reconciler.planner.sides import Live
from reconciler.planner.subjects import (
    check_compatibility,
    fingerprints_beside,
    has_beside,
    is_same_schema,
    make_differences,
)
from reconciler.planner.waivers import settle_waivers
from reconciler.registry import RestoreWay
from reconciler.schemas.metadata_difference import metadata_differences, rule_differences


@dataclass(frozen=True, slots=True)
class Registered:
    """The change of one subject's schema, what was found, and whether the subject's mode changes before it.

    ``waivers`` are those that cover something, whether or not they lead the change through.
    """

    change: Registering
    findings: tuple[Finding, ...]
    mode_first: bool
    waivers: tuple[Waiver, ...] = ()


class _Judged(NamedTuple):
    step: ModeStep
    verdict: Verdict


def make_registration(subject: ComparedSubject, comparison: Comparison, live: Live, mode: ModePlan) -> Registered:
    """Plan how a changed subject gets its schema.

    Args:
        mode: what becomes of the subject's mode in the same plan.
    """
    history = _history(subject, live)
    judged = _judge(subject, comparison, live, history, mode)
    step, verdict = judged
    registry, rules = comparison.desired.registry, comparison.desired.rules
    waived = settle_waivers(subject.desired, registry, verdict.findings, rules.today)
    registration = _make_change(subject, comparison, live, verdict)
    findings = waived.findings
    if waived.used:
        own = mode.own if step.mode_first else (subject.live.mode if subject.live else None)
        registration = replace(registration, waivers=waived.used, restores_mode=own)
        findings += _check_waivable(subject, comparison, live, own)
    change: Registering = registration
    older = _older_version(subject, comparison, live, history)
    if older and subject.latest:
        going_back = GoingBack(registration, subject.latest, older, history, subject.reason)
        change, more = return_to_older(going_back, subject.desired, comparison.desired.rules, live)
        findings += more
    # A compatible difference is shown with its change, not among what was found.
    told = tuple(f for f in findings if f.severity is not Severity.INFO)
    return Registered(change, told, step.mode_first, waived.needed)


def _make_change(subject: ComparedSubject, comparison: Comparison, live: Live, verdict: Verdict) -> RegisterSchema:
    ours, theirs = comparison.desired.schemas, comparison.theirs
    before, wanted = subject.latest, subject.desired
    old = before.schema if before else None
    return RegisterSchema(
        registry=comparison.desired.registry,
        subject=wanted.name,
        before=before,
        after=replace(wanted.schema, references=subject.references),
        reason=subject.reason or _reason(subject, comparison, live),
        location=wanted.location,
        differences=(
            *make_differences(old, theirs, wanted.schema, ours),
            *_compare_beside(old, wanted.schema, live),
        ),
        verdict=verdict,
        fingerprint=ours.fingerprint(wanted.schema, live.capabilities.dialect),
        owner=wanted.owner,
    )


def _compare_beside(old: Schema | None, new: Schema, live: Live) -> Iterator[Difference]:
    """What becomes of metadata and rules; nothing where none are declared, or the registry does not keep them."""
    if new.metadata is not None and live.capabilities.metadata:
        yield from metadata_differences(old.metadata if old else None, new.metadata)
    if new.rules is not None and live.capabilities.rules:
        yield from rule_differences(old.rules if old else None, new.rules)


def _judge(
    subject: ComparedSubject, comparison: Comparison, live: Live, history: tuple[LiveVersion, ...], mode: ModePlan
) -> _Judged:
    """Take the first order of mode and schema that passes, else the first one with its findings."""
    desired, theirs = comparison.desired, comparison.theirs
    present, after = find_modes(subject, mode, comparison, live)
    steps = possible_steps(present, after, is_closed=bool(subject.closing))
    if subject.latest is None and live.capabilities.modes_need_subject:
        steps = iter([ModeStep(False, present)])
    judged = [
        _Judged(step, check_compatibility(subject.desired, desired, live, theirs, history, step.by)) for step in steps
    ]
    return next((pair for pair in judged if pair.verdict.outcome is not Outcome.INCOMPATIBLE), judged[0])


def _check_waivable(
    subject: ComparedSubject, comparison: Comparison, live: Live, own: Mode | None
) -> tuple[Finding, ...]:
    """A registry in which no mode can be set for a while lets no break through."""
    can = live.capabilities
    if Mode.NONE in can.modes and (own is not None or can.resets_modes):
        return ()
    return (
        make_finding(
            "WAIVER_UNUSABLE",
            Severity.ERROR,
            comparison.desired.registry,
            subject.desired,
            "the break is waived, but this registry cannot be put into mode NONE for a while and back",
            "declare a `compatibility` for the subject, or make a new subject for the new schema",
        ),
    )


def find_returning(comparison: Comparison, live: Live) -> Mapping[str, int]:
    """The subjects that become an older version again, as what came after it is deleted, where that was not known yet.

    Only then is it known before the plan is applied which version others will refer to.
    """
    if comparison.restore is not RestoreWay.DELETE_NEWER:
        return {}
    changed = [s for s in comparison.subjects if s.is_changed and s.is_planned and s.known_version is None]
    found = {s.desired.name: _older_version(s, comparison, live, _history(s, live)) for s in changed}
    return {name: older.version for name, older in found.items() if older}


def _history(subject: ComparedSubject, live: Live) -> tuple[LiveVersion, ...]:
    return live.histories.get(subject.desired.name, ()) or ((subject.latest,) if subject.latest else ())


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
            if v.version == subject.known_version
            or is_same_schema(schema, subject.references, ours, v.schema, theirs, live.capabilities)
        ),
        None,
    )


def _reason(subject: ComparedSubject, comparison: Comparison, live: Live) -> str:
    if subject.latest is None:
        return "the subject is declared and not in the registry"
    if set(subject.references) != set(subject.latest.schema.references):
        changed = sorted({r.subject for r in set(subject.references) ^ set(subject.latest.schema.references)})
        return f"what it refers to changes: {', '.join(changed)}"
    if _has_same_text(subject, subject.latest, comparison, live):
        return f"the declared {_name_beside(subject, live)} version {subject.latest.version}"
    return f"the declared schema differs from version {subject.latest.version}"


def _name_beside(subject: ComparedSubject, live: Live) -> str:
    """Which of what stands beside the text differs, with its verb."""
    assert subject.latest is not None  # it is compared with that
    metadata, _ = fingerprints_beside(subject.desired.schema)
    has_metadata = has_beside(subject.latest.schema, metadata, None, live.capabilities)
    return "rules differ from those of" if has_metadata else "metadata differs from that of"


def _has_same_text(subject: ComparedSubject, latest: LiveVersion, comparison: Comparison, live: Live) -> bool:
    """Whether the latest version is as declared but for metadata and rules."""
    bare = replace(subject.desired.schema, metadata=None, rules=None)
    ours, theirs = comparison.desired.schemas, comparison.theirs
    return is_same_schema(bare, subject.references, ours, latest.schema, theirs, live.capabilities)
