"""Versions of one subject that hold the same schema, where the target would not hold it twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.copying.contents import Contents
from reconciler.copying.values import CopyRequest, Side, VersionKey
from reconciler.registry import RestoreWay


@dataclass
class Repeats:
    """``merged``: by version, the one that stands for it. ``older``: versions whose schema an earlier one holds too."""

    merged: dict[VersionKey, VersionKey] = field(default_factory=dict)
    older: set[VersionKey] = field(default_factory=set)


def find_repeats(source: Side, target: Side, request: CopyRequest, contents: Contents) -> Repeats:
    """Find the versions that the target would take for another one of their subject.

    With ids, each version has its place. Else one that is like the one before it says nothing new; one that is like a
    still earlier one is made the latest again where the target can do that, and where it cannot, the last one stands
    for all, since it is the order of the newest that counts.

    What refers to versions that are one may be one itself, so that this is done until nothing more is found.
    """
    before, found = Repeats(), Repeats()
    restores = target.capabilities.restore is RestoreWay.NEW_VERSION
    while not request.keeps_ids:
        before, found = found, Repeats()
        for subject in request.names:
            _add(subject, _identify(source, request, contents, subject, before.merged), restores, found)
        if found == before:
            break
    return found


def _identify(
    source: Side, request: CopyRequest, contents: Contents, subject: str, merged: Mapping[VersionKey, VersionKey]
) -> dict[int, object]:
    versions = source.histories.get(subject, ())
    return {v.version: contents.identify(v.schema, merged) for v in versions if (subject, v.version) in request.wanted}


def _add(subject: str, identities: Mapping[int, object], restores: bool, found: Repeats) -> None:
    seen: dict[object, int] = {}
    before: int | None = None
    for number, identity in identities.items():
        earlier = seen.get(identity)
        if earlier is not None and earlier == before:
            found.merged[subject, number] = (subject, earlier)
            continue
        if earlier is not None and restores:
            found.older.add((subject, number))
        elif earlier is not None:
            _move(found.merged, (subject, earlier), (subject, number))
        seen[identity] = before = number


def _move(merged: dict[VersionKey, VersionKey], earlier: VersionKey, later: VersionKey) -> None:
    """Let a later version stand for an earlier one, and for what that stood for."""
    for key, stand_in in merged.items():
        if stand_in == earlier:
            merged[key] = later
    merged[earlier] = later
