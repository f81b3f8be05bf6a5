"""What a copy is planned from, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model import Finding, LiveSubject, LiveVersion, Mode, Reference, Schema, SettingValue
from reconciler.registry import Capabilities

VersionKey = tuple[str, int]
"""A subject's name in the source, and the number of one of its versions there."""


@dataclass(frozen=True)
class Side:
    """One registry as it was read.

    ``histories`` are by subject, each the oldest first, references with full names. ``settings`` are by subject, None
    for the registry's own; ``numbers`` are all that a subject uses, softly deleted versions' too, where they were asked
    for.
    """

    name: str
    capabilities: Capabilities
    level: Mode | None = None
    subjects: Mapping[str, LiveSubject] = field(default_factory=dict)
    histories: Mapping[str, tuple[LiveVersion, ...]] = field(default_factory=dict)
    settings: Mapping[str | None, Mapping[str, SettingValue]] = field(default_factory=dict)
    numbers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def find_version(self, subject: str, number: int | None) -> LiveVersion | None:
        """One version that was read."""
        return next((v for v in self.histories.get(subject, ()) if v.version == number), None)

    def find_schema(self, reference: Reference) -> Schema | None:
        """The schema that a reference means."""
        found = self.find_version(reference.subject, reference.version)
        return found.schema if found else None

    def find_mode(self, subject: str) -> Mode | None:
        """The mode that a subject has itself."""
        found = self.subjects.get(subject)
        return found.mode if found else None

    def find_level(self, subject: str) -> Mode | None:
        """The mode that a subject has where it has none itself."""
        found = self.subjects.get(subject)
        return (found.inherited if found else None) or self.level


@dataclass(frozen=True)
class CopyRequest:
    """What is to be copied.

    ``names`` are the subjects that were asked for and what they refer to, by their name in the source, with their name
    in the target; some are there only so that what the target has is recognised. ``misnamed`` says of some why they can
    have none. ``wanted`` are the versions to be copied. ``taken_ids`` is what the target holds under the ids that are
    to be kept, by the subject's name there and the id. ``recognised`` are versions that the target itself takes for one
    of its own, however it stores them, by its number.
    """

    names: Mapping[str, str]
    wanted: frozenset[VersionKey]
    keeps_ids: bool = False
    misnamed: Mapping[str, str] = field(default_factory=dict)
    taken_ids: Mapping[tuple[str, int], Schema] = field(default_factory=dict)
    recognised: Mapping[VersionKey, int] = field(default_factory=dict)

    @property
    def subjects(self) -> dict[str, str]:
        """The subjects of which something is to be copied."""
        wanted = {subject for subject, _ in self.wanted}
        return {subject: name for subject, name in self.names.items() if subject in wanted}


@dataclass(frozen=True, slots=True)
class VersionCopy:
    """One version that is to be written.

    ``schema`` is as the target gets it, but that its references carry the numbers of the source; ``uses`` are the
    versions behind them, in the order of the references. ``id`` is that of the source. ``is_older``: an earlier
    version holds the same schema, and this one becomes the latest nevertheless.
    """

    key: VersionKey
    schema: Schema
    id: int | None = None
    uses: tuple[VersionKey, ...] = ()
    is_older: bool = False


@dataclass(frozen=True)
class SubjectCopy:
    """What is to be done about one subject.

    ``source`` and ``target`` are its names. ``present`` are the versions that the target has already: number there by
    number here. ``merged`` are versions that are one with another of the subject in the target. ``mode`` is what the
    subject has in the end (None: it inherits) and ``mode_before`` what it has now; ``is_mode_set`` says whether that
    takes a write, and ``is_loosened`` whether it has NONE while versions are written. ``settings`` are to be set.
    """

    source: str
    target: str
    writes: tuple[VersionCopy, ...] = ()
    present: Mapping[int, int] = field(default_factory=dict)
    merged: Mapping[int, int] = field(default_factory=dict)
    mode: Mode | None = None
    mode_before: Mode | None = None
    is_mode_set: bool = False
    is_loosened: bool = False
    settings: Mapping[str, SettingValue] = field(default_factory=dict)

    @property
    def is_changed(self) -> bool:
        """Whether anything is to be written."""
        return bool(self.writes or self.is_mode_set or self.settings)


@dataclass(frozen=True)
class CopyPlan:
    """What a copy would do; ``left_out`` are the subjects that the target cannot have, by their name in the source."""

    source: str
    target: str
    keeps_ids: bool
    subjects: tuple[SubjectCopy, ...] = ()
    left_out: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def can_copy(self) -> bool:
        """Whether it may be done."""
        return not any(finding.blocks for finding in self.findings)

    @property
    def changed(self) -> tuple[SubjectCopy, ...]:
        """The subjects in which something is to be written."""
        return tuple(subject for subject in self.subjects if subject.is_changed)
