"""What was last applied, as values: the ledger's side of a three-way comparison.

The ledger keeps them in Git; the planner compares them with what is desired and what is live. Nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

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
]

SubjectChange = RegisterSchema | RestoreVersion | SetCompatibility | ResetCompatibility | DeleteVersions | DeleteSubject
"""Every change that concerns one subject."""


@dataclass(frozen=True, slots=True)
class AppliedRegistry:
    """What was last applied to one registry: subjects by their live name, and its own level if we set one.

    ``temporary_modes`` are the subjects that an apply which was cut off had put into NONE for a while, with the mode
    that each shall have again (None: it inherits).
    """

    subjects: Mapping[str, AppliedSubject] = field(default_factory=dict)
    default_mode: Mode | None = None
    temporary_modes: Mapping[str, Mode | None] = field(default_factory=dict)

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
    those that it deletes, of a subject that stays, and ``is_permanent`` says that a deletion is for good.
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


def make_entry(
    change: SubjectChange,
    commit: str,
    previous: AppliedSubject | None = None,
    version: int | None = None,
    references: Sequence[Reference] | None = None,
) -> AppliedSubject | None:
    """What the ledger says of a subject after a change of it was made.

    Args:
        commit: the commit of the desired state.
        previous: what the ledger said before.
        version: the number that the registry gave.
        references: with the versions that they were resolved to; those of the change where it is None.

    Returns:
        the entry, or None where the subject is gone.
    """
    match change:
        case RegisterSchema() | RestoreVersion():
            return AppliedSubject(
                commit,
                change.location,
                change.fingerprint,
                version,
                tuple(change.after.references if references is None else references),
                previous.mode if previous else None,
                change.owner,
                metadata=_find_metadata(change.after),
                temporary=make_temporary(change),
            )
        case DeleteVersions():
            left = change.after
            schema = (change.fingerprint, left.version, left.schema.references)
            mode, owner = (previous.mode, previous.owner) if previous else (None, None)
            return AppliedSubject(commit, change.location, *schema, mode, owner, metadata=_find_metadata(left.schema))
        case SetCompatibility():
            known = previous or AppliedSubject(commit, change.location, owner=change.owner)
            return replace(known, commit=commit, mode=change.after, owner=change.owner)
        case ResetCompatibility():
            return replace(previous or AppliedSubject(commit, change.location), commit=commit, mode=None)
        case DeleteSubject():
            return None


def make_temporary(change: Change) -> TemporaryMode | None:
    """The mode NONE that a change sets for a while, where it is an intended break of a subject that has another one."""
    if not isinstance(change, RegisterSchema | RestoreVersion) or not change.waivers:
        return None
    return None if change.restores_mode is Mode.NONE else TemporaryMode(change.restores_mode)


def _find_metadata(schema: Schema) -> str | None:
    return schema.metadata.fingerprint if schema.metadata else None


def make_intended(
    change: SubjectChange | SetDefaultCompatibility, commit: str, previous: AppliedSubject | None = None
) -> IntendedChange:
    """What an intent says of a change; arguments as those of :func:`make_entry`."""
    if isinstance(change, SetDefaultCompatibility):
        return IntendedChange(change.kind, change.registry, None, mode=change.after)
    entry = make_entry(change, commit, previous)
    intended = IntendedChange(change.kind, change.registry, change.subject, entry=entry)
    match change:
        case SetCompatibility():
            return replace(intended, mode=change.after)
        case ResetCompatibility():
            return intended
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
