"""A plan: what is to be done, what was found, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.changes import (
    Change,
    DeleteSubject,
    DeleteVersions,
    RegisterSchema,
    ResetCompatibility,
    RestoreVersion,
    SetCompatibility,
    SetDefaultCompatibility,
    SetSettings,
)
from reconciler.model.findings import REGISTRY_UNREADABLE, Finding
from reconciler.model.subjects import AppliedSubject, SettingValue
from reconciler.model.words import Mode, Severity


@dataclass(frozen=True, slots=True)
class Note:
    """What the ledger is to say of a subject without any write: it was found as desired, orphaned, or let go.

    ``entry`` None forgets the subject. ``subject`` None is the registry's own level, which ``default_mode`` says. The
    commit of an entry may be the plan's, as it is described there; whoever records it knows the real one. ``before`` is
    the entry that it takes the place of, ``default_before`` the level: where the ledger says something else by then,
    the note is out of date. ``settings`` are the registry's own that are ours as they are, by name.
    """

    registry: str
    subject: str | None
    entry: AppliedSubject | None
    default_mode: Mode | None = None
    before: AppliedSubject | None = None
    default_before: Mode | None = None
    settings: Mapping[str, SettingValue | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadItem:
    """One thing that a plan rests on, as it was read.

    ``subject`` None is the registry's own level. ``version`` and ``fingerprint`` are the latest's, None where the
    subject is absent. ``history`` is the fingerprint over every version where the whole history was judged.
    ``dependants`` are the versions of other subjects that refer to it, where something of it is deleted. ``applied`` is
    the fingerprint of what the ledger said of it, where it is changed. ``settings`` are those that it had, where the
    plan rests on them.
    """

    registry: str
    subject: str | None
    version: int | None = None
    fingerprint: str | None = None
    mode: Mode | None = None
    history: str | None = None
    dependants: tuple[str, ...] | None = None
    applied: str | None = None
    settings: Mapping[str, SettingValue] | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What a plan saw of one registry: counts and names that reports show beside the changes.

    ``unchanged`` are the subjects that are live as declared: neither those that cannot be planned, nor drift that is
    kept.
    """

    registry: str
    kind: str
    unchanged: int = 0
    unmanaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """How many of what a plan holds; ``unmanaged`` and ``unchanged`` count subjects, the others changes or findings.

    ``settings`` counts changes of settings beside the mode, each of one subject or of a registry itself.
    """

    creates: int
    updates: int
    restores: int
    modes: int
    settings: int
    deletes: int
    unchanged: int
    unmanaged: int
    errors: int
    warnings: int


_KEPT = frozenset({"DRIFT_KEPT", "MODE_DRIFT_KEPT"})


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that apply would do and all that was found on the way, for one environment.

    ``changes`` stand in the order in which they can be applied. ``configuration`` is the digest of the settings that
    the plan was made with, ``digest`` covers changes, read set and configuration, but neither the commit nor the time.
    ``notes`` are what the ledger gets without any write, before the entries of the changes; they are not in the digest.
    """

    environment: str
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    read_set: tuple[ReadItem, ...]
    observations: tuple[Observation, ...]
    configuration: str
    commit: str | None = None
    digest: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def can_apply(self) -> bool:
        """Whether nothing that was found blocks; the only place where this is decided."""
        return not any(finding.blocks for finding in self.findings)

    @property
    def is_complete(self) -> bool:
        """Whether every registry could be read."""
        return not any(finding.code == REGISTRY_UNREADABLE for finding in self.findings)

    @property
    def keeps_drift(self) -> bool:
        """Whether something is live otherwise than declared and shall stay so."""
        return any(finding.code in _KEPT for finding in self.findings)

    @property
    def summary(self) -> Summary:
        """The counts that every report shows."""
        registrations = [c for c in self.changes if isinstance(c, RegisterSchema)]
        severities = [f.severity for f in self.findings]
        return Summary(
            creates=sum(c.before is None for c in registrations),
            updates=sum(c.before is not None for c in registrations),
            restores=sum(isinstance(c, RestoreVersion) for c in self.changes),
            modes=sum(
                isinstance(c, SetCompatibility | ResetCompatibility | SetDefaultCompatibility) for c in self.changes
            ),
            settings=sum(isinstance(c, SetSettings) for c in self.changes),
            deletes=sum(isinstance(c, DeleteVersions | DeleteSubject) for c in self.changes),
            unchanged=sum(o.unchanged for o in self.observations),
            unmanaged=sum(len(o.unmanaged) for o in self.observations),
            errors=severities.count(Severity.ERROR),
            warnings=severities.count(Severity.WARNING),
        )
