"""What the planner compares: the two sides of one registry, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reconciler.model import DesiredSubject, LiveState, LiveVersion, Location, Mode, Reference, Schema
from reconciler.registry import Capabilities
from reconciler.schemas.resolved import SchemaSet


@dataclass(frozen=True)
class Desired:
    """What Git wants one registry to hold.

    ``subjects`` are by their live name, and so are the subjects of their references. ``schemas`` resolves references by
    live name. ``default_mode`` is the declared level of the registry itself, None where it is left alone.
    ``environment_mode`` names the source of modes for messages.
    """

    registry: str
    kind: str
    subjects: Mapping[str, DesiredSubject]
    schemas: SchemaSet
    default_mode: Mode | None = None
    default_mode_location: Location | None = None


@dataclass(frozen=True)
class Live:
    """What one registry holds, as far as a plan needs it. ``histories`` are by live name, oldest version first."""

    state: LiveState
    capabilities: Capabilities
    histories: Mapping[str, tuple[LiveVersion, ...]] = field(default_factory=dict)

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
