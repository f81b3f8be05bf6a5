"""What `manage: false` promises: a subject that is owned elsewhere is not written, and Git's copy of it is checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from reconciler.errors import SchemaError
from reconciler.model import DesiredSubject, Finding, Reference, Schema
from reconciler.planner.findings import differs_elsewhere
from reconciler.planner.sides import Desired, Live
from reconciler.planner.subjects import is_same_schema
from reconciler.schemas.resolved import SchemaSet


def check_elsewhere(desired: Desired, live: Live, theirs: SchemaSet, changed: Iterable[str]) -> tuple[Finding, ...]:
    """Say of which subjects that are managed elsewhere the registry has another schema than Git.

    What refers to one is judged with Git's copy and registered with the live version: so it blocks where the schema of
    something that refers to it, near or far, is changed; not where that only follows the owner's new version. One that
    is absent is told of by whoever refers to it.

    Args:
        theirs: parses the registry's schemas.
        changed: the subjects whose text the plan changes.
    """
    elsewhere = [subject for subject in desired.subjects.values() if not subject.manage]
    told = ((subject, _tell_apart(subject, desired, live, theirs)) for subject in elsewhere)
    differing = {subject.name: why for subject, why in told if why}
    if not differing:
        return ()
    users = _find_users(desired.subjects.values(), differing, frozenset(changed))
    return tuple(
        differs_elsewhere(desired.registry, desired.subjects[name], why, users[name]) for name, why in differing.items()
    )


def _tell_apart(subject: DesiredSubject, desired: Desired, live: Live, theirs: SchemaSet) -> str | None:
    """What tells the live schema apart from Git's copy, as a part of a sentence; None where both are the same."""
    found = live.state.subjects.get(subject.name)
    if found and found.problem:
        return f"the registry's answer for it cannot be used: {found.problem}"
    if found is None or found.latest is None:
        return None
    held, version = found.latest.schema, found.latest.version
    references = _with_held_versions(subject.schema, held)
    try:
        if is_same_schema(subject.schema, references, desired.schemas, held, theirs, live.capabilities):
            return None
    except SchemaError as error:
        return f"version {version} of the registry cannot be read: {error.message}"
    return f"version {version} of the registry is another schema than Git's copy"


def _with_held_versions(ours: Schema, held: Schema) -> tuple[Reference, ...]:
    """Our references; those that follow the repository with the versions of the live schema: its owner chose them."""
    versions = {(r.name, r.subject): r.version for r in held.references}
    return tuple(
        r if r.version is not None else replace(r, version=versions.get((r.name, r.subject))) for r in ours.references
    )


def _find_users(
    subjects: Iterable[DesiredSubject], differing: Collection[str], changed: Collection[str]
) -> dict[str, list[str]]:
    """By name, the changed subjects that refer to it, near or far; what is pinned does not follow Git's copy."""
    dependants: dict[str, list[str]] = {}
    for subject in subjects:
        for reference in subject.schema.references:
            if reference.version is None:
                dependants.setdefault(reference.subject, []).append(subject.name)
    return {name: sorted(_reach(name, dependants).intersection(changed)) for name in differing}


def _reach(start: str, dependants: dict[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for name in dependants.get(waiting.pop(), ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found
