"""What is deleted must be let go first: by what goes too, before it; nothing that stays or comes may refer to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reconciler.model import (
    Change,
    DeleteSubject,
    DeleteVersions,
    Deletion,
    Finding,
    RegisterSchema,
    RestoreVersion,
)
from reconciler.planner.findings import referenced
from reconciler.planner.order import sort_by_references
from reconciler.planner.sides import Live

Deleting = DeleteSubject | DeleteVersions


def find_dependants(subject: str, live: Live, versions: Iterable[int] | None = None) -> tuple[str, ...]:
    """The other subjects of which a version refers to some versions of a subject, None for any; sorted."""
    wanted = None if versions is None else set(versions)
    users = live.dependants.get(subject, ())
    return tuple(sorted({d.subject for d in users if wanted is None or d.uses in wanted} - {subject}))


def sort_deletions(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Put deletions behind everything else, dependants first, each among the other changes of its subject."""
    deletions = {c.subject: c for c in changes if isinstance(c, Deleting)}
    references: dict[str, list[str]] = {name: [] for name in deletions}
    for name, deletion in deletions.items():
        for dependant in deletion.dependants:
            if dependant in references:
                references[dependant].append(name)
    groups: dict[str, list[Change]] = {name: [] for name in reversed(sort_by_references(deletions, references))}
    staying: list[Change] = []
    for change in changes:
        groups.get(change.subject or "", staying).append(change)
    return (*staying, *(change for group in groups.values() for change in group))


def check_released(changes: Sequence[Change], live: Live) -> Iterator[Finding]:
    """Report deletions that the registry would refuse, since something that stays, or comes, refers to what goes."""
    deletions = {c.subject: c for c in changes if isinstance(c, Deleting)}
    coming = [c for c in changes if isinstance(c, RegisterSchema | RestoreVersion)]
    for deletion in deletions.values():
        users = [
            f"{d.subject} version {d.version}"
            for d in live.dependants.get(deletion.subject, ())
            if _is_in(deletion, d.uses) and not _lets_go(deletions.get(d.subject), d.version, live)
        ]
        users += [
            f"the schema of {c.subject} that this plan registers"
            for c in coming
            for r in c.after.references
            if r.subject == deletion.subject and r.version is not None and _is_in(deletion, r.version)
        ]
        if users:
            yield referenced(deletion.registry, deletion.subject, deletion.location, users)


def _is_in(deletion: Deleting, version: int) -> bool:
    return isinstance(deletion, DeleteSubject) or version in deletion.versions


def _lets_go(deletion: Deleting | None, version: int, live: Live) -> bool:
    """Whether a version goes too, in a way after which it no longer counts."""
    if deletion is None or not _is_in(deletion, version):
        return False
    return (Deletion.HARD if deletion.is_permanent else Deletion.SOFT) in live.capabilities.releasing
