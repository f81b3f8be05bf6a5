"""What the ledger is to say of subjects that nothing is written to."""

from __future__ import annotations

from reconciler.applied import AppliedRegistry
from reconciler.model import AppliedSubject, Dialect, Note
from reconciler.planner.comparison import ComparedSubject, Comparison
from reconciler.planner.mode_changes import ModePlan
from reconciler.planner.settings import SettingsPlan
from reconciler.planner.standing import Standing
from reconciler.planner.subjects import fingerprints_beside


def make_note(
    subject: ComparedSubject,
    comparison: Comparison,
    mode: ModePlan,
    settings: SettingsPlan,
    dialect: Dialect,
    commit: str,
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
    metadata, rules = fingerprints_beside(wanted.schema)
    # As long as the mode is only planned to be taken back, it may be NONE still.
    is_loose = any(r.subject == wanted.name for r in comparison.restorations)
    temporary = known.temporary if known and is_loose else None
    if known and not known.is_orphan:
        now = (latest.version, content, references, mode.ours, wanted.owner, wanted.location, metadata)
        if (*now, temporary, settings.ours, rules) == _describe(known):
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
        settings=settings.ours,
        rules=rules,
    )
    return (Note(comparison.desired.registry, wanted.name, entry, before=known),)


def _describe(entry: AppliedSubject) -> tuple[object, ...]:
    known = (entry.version, entry.fingerprint, entry.references, entry.mode, entry.owner, entry.location)
    return (*known, entry.metadata, entry.temporary, entry.settings, entry.rules)


def make_own_notes(comparison: Comparison) -> tuple[Note, ...]:
    """Note the level and the settings of the registry itself that are as declared, where the ledger says otherwise."""
    known, ours = comparison.applied, comparison.settings.ours
    names = {*known.settings, *ours} if not comparison.settings.is_changed else set()
    now = {name: ours.get(name) for name in sorted(names) if known.settings.get(name) != ours.get(name)}
    if not now:
        return comparison.level.notes
    told = next(iter(comparison.level.notes), None)
    level = told.default_mode if told else known.default_mode
    note = Note(comparison.desired.registry, None, None, level, default_before=known.default_mode, settings=now)
    return (note,)


def make_settled_notes(registry: str, recorded: AppliedRegistry, settled: AppliedRegistry) -> tuple[Note, ...]:
    """Note what an apply that was cut off has done, so that the ledger says it whatever the next run changes."""
    if recorded == settled:
        return ()
    names = sorted(recorded.subjects.keys() | settled.subjects.keys())
    entries = ((name, recorded.subjects.get(name), settled.subjects.get(name)) for name in names)
    notes = [Note(registry, name, now, before=before) for name, before, now in entries if before != now]
    if (recorded.default_mode, recorded.settings) != (settled.default_mode, settled.settings):
        own = {name: settled.settings.get(name) for name in {*recorded.settings, *settled.settings}}
        level, before = settled.default_mode, recorded.default_mode
        notes.append(Note(registry, None, None, level, default_before=before, settings=own))
    return tuple(notes)
