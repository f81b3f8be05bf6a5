"""The desired state: what Git declares for one environment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reconciler.model import DesiredSubject, Finding, Location, Mode, Schema, SettingValue
from reconciler.schemas.resolved import SchemaSet


@dataclass(frozen=True, slots=True)
class DesiredRegistry:
    """One registry of the environment.

    ``default_mode`` is its own level where one is declared, ``settings`` are those of its own; ``names`` has, for
    exactly the subjects that it shall hold or that are read there, the name which each has in it, and ``elsewhere``
    that of others that are pinned.
    """

    name: str
    kind: str
    default_mode: Mode | None = None
    default_mode_location: Location | None = None
    settings: Mapping[str, SettingValue] = field(default_factory=dict)
    settings_location: Location | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SchemaFiles:
    """The files that a schema is made of beside its own: its sidecar, and those that it uses directly."""

    sidecar: str | None = None
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnreadSubject:
    """A subject whose schema was not read, since a change does not concern it."""

    name: str
    location: Location
    registries: tuple[str, ...] = ()


@dataclass(frozen=True)
class DesiredState:
    """What Git declares for one environment, with everything that is wrong with it.

    ``subjects`` is by subject name and leaves out whatever has a finding that makes it unusable. ``pins`` holds the
    texts of pinned references by subject and version. ``schemas`` resolves references over both. ``files`` are by the
    path of a schema, for those that have a sidecar or use another one; fragments and pins among them. ``unread`` are,
    by name, the subjects that a change does not concern, where only what it concerns was loaded.
    """

    environment: str
    subjects: Mapping[str, DesiredSubject]
    pins: Mapping[tuple[str, int], Schema]
    registries: Mapping[str, DesiredRegistry]
    schemas: SchemaSet = field(repr=False, compare=False)
    findings: tuple[Finding, ...]
    files: Mapping[str, SchemaFiles] = field(default_factory=dict, repr=False, compare=False)
    unread: Mapping[str, UnreadSubject] = field(default_factory=dict, repr=False)

    def find_files(self, names: Iterable[str]) -> frozenset[str]:
        """Every file that some subjects are made of: their own, their sidecars, and whatever they use, near or far."""
        return self.find_parts(self.subjects[name].location.file for name in names if name in self.subjects)

    def find_parts(self, schemas: Iterable[str]) -> frozenset[str]:
        """Likewise of schemas by their paths, whether or not they became subjects."""
        waiting = list(schemas)
        found: set[str] = set()
        while waiting:
            path = waiting.pop()
            if path not in found:
                found.add(path)
                files = self.files.get(path, SchemaFiles())
                waiting.extend(files.uses)
                found.update([files.sidecar] if files.sidecar else [])
        return frozenset(found)
