"""What the planner compares: desired and live of one registry, as values; what was applied is in ``applied.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reconciler.model import (
    DesiredSubject,
    LiveState,
    LiveSubject,
    LiveVersion,
    Location,
    Mode,
    Reference,
    Schema,
    SettingValue,
)
from reconciler.planner.rules import STRICT, Rules
from reconciler.registry import Capabilities, Dependant
from reconciler.schemas.resolved import SchemaSet


@dataclass(frozen=True)
class Desired:
    """What Git wants one registry to hold.

    ``subjects`` are by their live name, and so are the subjects of their references. ``schemas`` resolves references by
    live name. ``default_mode`` is the declared level of the registry itself, None where it is left alone, ``settings``
    are those that are declared of it. ``scope`` are
    the live names that the plan is about, gone ones too; None for all. ``elsewhere`` are, by their file, the registries
    of subjects that do not go to this one.
    """

    registry: str
    kind: str
    subjects: Mapping[str, DesiredSubject]
    schemas: SchemaSet
    default_mode: Mode | None = None
    default_mode_location: Location | None = None
    settings: Mapping[str, SettingValue] = field(default_factory=dict)
    settings_location: Location | None = None
    rules: Rules = STRICT
    scope: frozenset[str] | None = None
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Live:
    """What one registry holds, as far as a plan needs it.

    ``histories`` are by live name, oldest version first. ``dependants`` are who refers to a subject, by its live name,
    for those of which something may be deleted.
    """

    state: LiveState
    capabilities: Capabilities
    histories: Mapping[str, tuple[LiveVersion, ...]] = field(default_factory=dict)
    dependants: Mapping[str, tuple[Dependant, ...]] = field(default_factory=dict)

    def find_schema(self, reference: Reference) -> Schema | None:
        """The live schema that a reference of a live schema means."""
        subject = self.state.subjects.get(reference.subject)
        latest = subject.latest if subject else None
        if latest and reference.version in (None, latest.version):
            return latest.schema
        versions = self.histories.get(reference.subject, ())
        return next((v.schema for v in versions if v.version == reference.version), None)

    def with_histories(self, histories: Mapping[str, tuple[LiveVersion, ...]]) -> Live:
        """The same, with more histories known."""
        return replace(self, histories={**self.histories, **histories})

    def with_dependants(self, dependants: Mapping[str, tuple[Dependant, ...]]) -> Live:
        """The same, with more dependants known."""
        return replace(self, dependants={**self.dependants, **dependants})

    def with_settings(self, settings: Mapping[str | None, Mapping[str, SettingValue]]) -> Live:
        """The same, with settings known of some of its subjects, and with None of the registry itself."""
        subjects = self.state.subjects
        known = {
            name: replace(subjects[name], settings=own)
            for name, own in settings.items()
            if name is not None and name in subjects
        }
        state = replace(self.state, settings=settings.get(None, self.state.settings))
        return replace(self, state=state).with_subjects(known)

    def with_subjects(self, subjects: Mapping[str, LiveSubject]) -> Live:
        """The same, with some subjects read anew."""
        return replace(self, state=replace(self.state, subjects={**self.state.subjects, **subjects}))
