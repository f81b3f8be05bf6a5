"""Drift: where a registry is not what was applied to it last, whatever Git wants by now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from reconciler.applied import AppliedRegistry
from reconciler.errors import SchemaError
from reconciler.model import AppliedSubject, LiveSubject, Mode
from reconciler.planner.sides import Live
from reconciler.planner.standing import describe_entry
from reconciler.planner.subjects import is_as_applied
from reconciler.schemas.resolved import SchemaSet


class DriftKind(StrEnum):
    """What someone else changed: a subject's schema, its mode, the registry's own level, or the whole subject."""

    SCHEMA = "schema"
    MODE = "mode"
    LEVEL = "level"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that is live otherwise than it was applied; ``subject`` None is the registry's own level."""

    kind: DriftKind
    registry: str
    subject: str | None
    message: str
    entry: AppliedSubject | None = None
    live: LiveSubject | None = None
    mode: Mode | None = None


def find_drift(registry: str, applied: AppliedRegistry, live: Live) -> tuple[Drift, ...]:
    """Compare what was applied to one registry with what is live.

    Args:
        live: a reading that has the modes of the subjects which have one of ours.
    """
    theirs = SchemaSet(live.find_schema)
    found: list[Drift] = []
    present = live.state.default_mode
    if applied.default_mode not in (None, present):
        message = f"the registry's own level was set to {applied.default_mode}, and is {present or 'unset'} now"
        found.append(Drift(DriftKind.LEVEL, registry, None, message, mode=present))
    for name, entry in sorted(applied.subjects.items()):
        found.extend(_find_one(registry, name, entry, live, theirs))
    return tuple(found)


def find_unmanaged(applied: AppliedRegistry, live: Live) -> tuple[str, ...]:
    """The live subjects that were never applied, sorted."""
    return tuple(sorted(live.state.subjects.keys() - applied.subjects.keys()))


def _find_one(registry: str, name: str, entry: AppliedSubject, live: Live, theirs: SchemaSet) -> Iterator[Drift]:
    found = live.state.subjects.get(name)
    if found is None or (found.latest is None and found.problem is None):
        if entry.version is not None and not entry.is_orphan:
            message = f"{describe_entry(entry)} was applied, and the registry does not have the subject any more"
            yield Drift(DriftKind.VANISHED, registry, name, message, entry)
        return
    if what := _describe_schema(entry, found, live, theirs):
        yield Drift(DriftKind.SCHEMA, registry, name, what, entry, found, found.mode)
    if entry.mode is not None and found.mode is not entry.mode:
        message = f"its mode was set to {entry.mode}, and is {found.mode or 'inherited'} now"
        yield Drift(DriftKind.MODE, registry, name, message, entry, found, found.mode)


def _describe_schema(entry: AppliedSubject, found: LiveSubject, live: Live, theirs: SchemaSet) -> str | None:
    if entry.version is None:
        return None
    latest, was = found.latest, f"{describe_entry(entry)} was applied"
    if latest is None:
        return f"{was}, and what the registry holds cannot be used: {found.problem}"
    try:
        if is_as_applied(latest, entry, theirs, live.capabilities):
            return None
    except SchemaError as error:
        return f"{was}, and version {latest.version} cannot be read: {error.message}"
    if latest.version == entry.version:
        return f"{was}, and the registry holds another schema, or other metadata, under that number"
    return f"{was}, and version {latest.version} is live"
