"""What was last applied, as values: the ledger's side of a three-way comparison.

The ledger keeps them in Git; the planner compares them with what is desired and what is live. Nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypedDict

from reconciler.model import (
    AppliedSubject,
    Change,
    DeleteSubject,
    DeleteVersions,
    Mode,
    Note,
    Reference,
    RegisterSchema,
    ResetCompatibility,
    RestoreVersion,
    Schema,
    SetCompatibility,
    SetDefaultCompatibility,
    SetSettings,
    SettingValue,
    TemporaryMode,
)

__all__ = [
    "NOTHING_APPLIED",
    "AppliedRegistry",
    "AppliedSubject",
    "IntendedChange",
    "Note",
    "make_entry",
    "make_intended",
    "make_temporary",
    "merge_settings",
]

SubjectChange = (
    RegisterSchema
    | RestoreVersion
    | SetCompatibility
    | ResetCompatibility
    | SetSettings
    | DeleteVersions
    | DeleteSubject
)
"""Every change that concerns one subject."""


@dataclass(frozen=True, slots=True)
class AppliedRegistry:
    """What was last applied to one registry: subjects by their live name, and the level and settings of its own that we
    set.

    ``temporary_modes`` are the subjects that an apply which was cut off had put into NONE for a while, with the mode
    that each shall have again (None: it inherits).
    """

    subjects: Mapping[str, AppliedSubject] = field(default_factory=dict)
    default_mode: Mode | None = None
    temporary_modes: Mapping[str, Mode | None] = field(default_factory=dict)
    settings: Mapping[str, SettingValue] = field(default_factory=dict)

    @property
    def loosened(self) -> Mapping[str, Mode | None]:
        """The subjects that may have the mode NONE of an intended break still, or again, with the mode that each shall
        have.
        """
        marked = {name: entry.temporary.restores for name, entry in self.subjects.items() if entry.temporary}
        return {**marked, **self.temporary_modes}


NOTHING_APPLIED = AppliedRegistry()
"""The ledger's side at the first contact with a registry."""


@dataclass(frozen=True, slots=True)
class IntendedChange:
    """A change as an intent holds it before the first write: enough to tell by a reading whether it was made.

    ``subject`` None is the registry's own level. ``version`` is the latest before the change, ``mode`` the mode that
    it sets (None where it takes one away, or sets none). ``entry`` is what the ledger says once it is made; its version
    and the versions of references that follow the repository are known only then. ``is_temporary``: the subject is put
    into NONE for a while, and ``restores_mode`` is what it has again afterwards (None: it inherits). ``versions`` are
    those that it deletes, of a subject that stays, and ``is_permanent`` says that a deletion is for good. ``settings``
    are those that it sets, None where it takes one away.
    """

    kind: str
    registry: str
    subject: str | None
    version: int | None = None
    mode: Mode | None = None
    entry: AppliedSubject | None = None
    is_temporary: bool = False
    restores_mode: Mode | None = None
    versions: tuple[int, ...] = ()
    is_permanent: bool = False
    settings: Mapping[str, SettingValue | None] = field(default_factory=dict)


def make_entry(
    change: SubjectChange,
    commit: str,
    previous: AppliedSubject | None = None,
    version: int | None = None,
    references: Sequence[Reference] | None = None,
    fingerprint: str | None = None,
) -> AppliedSubject | None:
    """What the ledger says of a subject after a change of it was made.

    Args:
        commit: the commit of the desired state.
        previous: what the ledger said before.
        version: the number that the registry gave.
        references: with the versions that they were resolved to; those of the change where it is None.
        fingerprint: of what the registry stored; that of the change where it is None.

    Returns:
        the entry, or None where the subject is gone.
    """
    match change:
        case RegisterSchema() | RestoreVersion():
            return AppliedSubject(
                commit,
                change.location,
                fingerprint or change.fingerprint,
                version,
                tuple(change.after.references if references is None else references),
                previous.mode if previous else None,
                change.owner,
                temporary=make_temporary(change),
                settings=previous.settings if previous else {},
                **_beside(change.after),
            )
        case DeleteVersions():
            left = change.after
            schema = (change.fingerprint, left.version, left.schema.references)
            known = previous or AppliedSubject(commit, change.location)
            entry = AppliedSubject(commit, change.location, *schema, known.mode, known.owner, settings=known.settings)
            return replace(entry, **_beside(left.schema))
        case SetCompatibility():
            known = previous or AppliedSubject(commit, change.location, owner=change.owner)
            return replace(known, commit=commit, mode=change.after, owner=change.owner)
        case ResetCompatibility():
            return replace(previous or AppliedSubject(commit, change.location), commit=commit, mode=None)
        case SetSettings():
            known = previous or AppliedSubject(commit, change.location, owner=change.owner)
            return replace(known, commit=commit, settings=merge_settings(known.settings, change.after))
        case DeleteSubject():
            return None


def merge_settings(
    known: Mapping[str, SettingValue], changed: Mapping[str, SettingValue | None]
) -> Mapping[str, SettingValue]:
    """The settings of something once some are set, and those that are None taken away."""
    return {name: value for name, value in {**known, **changed}.items() if value is not None}


def make_temporary(change: Change) -> TemporaryMode | None:
    """The mode NONE that a change sets for a while, where it is an intended break of a subject that has another one."""
    if not isinstance(change, RegisterSchema | RestoreVersion) or not change.waivers:
        return None
    return None if change.restores_mode is Mode.NONE else TemporaryMode(change.restores_mode)


class _Beside(TypedDict):
    metadata: str | None
    rules: str | None


def _beside(schema: Schema) -> _Beside:
    """The fingerprints of what is stored beside a schema's text."""
    return {
        "metadata": schema.metadata.fingerprint if schema.metadata else None,
        "rules": schema.rules.fingerprint if schema.rules is not None else None,
    }


def make_intended(change: Change, commit: str, previous: AppliedSubject | None = None) -> IntendedChange:
    """What an intent says of a change; arguments as those of :func:`make_entry`."""
    if isinstance(change, SetDefaultCompatibility):
        return IntendedChange(change.kind, change.registry, None, mode=change.after)
    if isinstance(change, SetSettings) and change.subject is None:
        return IntendedChange(change.kind, change.registry, None, settings=change.after)
    entry = make_entry(change, commit, previous)
    intended = IntendedChange(change.kind, change.registry, change.subject, entry=entry)
    match change:
        case SetCompatibility():
            return replace(intended, mode=change.after)
        case ResetCompatibility():
            return intended
        case SetSettings():
            return replace(intended, settings=change.after)
        case RegisterSchema() | RestoreVersion() if change.waivers:
            version = change.before.version if change.before else None
            return replace(intended, version=version, is_temporary=True, restores_mode=change.restores_mode)
        case DeleteVersions():
            intended = replace(intended, version=change.before.version, versions=tuple(change.versions))
            return replace(intended, is_permanent=change.is_permanent)
        case DeleteSubject():
            return replace(intended, version=change.before.version, is_permanent=change.is_permanent)
        case _:
            return replace(intended, version=change.before.version if change.before else None)
