"""What became of changes, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model import Change, Reference


class Status(StrEnum):
    """What became of a change."""

    APPLIED = "applied"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Result:
    """One change and what became of it, or why it failed and what to do.

    ``version`` is the number of the version that the registry now holds the schema under, and ``references`` those of
    the schema with the versions that they were resolved to. ``is_mode_left``: the mode NONE that a waived break had for
    a while was not taken back, so the subject is unprotected until the next run restores ``change.restores_mode``.
    ``fingerprint`` is of what the registry stored, where its normal form of the schema is not what was sent.
    """

    change: Change
    status: Status
    version: int | None = None
    message: str | None = None
    fix: str | None = None
    references: tuple[Reference, ...] = ()
    is_mode_left: bool = False
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """The results in the plan's order, and whether the run was interrupted.

    ``stopped`` says why nothing more was started: what ``before_write`` gave as its reason.
    """

    results: tuple[Result, ...]
    is_interrupted: bool = False
    stopped: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every change was applied."""
        return all(r.status is Status.APPLIED for r in self.results)
