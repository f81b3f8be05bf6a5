"""What was found: places, findings, differences, verdicts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter

from reconciler.model.words import Direction, Mode, Severity, Source


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file of the repository.

    ``file`` is relative to the repository's root with ``/``; ``line`` and ``column`` count from 1, 0 where unknown.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        numbers = (str(n) for n in (self.line, self.column) if n)
        return ":".join((self.file, *numbers))


@dataclass(frozen=True, slots=True)
class Finding:
    """Anything wrong or worth saying, from whichever source, in the one shape that every report shows.

    ``code`` is stable and upper-case; ``path`` points into the schema; ``message`` is one sentence of what is so;
    ``fix`` says what to do. ``direction`` and ``against`` (a version number) belong to compatibility.
    """

    code: str
    severity: Severity
    source: Source
    message: str
    registry: str | None = None
    subject: str | None = None
    path: str | None = None
    location: Location | None = None
    fix: str | None = None
    direction: Direction | None = None
    against: int | None = None

    def __reduce__(self) -> tuple[type[Finding], tuple[object, ...]]:
        # Hundreds may belong to one verdict that comes from another process; the way of dataclasses takes three times
        # as long.
        return Finding, _PARTS(self)

    @property
    def blocks(self) -> bool:
        """Whether nothing may be applied while this stands."""
        return self.severity is Severity.ERROR


_PARTS: Callable[[Finding], tuple[object, ...]] = attrgetter(*(part.name for part in fields(Finding)))


REGISTRY_UNREADABLE = "REGISTRY_UNREADABLE"
"""The code of the finding that stands for the part of a plan which could not be made."""


class DifferenceKind(StrEnum):
    """How one element of a schema differs between two versions of it."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One structural difference: the element at ``path`` was added, removed, or is described otherwise than before."""

    kind: DifferenceKind
    path: str
    before: str | None = None
    after: str | None = None


class Outcome(StrEnum):
    """What a compatibility check came to. NOT_JUDGED: our engine has no say; the registry's own server decides."""

    COMPATIBLE = "compatible"
    INCOMPATIBLE = "incompatible"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of a compatibility check.

    ``mode`` is the mode that was judged by and ``basis`` says in words where that mode comes from; ``versions`` are the
    version numbers that it was judged against (oldest first), ``findings`` every difference found, compatible ones as
    INFO. ``judge`` names who decided.
    """

    outcome: Outcome
    mode: Mode
    versions: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()
    judge: str = "schemafed"
    basis: str = ""
