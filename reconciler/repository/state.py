"""The desired state: what Git declares for one environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model import DesiredSubject, Finding, Location, Mode, Schema
from reconciler.schemas.resolved import SchemaSet


@dataclass(frozen=True, slots=True)
class DesiredRegistry:
    """One registry of the environment.

    ``default_mode`` is its own level where one is declared; ``names`` has, for exactly the subjects that it shall hold
    or that are read there, the name which each has in it.
    """

    name: str
    kind: str
    default_mode: Mode | None = None
    default_mode_location: Location | None = None
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DesiredState:
    """What Git declares for one environment, with everything that is wrong with it.

    ``subjects`` is by subject name and leaves out whatever has a finding that makes it unusable. ``pins`` holds the
    texts of pinned references by subject and version. ``schemas`` resolves references over both.
    """

    environment: str
    subjects: Mapping[str, DesiredSubject]
    pins: Mapping[tuple[str, int], Schema]
    registries: Mapping[str, DesiredRegistry]
    schemas: SchemaSet = field(repr=False, compare=False)
    findings: tuple[Finding, ...]
