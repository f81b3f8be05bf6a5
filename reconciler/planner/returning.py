"""Going back to an older schema of a subject, in the way that its registry has for it.

Registries of Confluent's kind answer a text that they know with its old version, unchecked, and change nothing. So the
older schema is registered anew under a new number where the registry can do that, else what came after it is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reconciler.model import (
    DeleteVersions,
    Deletion,
    DesiredSubject,
    Finding,
    LiveVersion,
    RegisterSchema,
    RestoreVersion,
)
from reconciler.planner.findings import older_version
from reconciler.planner.releasing import find_dependants
from reconciler.planner.rules import Rules
from reconciler.planner.sides import Live
from reconciler.registry import RestoreWay

Registering = RegisterSchema | RestoreVersion | DeleteVersions
"""The changes by which a subject gets the schema that is desired."""
_Returned = tuple[Registering, tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class GoingBack:
    """A registration whose schema an older version holds already.

    ``reason`` is set where there is another one than that Git went back.
    """

    registration: RegisterSchema
    latest: LiveVersion
    older: LiveVersion
    history: tuple[LiveVersion, ...]
    reason: str | None = None


def return_to_older(going_back: GoingBack, desired: DesiredSubject, rules: Rules, live: Live) -> _Returned:
    """Plan how the older schema becomes the latest again; with a finding that blocks where it cannot."""
    return _WAYS[live.capabilities.restore](going_back, desired, rules, live)


def _restore(back: GoingBack, desired: DesiredSubject, rules: Rules, live: Live) -> _Returned:
    change = back.registration
    restored = RestoreVersion(
        registry=change.registry,
        subject=change.subject,
        version=back.older.version,
        before=back.latest,
        after=change.after,
        reason=back.reason or f"the declared schema is that of version {back.older.version} again",
        location=change.location,
        differences=change.differences,
        verdict=change.verdict,
        fingerprint=change.fingerprint,
        waivers=change.waivers,
        restores_mode=change.restores_mode,
        owner=change.owner,
    )
    return restored, ()


def _delete_newer(back: GoingBack, desired: DesiredSubject, rules: Rules, live: Live) -> _Returned:
    change, older = back.registration, back.older
    if rules.deletion is Deletion.FORBID or rules.deletion not in live.capabilities.deletion:
        way = f"let the versions after {older.version} be deleted with `deletion: soft` in the environment"
        return change, (older_version(change.registry, desired, older, back.latest.version, way),)
    newer = tuple(v.version for v in back.history if v.version > older.version)
    checkpoint = live.state.subjects[change.subject].checkpoint
    if checkpoint in newer:
        way = f"let the checkpoint be version {older.version} or an earlier one, as that of now cannot be deleted"
        return change, (older_version(change.registry, desired, older, back.latest.version, way),)
    deleted = DeleteVersions(
        registry=change.registry,
        subject=change.subject,
        versions=newer,
        before=back.latest,
        after=older,
        reason=back.reason
        or f"the declared schema is that of version {older.version}, which this registry cannot register anew",
        location=change.location,
        differences=change.differences,
        verdict=change.verdict,
        fingerprint=change.fingerprint,
        is_permanent=rules.deletion is Deletion.HARD,
        dependants=find_dependants(change.subject, live, newer),
    )
    return deleted, ()


def _cannot(back: GoingBack, desired: DesiredSubject, rules: Rules, live: Live) -> _Returned:
    way = "let the whole subject be deleted in the registry, which has no deletion of single versions"
    finding = older_version(back.registration.registry, desired, back.older, back.latest.version, way)
    return back.registration, (finding,)


_WAYS: Mapping[RestoreWay, Callable[[GoingBack, DesiredSubject, Rules, Live], _Returned]] = {
    RestoreWay.NEW_VERSION: _restore,
    RestoreWay.DELETE_NEWER: _delete_newer,
    RestoreWay.NONE: _cannot,
}
