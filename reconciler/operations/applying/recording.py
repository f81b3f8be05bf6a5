"""What the ledger says after an apply, from the plan and its results; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from reconciler.applied import (
    NOTHING_APPLIED,
    AppliedRegistry,
    AppliedSubject,
    IntendedChange,
    Note,
    make_entry,
    make_intended,
    make_temporary,
    merge_settings,
)
from reconciler.applier import Result, Status
from reconciler.ledger.values import INHERITED, ChangeOutcome
from reconciler.model import (
    Change,
    DeleteSubject,
    DeleteVersions,
    LiveVersion,
    ResetCompatibility,
    SetCompatibility,
    SetDefaultCompatibility,
    SetSettings,
)

Registries = Mapping[str, AppliedRegistry]


def make_noted(registries: Registries, notes: Iterable[Note], described: str | None, source: str) -> Registries:
    """What is applied once notes are taken.

    A note of a subject, or of a registry's own level, of which the ledger says something else than the plan knew is
    passed over: what was recorded since is newer.

    Args:
        described: the commit as the plan says it, for which entries may stand.
        source: the commit that it really is.
    """
    noted = {name: dict(registry.subjects) for name, registry in registries.items()}
    own = dict(registries)
    for note in notes:
        subjects = noted.setdefault(note.registry, {})
        if note.subject is None:
            own[note.registry] = _with_note(own.get(note.registry, NOTHING_APPLIED), note)
        elif subjects.get(note.subject) != note.before:
            continue
        elif note.entry is None:
            subjects.pop(note.subject, None)
        else:
            is_plans = note.entry.commit in ("", described)
            subjects[note.subject] = replace(note.entry, commit=source) if is_plans else note.entry
    return _join(own, noted)


def _with_note(known: AppliedRegistry, note: Note) -> AppliedRegistry:
    """What is ours of a registry itself, with what a note says of it."""
    is_as_known = known.default_mode is note.default_before
    level = note.default_mode if is_as_known else known.default_mode
    return replace(known, default_mode=level, settings=merge_settings(known.settings, note.settings))


def _join(own: Registries, subjects: Mapping[str, Mapping[str, AppliedSubject]]) -> Registries:
    return {
        name: AppliedRegistry(each, known.default_mode, settings=known.settings)
        for name, each in subjects.items()
        for known in (own.get(name, NOTHING_APPLIED),)
    }


def make_intended_changes(changes: Iterable[Change], registries: Registries, source: str) -> list[IntendedChange]:
    """What an intent says of a plan's changes."""
    return [make_intended(change, source, _find_entry(registries, change)) for change in changes]


def make_recorded(registries: Registries, results: Iterable[Result], source: str) -> Registries:
    """What is applied after a run: what failed keeps its old entry, with the mode NONE that it may have had."""
    recorded = {name: dict(registry.subjects) for name, registry in registries.items()}
    own = dict(registries)
    for result in results:
        change = result.change
        subjects = recorded.setdefault(change.registry, {})
        if result.status is not Status.APPLIED:
            subjects.update(_mark_loosened(change, subjects))
            continue
        if change.subject is None:
            own[change.registry] = _with_change(own.get(change.registry, NOTHING_APPLIED), change)
            continue
        references = result.references or None
        known = subjects.get(change.subject)
        entry = make_entry(change, source, known, result.version, references, result.fingerprint)
        if entry is None:
            subjects.pop(change.subject, None)
        else:
            subjects[change.subject] = entry
    return _join(own, recorded)


def _with_change(known: AppliedRegistry, change: Change) -> AppliedRegistry:
    """What is ours of a registry itself, once a change of it was made."""
    match change:
        case SetDefaultCompatibility():
            return replace(known, default_mode=change.after)
        case SetSettings():
            return replace(known, settings=merge_settings(known.settings, change.after))
    return known


def _mark_loosened(change: Change, subjects: Mapping[str, AppliedSubject]) -> Mapping[str, AppliedSubject]:
    temporary = make_temporary(change)
    if temporary is None or change.subject is None or change.subject not in subjects:
        return {}
    return {change.subject: replace(subjects[change.subject], temporary=temporary)}


def find_open(
    results: Sequence[Result], intended: Sequence[IntendedChange], before: Sequence[IntendedChange] = ()
) -> list[IntendedChange]:
    """The changes of which it is not known whether they were made, or of which a part may be.

    That is a break whose temporary mode was left, and a deletion, which is several steps.

    Args:
        results: of the run, in the order of ``intended``.
        intended: what its intent said.
        before: what earlier runs left open and this one could not settle.
    """
    changed = {(r.change.registry, r.change.subject) for r in results if r.status is Status.APPLIED}
    left = [change for change in before if (change.registry, change.subject) not in changed]
    pairs = zip(results, intended, strict=True)
    return left + [change for r, change in pairs if r.status is Status.UNKNOWN or r.is_mode_left or _is_cut_off(r)]


def _is_cut_off(result: Result) -> bool:
    return result.status is Status.FAILED and isinstance(result.change, DeleteVersions | DeleteSubject)


def make_outcomes(results: Iterable[Result], registries: Registries) -> list[ChangeOutcome]:
    """What a record says of a run's changes; whose a subject was that Git dropped, only ``registries`` tell."""
    return [_make_outcome(result, _find_entry(registries, result.change)) for result in results]


def make_noted_outcomes(before: Registries, notes: Iterable[Note]) -> list[ChangeOutcome]:
    """What a record says of notes."""
    return [
        ChangeOutcome(
            _describe_note(note, _entry_of(before, note.registry, note.subject)),
            note.registry,
            note.subject,
            "noted",
            note.entry.version if note.entry else None,
            owner=told.owner if told else None,
            file=told.location.file if told else None,
        )
        for note in notes
        for told in [note.entry or note.before]
    ]


def _make_outcome(result: Result, known: AppliedSubject | None) -> ChangeOutcome:
    change = result.change
    is_mode = isinstance(change, SetDefaultCompatibility | SetCompatibility | ResetCompatibility)
    mode = change.after if isinstance(change, SetCompatibility | SetDefaultCompatibility) else None
    return ChangeOutcome(
        kind=change.kind,
        registry=change.registry,
        subject=change.subject,
        outcome=result.status,
        version=result.version,
        before=change.before.version if isinstance(change.before, LiveVersion) else None,
        mode=mode,
        owner=getattr(change, "owner", known.owner if known else None),
        message=result.message,
        file=change.location.file,
        mode_before=str(change.before or INHERITED) if is_mode else None,
        settings=dict(change.after) if isinstance(change, SetSettings) else None,
    )


def _describe_note(note: Note, known: AppliedSubject | None) -> str:
    if note.subject is None:
        return "adopt"
    if note.entry is None:
        return "forget"
    if note.entry.is_orphan:
        return "orphan"
    return "adopt" if known is None else "correct"


def _find_entry(registries: Registries, change: Change) -> AppliedSubject | None:
    if change.subject is None:
        return None
    return _entry_of(registries, change.registry, change.subject)


def _entry_of(registries: Registries, registry: str, subject: str | None) -> AppliedSubject | None:
    return registries.get(registry, NOTHING_APPLIED).subjects.get(subject or "")
