"""What a check of a change came to: each subject that differs, how it was judged, and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model import Finding, Location, Outcome, Verdict
from reconciler.operations.checking.base import Base
from reconciler.operations.checking.differences import NO_CHANGES, Changes
from reconciler.operations.checking.live_verdicts import LiveVerdict
from reconciler.operations.validate import make_finding_document

FORMAT_VERSION = 1
"""Counts up when a reader of an older document would misunderstand a newer one."""


class Kind(StrEnum):
    """What a change does to a subject."""

    ADDED = "added"
    CHANGED = "changed"
    RENAMED = "renamed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class CheckedSubject:
    """A subject that differs from the base: how, in what, and how it was judged.

    ``before`` is what a renamed one was called, ``changes`` tell in what a changed one differs. ``live`` is what
    registries say, where they were asked.
    """

    name: str
    kind: Kind
    location: Location
    verdicts: tuple[Verdict, ...] = ()
    before: str | None = None
    changes: Changes = NO_CHANGES
    live: tuple[LiveVerdict, ...] = ()

    @property
    def is_breaking(self) -> bool:
        """Whether Git's versions, or those of a registry, speak against it."""
        verdicts = (*self.verdicts, *(each.verdict for each in self.live))
        return any(verdict.outcome is Outcome.INCOMPATIBLE for verdict in verdicts)


@dataclass(frozen=True)
class Checked:
    """What a check came to: ``findings`` are those that the change brings, ``known`` those that were there before.

    ``commits`` are, by subject, those that the numbers of versions stand for. ``is_complete`` is false where a registry
    was to be asked and could not be read.
    """

    base: Base
    environment: str
    total: int
    subjects: tuple[CheckedSubject, ...]
    findings: tuple[Finding, ...]
    known: tuple[Finding, ...] = ()
    commits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_complete: bool = True

    @property
    def is_passed(self) -> bool:
        """Whether the change brings nothing that blocks."""
        return not any(finding.blocks for finding in self.findings)

    def document(self) -> dict[str, object]:
        """The answer as a JSON document."""
        return {
            "version": FORMAT_VERSION,
            "passed": self.is_passed,
            "environment": self.environment,
            "base": {"name": self.base.name, "commit": self.base.commit},
            "subjects": [
                {
                    "name": s.name,
                    "kind": s.kind,
                    "file": s.location.file,
                    "before": s.before,
                    "differences": [
                        {"kind": d.kind, "path": d.path, "before": d.before, "after": d.after}
                        for d in s.changes.differences
                    ],
                    "modes": list(s.changes.modes) if s.changes.modes else None,
                    "verdicts": [_tell_verdict(verdict) for verdict in s.verdicts],
                    "history": list(self.commits.get(s.name, ())),
                    "live": [{"registry": each.registry, **_tell_verdict(each.verdict)} for each in s.live],
                }
                for s in self.subjects
            ],
            "findings": [make_finding_document(f) for f in self.findings],
            "known": [make_finding_document(f) for f in self.known],
        }


def _tell_verdict(verdict: Verdict) -> dict[str, object]:
    return {
        "outcome": verdict.outcome,
        "mode": verdict.mode,
        "basis": verdict.basis,
        "versions": list(verdict.versions),
    }
