"""What was touched, what was reviewed, and what the two come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.forge.values import Review
from reconciler.ledger.values import RecordedApproval as Approval
from reconciler.model import Finding, Location, Severity

__all__ = ["Approval", "Judged", "Kind", "Levels", "Missing", "Reviewed", "Touched"]


class Kind(StrEnum):
    """What a change does, as rules name it. RULES: it touches that by which changes are judged."""

    NEW_SUBJECT = "new_subject"
    CHANGED_SCHEMA = "changed_schema"
    BREAKING = "breaking"
    DELETION = "deletion"
    MODE_CHANGED = "mode_changed"
    MODE_LOOSENED = "mode_loosened"
    SETTING_CHANGED = "setting_changed"
    WAIVER = "waiver"
    RULES = "rules"


@dataclass(frozen=True, slots=True)
class Touched:
    """A subject that changes, in which ways, and its file; ``subject`` None stands for settings."""

    subject: str | None
    kinds: frozenset[Kind]
    location: Location


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A pull request as it was reviewed: ``head`` is its newest commit.

    ``members`` are those of the teams that were asked for, None where they cannot be read; ``reviews`` oldest first.
    """

    number: int
    author: str
    head: str
    reviews: tuple[Review, ...] = ()
    members: Mapping[str, frozenset[str] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Missing:
    """Who could give what a rule still lacks: names without ``@``."""

    rule: str
    people: tuple[str, ...]
    teams: tuple[str, ...]
    lacking: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What rules and reviews come to."""

    findings: tuple[Finding, ...] = ()
    approvals: tuple[Approval, ...] = ()
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class Levels:
    """How heavy it is that an approval is missing, and that nobody can tell."""

    missing: Severity
    unconfirmed: Severity


AT_CHECK = Levels(Severity.ERROR, Severity.WARNING)
AT_PLAN = Levels(Severity.WARNING, Severity.WARNING)
AT_APPLY = Levels(Severity.ERROR, Severity.ERROR)
