"""What an apply that was cut off has done, told by what is live: nothing that we did is mistaken for someone else's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.applied import AppliedRegistry, AppliedSubject, IntendedChange, merge_settings
from reconciler.errors import SchemaError
from reconciler.model import LiveVersion, Mode, TemporaryMode
from reconciler.planner.sides import Live
from reconciler.planner.subjects import has_content
from reconciler.schemas.resolved import SchemaSet


def settle_intent(applied: AppliedRegistry, changes: Iterable[IntendedChange], live: Live) -> AppliedRegistry:
    """What is applied to one registry once an unfinished intent is held against a reading.

    Args:
        applied: what the ledger says.
        changes: of the unfinished intent, in its order; those of other registries are passed over by the caller.
        live: a reading that has the modes of the subjects of ``changes``.

    Returns:
        the entries, with those changes made that are live exactly as they were intended; and the temporary modes that
        were left behind.
    """
    subjects = dict(applied.subjects)
    default_mode, settings = applied.default_mode, applied.settings
    temporary = dict(applied.temporary_modes)
    for change in changes:
        if is_left_open(change, live):
            temporary[change.subject or ""] = change.restores_mode
        if not was_made(change, live):
            subjects.update(_make_rest(change, subjects.get(change.subject or ""), live))
            subjects.update(_mark_loosened(change, subjects.get(change.subject or "")))
            continue
        if change.subject is None and change.settings:
            settings = merge_settings(settings, change.settings)
        elif change.subject is None:
            default_mode = change.mode
        elif (entry := _make_entry(change, subjects.get(change.subject), live)) is None:
            subjects.pop(change.subject, None)
        else:
            subjects[change.subject] = entry
    return AppliedRegistry(subjects, default_mode, temporary, settings)


def was_made(change: IntendedChange, live: Live) -> bool:
    """Whether what is live is exactly what a change wanted, and was not so before it."""
    found = live.state.subjects.get(change.subject) if change.subject is not None else None
    latest = found.latest if found else None
    match change.kind:
        case "set_default_compatibility":
            return live.state.default_mode is change.mode
        case "set_compatibility" | "reset_compatibility":
            return found is not None and found.mode is change.mode
        case "set_settings":
            own = (live.state.settings if change.subject is None else found.settings if found else None) or {}
            return all(own.get(name) == value for name, value in change.settings.items())
        case "delete_subject":
            return latest is None
        case _:
            return latest is not None and latest.version != change.version and _is_as_intended(change, latest, live)


def is_left_open(change: IntendedChange, live: Live) -> bool:
    """Whether a subject is still in the mode NONE that it was put into for a while only."""
    found = live.state.subjects.get(change.subject) if change.subject is not None else None
    is_loose = found is not None and found.mode is Mode.NONE
    return change.is_temporary and is_loose and change.restores_mode is not Mode.NONE


def _is_as_intended(change: IntendedChange, latest: LiveVersion, live: Live) -> bool:
    if change.entry is None:
        return False
    wanted = {(r.name, r.subject): r.version for r in change.entry.references}
    got = {(r.name, r.subject): r.version for r in latest.schema.references}
    if wanted.keys() != got.keys() or any(v is not None and v != got[key] for key, v in wanted.items()):
        return False
    try:
        return has_content(latest.schema, change.entry, SchemaSet(live.find_schema), live.capabilities)
    except SchemaError:
        return False


def _mark_loosened(change: IntendedChange, now: AppliedSubject | None) -> Mapping[str, AppliedSubject]:
    """The entry of a subject that had NONE for a while: the request that set it may reach the registry yet."""
    is_loosened = change.is_temporary and change.restores_mode is not Mode.NONE
    if now is None or change.subject is None or not is_loosened:
        return {}
    return {change.subject: replace(now, temporary=TemporaryMode(change.restores_mode))}


def _make_rest(change: IntendedChange, now: AppliedSubject | None, live: Live) -> Mapping[str, AppliedSubject]:
    """The entry of a subject of which some versions are deleted and others are left to delete: what is latest now."""
    found = live.state.subjects.get(change.subject) if change.subject is not None else None
    latest = found.latest if found else None
    if now is None or change.subject is None or latest is None or latest.version == change.version:
        return {}
    if latest.version not in change.versions:
        return {}
    try:
        content = SchemaSet(live.find_schema).fingerprint(latest.schema, live.capabilities.dialect)
    except SchemaError:
        return {}
    references = latest.schema.references
    return {change.subject: replace(now, version=latest.version, fingerprint=content, references=references)}


def _make_entry(change: IntendedChange, now: AppliedSubject | None, live: Live) -> AppliedSubject | None:
    """The entry of a change that was made: what it did not touch stays as it is by now."""
    if change.entry is None or change.subject is None:
        return None
    if change.kind in ("set_compatibility", "reset_compatibility"):
        return replace(now or change.entry, commit=change.entry.commit, mode=change.mode)
    if change.kind == "set_settings":
        known = now or change.entry
        return replace(known, commit=change.entry.commit, settings=merge_settings(known.settings, change.settings))
    latest = live.state.subjects[change.subject].latest
    assert latest is not None  # else it was not made
    mode, settings = (now.mode, now.settings) if now else (None, {})
    entry = replace(change.entry, version=latest.version, references=latest.schema.references)
    return replace(entry, mode=mode, settings=settings)
