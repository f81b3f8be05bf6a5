"""What the ledger is to say of subjects that nothing is written to."""

from __future__ import annotations

from reconciler.applied import AppliedRegistry
from reconciler.model import AppliedSubject, Dialect, Note
from reconciler.planner.comparison import ComparedSubject, Comparison
from reconciler.planner.mode_changes import ModePlan
from reconciler.planner.standing import Standing


def make_note(
    subject: ComparedSubject, comparison: Comparison, mode: ModePlan, dialect: Dialect, commit: str
) -> tuple[Note, ...]:
    """Note a subject whose live schema is as declared, where the ledger says something else of it, or nothing.

    What is changed gets its entry from the change and its result; what drifted and is kept keeps its entry.

    Args:
        commit: the commit of the desired state.
    """
    if subject.latest is None or subject.is_changed or subject.standing is not Standing.UNCHANGED:
        return ()
    wanted, latest, known = subject.desired, subject.latest, subject.entry
    # Where only the registry takes the two for the same, the ledger says what is live: that is what drift is told by.
    is_equal = subject.known_version is None
    side, schema = (comparison.desired.schemas, wanted.schema) if is_equal else (comparison.theirs, latest.schema)
    references = latest.schema.references
    if known and set(known.references) == set(references):
        references = known.references
    content = side.fingerprint(schema, dialect)
    metadata = wanted.schema.metadata.fingerprint if wanted.schema.metadata else None
    # As long as the mode is only planned to be taken back, it may be NONE still.
    is_loose = any(r.subject == wanted.name for r in comparison.restorations)
    temporary = known.temporary if known and is_loose else None
    if known and not known.is_orphan:
        now = (latest.version, content, references, mode.ours, wanted.owner, wanted.location, metadata)
        if (*now, temporary) == _describe(known):
            return ()
    entry = AppliedSubject(
        commit=commit,
        location=wanted.location,
        fingerprint=content,
        version=latest.version,
        references=references,
        mode=mode.ours,
        owner=wanted.owner,
        metadata=metadata,
        temporary=temporary,
    )
    return (Note(comparison.desired.registry, wanted.name, entry, before=known),)


def _describe(entry: AppliedSubject) -> tuple[object, ...]:
    known = (entry.version, entry.fingerprint, entry.references, entry.mode, entry.owner, entry.location)
    return (*known, entry.metadata, entry.temporary)


def make_settled_notes(registry: str, recorded: AppliedRegistry, settled: AppliedRegistry) -> tuple[Note, ...]:
    """Note what an apply that was cut off has done, so that the ledger says it whatever the next run changes."""
    if recorded == settled:
        return ()
    names = sorted(recorded.subjects.keys() | settled.subjects.keys())
    entries = ((name, recorded.subjects.get(name), settled.subjects.get(name)) for name in names)
    notes = [Note(registry, name, now, before=before) for name, before, now in entries if before != now]
    if recorded.default_mode is not settled.default_mode:
        notes.append(Note(registry, None, None, settled.default_mode, default_before=recorded.default_mode))
    return tuple(notes)
