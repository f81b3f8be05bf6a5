"""Which change must be applied before which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reconciler.model import (
    Change,
    DeleteSubject,
    DeleteVersions,
    Reference,
    RegisterSchema,
    RestoreVersion,
)

_Key = tuple[str, str]
"""A registry and a subject."""


def find_predecessors(changes: Sequence[Change]) -> list[frozenset[int]]:
    """For each change, the indexes of the changes that must be applied before it.

    These are the earlier changes of the same subject; for a schema, those that give what it refers to its version; for
    a deletion, those after which something no longer refers to what is deleted; and around a change of a registry's own
    level everything of that registry.
    """
    seen = _Seen()
    return [frozenset(seen.add(index, change)) for index, change in enumerate(changes)]


@dataclass
class _Seen:
    """The changes so far, by what later ones may have to wait for."""

    latest: dict[_Key, int] = field(default_factory=dict)
    registered: dict[_Key, int] = field(default_factory=dict)
    letting_go: dict[_Key, list[int]] = field(default_factory=dict)
    level: dict[str, int] = field(default_factory=dict)
    of_registry: dict[str, list[int]] = field(default_factory=dict)

    def add(self, index: int, change: Change) -> set[int]:
        needed = {self.level[change.registry]} if change.registry in self.level else set()
        if change.subject is None:
            needed.update(self.of_registry.get(change.registry, ()))
            self.level[change.registry] = index
        else:
            key = (change.registry, change.subject)
            needed.update({self.latest[key]} if key in self.latest else ())
            needed.update(self._find_related(change, key))
            self.latest[key] = index
            self._remember(index, change, key)
        self.of_registry.setdefault(change.registry, []).append(index)
        return needed

    def _find_related(self, change: Change, key: _Key) -> Iterable[int]:
        match change:
            case RegisterSchema() | RestoreVersion():
                used = _targets(change.registry, change.after.references)
                return [self.registered[u] for u in used if u in self.registered and u != key]
            case DeleteVersions() | DeleteSubject():
                # What is deleted has older versions too, whose references no change shows.
                dependants = ((change.registry, name) for name in change.dependants)
                before = [self.latest[d] for d in dependants if d in self.latest]
                return [*self.letting_go.get(key, ()), *before]
        return ()

    def _remember(self, index: int, change: Change, key: _Key) -> None:
        if isinstance(change, RegisterSchema | RestoreVersion | DeleteVersions):
            self.registered[key] = index
        if isinstance(change, RegisterSchema | RestoreVersion | DeleteVersions | DeleteSubject) and change.before:
            for target in _targets(change.registry, change.before.schema.references):
                if target != key:
                    self.letting_go.setdefault(target, []).append(index)


def _targets(registry: str, references: Sequence[Reference]) -> list[_Key]:
    return [(registry, reference.subject) for reference in references]
