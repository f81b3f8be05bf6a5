"""What was last applied, as values: the ledger's side of a three-way comparison.

The ledger keeps them in Git; the planner compares them with what is desired and what is live. Nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model import Location, Mode, Reference


@dataclass(frozen=True, slots=True)
class AppliedSubject:
    """What was last successfully applied to one subject of one registry.

    ``commit`` is the commit of the desired state that it came from, ``location`` the file that declared it.
    ``fingerprint`` is of the schema's content in the registry's dialect, ``references`` have the versions that the
    registry resolved them to, ``version`` is its number there; all three are None or empty where only the mode is ours.
    ``mode`` is the mode that we set, None where we set none. ``is_orphan``: Git dropped the subject and it was not
    deleted.
    """

    commit: str
    location: Location
    fingerprint: str | None = None
    version: int | None = None
    references: tuple[Reference, ...] = ()
    mode: Mode | None = None
    owner: str | None = None
    is_orphan: bool = False


@dataclass(frozen=True, slots=True)
class AppliedRegistry:
    """What was last applied to one registry: subjects by their live name, and its own level if we set one."""

    subjects: Mapping[str, AppliedSubject] = field(default_factory=dict)
    default_mode: Mode | None = None


NOTHING_APPLIED = AppliedRegistry()
"""The ledger's side at the first contact with a registry."""


@dataclass(frozen=True, slots=True)
class Note:
    """What the ledger is to say of a subject without any write: it was found as desired, orphaned, or let go.

    ``entry`` None forgets the subject.
    """

    registry: str
    subject: str
    entry: AppliedSubject | None
