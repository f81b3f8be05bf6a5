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
)
from reconciler.applier import Result, Status
from reconciler.ledger.values import INHERITED, ChangeOutcome
from reconciler.model import (
    Change,
    DeleteSubject,
    DeleteVersions,
    Mode,
    ResetCompatibility,
    SetCompatibility,
    SetDefaultCompatibility,
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
    levels = {name: registry.default_mode for name, registry in registries.items()}
    for note in notes:
        subjects = noted.setdefault(note.registry, {})
        if note.subject is None:
            is_as_known = levels.get(note.registry) is note.default_before
            levels[note.registry] = note.default_mode if is_as_known else levels.get(note.registry)
        elif subjects.get(note.subject) != note.before:
            continue
        elif note.entry is None:
            subjects.pop(note.subject, None)
        else:
            is_plans = note.entry.commit in ("", described)
            subjects[note.subject] = replace(note.entry, commit=source) if is_plans else note.entry
    return {name: AppliedRegistry(subjects, levels.get(name)) for name, subjects in noted.items()}


def make_intended_changes(changes: Iterable[Change], registries: Registries, source: str) -> list[IntendedChange]:
    """What an intent says of a plan's changes."""
    return [make_intended(change, source, _find_entry(registries, change)) for change in changes]


def make_recorded(registries: Registries, results: Iterable[Result], source: str) -> Registries:
    """What is applied after a run: what failed keeps its old entry, with the mode NONE that it may have had."""
    recorded = {name: dict(registry.subjects) for name, registry in registries.items()}
    levels = {name: registry.default_mode for name, registry in registries.items()}
    for result in results:
        change = result.change
        subjects = recorded.setdefault(change.registry, {})
        if result.status is not Status.APPLIED:
            subjects.update(_mark_loosened(change, subjects))
            continue
        if isinstance(change, SetDefaultCompatibility):
            levels[change.registry] = change.after
            continue
        references = result.references or None
        entry = make_entry(change, source, subjects.get(change.subject), result.version, references)
        if entry is None:
            subjects.pop(change.subject, None)
        else:
            subjects[change.subject] = entry
    return {name: AppliedRegistry(subjects, levels.get(name)) for name, subjects in recorded.items()}


def _mark_loosened(change: Change, subjects: Mapping[str, AppliedSubject]) -> Mapping[str, AppliedSubject]:
    temporary = make_temporary(change)
    if temporary is None or isinstance(change, SetDefaultCompatibility) or change.subject not in subjects:
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
    changed = {
        (r.change.registry, None if isinstance(r.change, SetDefaultCompatibility) else r.change.subject)
        for r in results
        if r.status is Status.APPLIED
    }
    left = [change for change in before if (change.registry, change.subject) not in changed]
    pairs = zip(results, intended, strict=True)
    return left + [change for r, change in pairs if r.status is Status.UNKNOWN or r.is_mode_left or _is_cut_off(r)]


def _is_cut_off(result: Result) -> bool:
    return result.status is Status.FAILED and isinstance(result.change, DeleteVersions | DeleteSubject)


def make_outcomes(results: Iterable[Result]) -> list[ChangeOutcome]:
    """What a record says of a run's changes."""
    return [_make_outcome(result) for result in results]


def make_noted_outcomes(before: Registries, notes: Iterable[Note]) -> list[ChangeOutcome]:
    """What a record says of notes."""
    return [
        ChangeOutcome(
            _describe_note(note, _entry_of(before, note.registry, note.subject)),
            note.registry,
            note.subject,
            "noted",
            note.entry.version if note.entry else None,
            owner=note.entry.owner if note.entry else None,
            file=note.entry.location.file if note.entry else None,
        )
        for note in notes
    ]


def _make_outcome(result: Result) -> ChangeOutcome:
    change = result.change
    before = change.before
    is_mode = isinstance(change, SetDefaultCompatibility | SetCompatibility | ResetCompatibility)
    mode = change.after if isinstance(change, SetCompatibility | SetDefaultCompatibility) else None
    return ChangeOutcome(
        kind=change.kind,
        registry=change.registry,
        subject=None if isinstance(change, SetDefaultCompatibility) else change.subject,
        outcome=result.status,
        version=result.version,
        before=None if before is None or isinstance(before, Mode) else before.version,
        mode=mode,
        owner=getattr(change, "owner", None),
        message=result.message,
        file=change.location.file,
        mode_before=str(before or INHERITED) if is_mode else None,
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
    if isinstance(change, SetDefaultCompatibility):
        return None
    return _entry_of(registries, change.registry, change.subject)


def _entry_of(registries: Registries, registry: str, subject: str | None) -> AppliedSubject | None:
    return registries.get(registry, NOTHING_APPLIED).subjects.get(subject or "")
