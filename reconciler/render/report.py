"""What every report of a plan, an apply or a check shows, in words: one value, of which each format is a view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum, StrEnum
from typing import TypeVar

from reconciler.model import Difference, DifferenceKind, Finding, Location, Outcome


class State(StrEnum):
    """How a run came out, which a report says before anything else."""

    PASSED = "passed"
    PENDING = "pending"
    BLOCKED = "blocked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict in words; ``is_waived`` where a waiver lets the break through."""

    outcome: Outcome
    text: str
    is_waived: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A change of a plan, or a subject that a check looked at.

    ``subject`` None is the registry's own level. In ``remarks`` names stand in backticks. ``status`` is what became of
    it, ``problem`` and ``fix`` why it failed and what to do; all three only where something was applied. ``change`` is
    the kind of a change, such as ``restore_version``; None for a subject of a check.
    """

    registry: str | None
    subject: str | None
    kind: DifferenceKind
    what: str
    location: Location
    reason: str = ""
    remarks: tuple[str, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    differences: tuple[Difference, ...] = ()
    status: str | None = None
    problem: str | None = None
    fix: str | None = None
    change: str | None = None

    @property
    def name(self) -> str:
        """What is changed, without the registry that it is in."""
        return "the registry itself" if self.subject is None else self.subject

    @property
    def is_failed(self) -> bool:
        """Whether it was to be applied and was not."""
        return self.status not in (None, "applied")


@dataclass(frozen=True, slots=True)
class Group:
    """The entries of one registry of some kind; of a check, which knows no registries, those of its environment."""

    name: str
    kind: str
    note: str
    entries: tuple[Entry, ...]
    unmanaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a run came to.

    ``title`` says what it is of, ``verdict`` how it came out, ``summary`` what is in it; ``alarms`` are sentences that
    nobody may miss. ``findings`` have the worst first; ``known`` were there before the change and do not count.
    ``facts`` are names and values that identify it.
    """

    command: str
    title: str
    state: State
    verdict: str
    summary: str
    groups: tuple[Group, ...] = ()
    findings: tuple[Finding, ...] = ()
    known: tuple[Finding, ...] = ()
    alarms: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of all groups."""
        return tuple(entry for group in self.groups for entry in group.entries)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that block."""
        return tuple(finding for finding in self.findings if finding.blocks)


_Value = TypeVar("_Value")


def with_texts(value: _Value, change: Callable[[str], str]) -> _Value:
    """The same value with another text in place of each in it: so that no secret goes into any report."""
    return _with_texts(value, change)  # type: ignore[return-value]


def with_folder(report: Report, folder: str) -> Report:
    """The same report with its files named from the root of the work tree, of which ``folder`` is the part."""
    if not folder:
        return report

    def moved(finding: Finding) -> Finding:
        return replace(finding, location=finding.location and _moved(finding.location, folder))

    groups = [
        replace(group, entries=tuple(replace(e, location=_moved(e.location, folder)) for e in group.entries))
        for group in report.groups
    ]
    return replace(
        report,
        groups=tuple(groups),
        findings=tuple(map(moved, report.findings)),
        known=tuple(map(moved, report.known)),
    )


def _with_texts(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_with_texts(part, change) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{field.name: _with_texts(getattr(value, field.name), change) for field in fields(value)}
        )
    return value


def _moved(location: Location, folder: str) -> Location:
    return location if location.file.startswith("/") else replace(location, file=f"{folder}/{location.file}")
