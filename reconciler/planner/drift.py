"""Drift: where a registry is not what was applied to it last, whatever Git wants by now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from reconciler.applied import AppliedRegistry
from reconciler.errors import SchemaError
from reconciler.model import (
    AppliedSubject,
    Difference,
    DifferenceKind,
    LiveSubject,
    LiveVersion,
    Mode,
    Reference,
    SettingValue,
)
from reconciler.planner.sides import Live
from reconciler.planner.standing import describe_entry
from reconciler.planner.subjects import has_content, is_as_applied, make_differences
from reconciler.schemas.metadata_difference import metadata_differences, rule_differences
from reconciler.schemas.resolved import SchemaSet


class DriftKind(StrEnum):
    """What someone else changed: a subject's schema, its mode, the registry's own level, another setting of either, or
    the whole subject.
    """

    SCHEMA = "schema"
    MODE = "mode"
    LEVEL = "level"
    SETTINGS = "settings"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that is live otherwise than it was applied; ``subject`` None is the registry itself.

    ``differences`` are those from the version that was applied to the one that is live, where both are known.
    """

    kind: DriftKind
    registry: str
    subject: str | None
    message: str
    entry: AppliedSubject | None = None
    live: LiveSubject | None = None
    mode: Mode | None = None
    differences: tuple[Difference, ...] = ()


def find_changed(drifts: Iterable[Drift]) -> frozenset[str]:
    """The subjects whose schema drifted: with their histories, :func:`find_drift` tells how."""
    return frozenset(d.subject for d in drifts if d.kind is DriftKind.SCHEMA and d.subject is not None)


def find_drift(registry: str, applied: AppliedRegistry, live: Live) -> tuple[Drift, ...]:
    """Compare what was applied to one registry with what is live.

    Args:
        live: a reading that has the modes and the settings of the subjects which have some of ours; how a schema
            drifted is told of those whose histories it has.
    """
    theirs = SchemaSet(live.find_schema)
    found: list[Drift] = []
    present = live.state.default_mode
    if applied.default_mode not in (None, present):
        message = f"the registry's own level was set to {applied.default_mode}, and is {present or 'unset'} now"
        found.append(Drift(DriftKind.LEVEL, registry, None, message, mode=present))
    if own := _describe_settings(applied.settings, live.state.settings or {}):
        found.append(Drift(DriftKind.SETTINGS, registry, None, own))
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
        differences = _find_differences(entry, found.latest, live.histories.get(name, ()), live, theirs)
        yield Drift(DriftKind.SCHEMA, registry, name, what, entry, found, found.mode, differences)
    if entry.mode is not None and found.mode is not entry.mode:
        message = f"its mode was set to {entry.mode}, and is {found.mode or 'inherited'} now"
        yield Drift(DriftKind.MODE, registry, name, message, entry, found, found.mode)
    if changed := _describe_settings(entry.settings, found.settings or {}):
        yield Drift(DriftKind.SETTINGS, registry, name, changed, entry, found, found.mode)


def _describe_settings(ours: Mapping[str, SettingValue], live: Mapping[str, SettingValue]) -> str | None:
    moved = [
        f"`{n}` was set to {v}, and is {live.get(n, 'unset')} now" for n, v in sorted(ours.items()) if live.get(n) != v
    ]
    return "; ".join(moved) or None


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


def _find_differences(
    entry: AppliedSubject, latest: LiveVersion | None, history: Iterable[LiveVersion], live: Live, theirs: SchemaSet
) -> tuple[Difference, ...]:
    """What differs from the version that was applied; nothing where the registry does not have that one any more."""
    applied = next((v for v in history if v.version == entry.version), None)
    if applied is None or latest is None:
        return ()
    was, now = applied.schema, latest.schema
    try:
        if not has_content(was, entry, theirs, live.capabilities):
            return ()
        return (
            *make_differences(was, theirs, now, theirs),
            *_compare_references(was.references, now.references),
            *metadata_differences(was.metadata, now.metadata),
            *rule_differences(was.rules, now.rules),
        )
    except SchemaError:
        return ()


def _compare_references(was: Iterable[Reference], now: Iterable[Reference]) -> Iterator[Difference]:
    before, after = ({f"refers to {r.subject}": f"version {r.version}" for r in side} for side in (was, now))
    for path in {**before, **after}:
        sides = before.get(path), after.get(path)
        if sides[0] != sides[1]:
            kind = DifferenceKind.ADDED if sides[0] is None else DifferenceKind.REMOVED
            yield Difference(DifferenceKind.CHANGED if all(sides) else kind, path, *sides)
