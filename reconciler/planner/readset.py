"""What a plan rests on, as comparable values; apply makes them anew and compares."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass

from reconciler.model import (
    AppliedSubject,
    Change,
    DeleteSubject,
    DeleteVersions,
    LiveSubject,
    LiveVersion,
    ReadItem,
    ResetCompatibility,
    Schema,
    SetSettings,
)
from reconciler.planner.comparison import Comparison
from reconciler.planner.sides import Live
from reconciler.registry import Dependant
from reconciler.schemas import fingerprint


def make_read_item(
    registry: str,
    subject: str,
    live: Live,
    *,
    with_mode: bool,
    with_history: bool,
    with_dependants: bool = False,
    applied: str | None = None,
    with_settings: bool = False,
) -> ReadItem:
    """Describe one subject as it was read, absent ones too.

    Args:
        with_mode: whether the plan rests on its mode, which else need not have been read; see :class:`Moded`.
        applied: what :func:`make_applied_fingerprint` makes of its entry, where the plan rests on that.
    """
    found: LiveSubject | None = live.state.subjects.get(subject)
    latest = found.latest if found else None
    return ReadItem(
        registry=registry,
        subject=subject,
        version=latest.version if latest else None,
        fingerprint=_text_fingerprint(latest.schema) if latest else None,
        mode=(found.mode or found.inherited) if found and with_mode else None,
        history=_history_fingerprint(live.histories.get(subject, ())) if with_history else None,
        dependants=_name_dependants(live.dependants.get(subject, ())) if with_dependants else None,
        applied=applied,
        settings=dict(found.settings) if found and found.settings is not None and with_settings else None,
    )


def make_default_item(registry: str, live: Live) -> ReadItem:
    """Describe the registry's own level, and its settings where it has any, as they were read."""
    settings = live.state.settings
    own = dict(settings) if settings is not None else None
    return ReadItem(registry=registry, subject=None, mode=live.state.default_mode, settings=own)


def make_applied_fingerprint(entry: AppliedSubject | None) -> str:
    """Reduce what the ledger says of a subject to what a plan rests on: not the commit, the file or the owner."""
    if entry is None:
        return ""
    references = sorted([r.name, r.subject, str(r.version)] for r in entry.references)
    said = (entry.version, entry.fingerprint, references, entry.mode, entry.metadata, entry.is_orphan)
    return fingerprint(json.dumps((*said, dict(entry.settings), entry.rules), sort_keys=True))


_MODELESS = DeleteSubject | SetSettings


@dataclass(frozen=True)
class Moded:
    """The subjects on whose mode changes rest: all that change and are there, but for those that go, or of which a
    setting changes, whatever their mode; and those of which a mode is taken away, though they may be gone.
    """

    changed: frozenset[str]
    reset: frozenset[str]

    def has(self, subject: str, version: int | None) -> bool:
        """Whether a subject, with the latest version that the plan knows of it, is one of them."""
        return subject in self.reset or (version is not None and subject in self.changed)


def find_moded(changes: Sequence[Change]) -> Moded:
    """Find the subjects on whose mode the changes of one registry rest."""
    changed = (c.subject for c in changes if c.subject is not None and not isinstance(c, _MODELESS))
    return Moded(frozenset(changed), frozenset(c.subject for c in changes if isinstance(c, ResetCompatibility)))


def make_read_set(comparison: Comparison, live: Live, changes: Sequence[Change]) -> tuple[ReadItem, ...]:
    """Everything that the changes of one registry rest on: its level, the subjects that they touch, with the history
    that was judged or goes, who refers to what goes, what the ledger says of them, and what these refer to.
    """
    if not changes:
        return ()
    registry = comparison.desired.registry
    references = {s.desired.name: s.references for s in comparison.subjects}
    touched = dict.fromkeys(c.subject for c in changes if c.subject is not None)
    names = touched | dict.fromkeys(r.subject for name in touched for r in references.get(name, ()))
    judged = comparison.needed_histories | _find_pinned(comparison, live, touched)
    moded, subjects = find_moded(changes), live.state.subjects
    deleted = frozenset(c.subject for c in changes if isinstance(c, DeleteSubject | DeleteVersions))
    entries = comparison.applied.subjects
    items = (
        make_read_item(
            registry,
            name,
            live,
            with_mode=moded.has(name, _find_version(subjects.get(name))),
            with_history=name in judged,
            with_dependants=name in deleted,
            applied=make_applied_fingerprint(entries.get(name)) if name in touched else None,
            with_settings=name in touched,
        )
        for name in names
    )
    return (make_default_item(registry, live), *items)


def _find_version(found: LiveSubject | None) -> int | None:
    return found.latest.version if found and found.latest else None


def _find_pinned(comparison: Comparison, live: Live, touched: Collection[str]) -> frozenset[str]:
    """What schemas that change are pinned to, where that is not the latest version: its history was read for that."""
    pins = (r for s in comparison.subjects if s.desired.name in touched for r in s.desired.schema.references)
    return frozenset(r.subject for r in pins if r.version is not None and r.subject in live.histories)


def _text_fingerprint(schema: Schema) -> str:
    # The raw text, not its canonical form: a live text does not change by itself, and one that cannot be parsed must
    # be comparable too.
    rest = json.dumps(
        {
            "references": sorted(_reference_rows(schema)),
            "metadata": asdict(schema.metadata) if schema.metadata else None,
            "rules": asdict(schema.rules) if schema.rules else None,
        },
        sort_keys=True,
    )
    return fingerprint(schema.format, schema.definition, rest)


def _name_dependants(dependants: Iterable[Dependant]) -> tuple[str, ...]:
    return tuple(sorted(f"{d.subject} version {d.version}, of version {d.uses}" for d in dependants))


def _reference_rows(schema: Schema) -> list[list[str]]:
    return [[r.name, r.subject, str(r.version)] for r in schema.references]


def _history_fingerprint(history: Sequence[LiveVersion]) -> str:
    return fingerprint(*(f"{v.version} {_text_fingerprint(v.schema)}" for v in history))
