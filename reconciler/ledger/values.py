"""The ledger as values: where it is, what it says, who holds it, and what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from reconciler.applied import NOTHING_APPLIED, AppliedRegistry, IntendedChange
from reconciler.model import SettingValue


class RecordKind(StrEnum):
    """What a commit of the ledger is.

    BEGIN is the first one. INTENT, LEASE and TAKEOVER are of a run that is under way: it is about to write, is still
    there, or took the place of one that is not. RECORD ends a run. UNLOCK ended one by hand; RELEASE let subjects go.
    """

    BEGIN = "begin"
    INTENT = "intent"
    LEASE = "lease"
    TAKEOVER = "takeover"
    RECORD = "record"
    UNLOCK = "unlock"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class LedgerPlace:
    """Where the ledger of an environment is: a ref of a Git repository, and the remote that decides who was first.

    ``remote`` None: this clone decides. ``lease`` is how long a run may be silent.
    """

    folder: Path
    environment: str
    ref: str
    remote: str | None = None
    lease: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may write, and until when. ``machine`` tells hosts of one name apart, and containers of one host."""

    host: str
    process: int
    machine: str
    begun: datetime
    expires: datetime
    run_url: str | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """What a run was about to change and has not ended yet.

    ``lease`` None: nobody is at work any more, and the changes are those of which it is not known whether they were
    made.
    """

    source: str
    digest: str
    who: str
    changes: tuple[IntendedChange, ...]
    lease: Lease | None = None


@dataclass(frozen=True)
class Ledger:
    """What was last applied in one environment.

    ``place`` None: there is no Git repository. ``tip`` is the newest commit of the ledger, None before the first one.
    ``stale_because`` says why the remote could not be asked: then this is what the clone knows.
    """

    place: LedgerPlace | None
    tip: str | None = None
    registries: Mapping[str, AppliedRegistry] = field(default_factory=dict)
    unfinished: Intent | None = None
    stale_because: str | None = None

    @property
    def is_stale(self) -> bool:
        """Whether the remote could not be asked."""
        return self.stale_because is not None

    def applied(self, registry: str) -> AppliedRegistry:
        """What was last applied to a registry."""
        return self.registries.get(registry, NOTHING_APPLIED)

    def of_registry(self, registry: str) -> tuple[AppliedRegistry, list[IntendedChange]]:
        """What was last applied to a registry, and the changes of an apply to it that did not end."""
        changes = self.unfinished.changes if self.unfinished else ()
        return self.applied(registry), [change for change in changes if change.registry == registry]


INHERITED = "inherited"
"""The mode of a subject that has none of its own, in records."""


@dataclass(frozen=True, slots=True)
class ChangeOutcome:
    """What became of one change, or of a subject without a write (``outcome`` is then ``noted``).

    ``kind`` is the change's, or what was noted: ``adopt``, ``orphan``, ``forget``. ``before`` is the version, ``mode``
    what was set, and ``mode_before`` what it took the place of. ``settings`` are those that were set, None for one that
    was taken away. ``message`` says why it failed.
    """

    kind: str
    registry: str
    subject: str | None
    outcome: str
    version: int | None = None
    before: int | None = None
    mode: str | None = None
    owner: str | None = None
    message: str | None = None
    file: str | None = None
    mode_before: str | None = None
    settings: Mapping[str, SettingValue | None] | None = None


@dataclass(frozen=True, slots=True)
class RecordedApproval:
    """One person's approval that an apply rested on: of which pull request, for which rule or waiver.

    ``commit`` is the one that was approved, ``at`` when, in ISO 8601; None where the forge does not tell.
    """

    pull_request: int
    by: str
    rule: str
    commit: str | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One commit of the ledger, read back: ``headline`` is its first line, ``source`` the commit that was applied."""

    commit: str
    kind: RecordKind
    environment: str
    who: str
    when: datetime
    headline: str
    source: str | None = None
    digest: str | None = None
    run_url: str | None = None
    outcomes: tuple[ChangeOutcome, ...] = ()
    approvals: tuple[RecordedApproval, ...] = ()


def present_time() -> datetime:
    """The present second, in UTC."""
    return datetime.now(UTC).replace(microsecond=0)
