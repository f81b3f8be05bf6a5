"""What was last applied, as values: the ledger's side of a three-way comparison.

The ledger keeps them in Git; the planner compares them with what is desired and what is live. Nothing here does I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model import AppliedSubject, Mode, Note

__all__ = ["NOTHING_APPLIED", "AppliedRegistry", "AppliedSubject", "Note"]


@dataclass(frozen=True, slots=True)
class AppliedRegistry:
    """What was last applied to one registry: subjects by their live name, and its own level if we set one.

    ``temporary_modes`` are the subjects that an apply which was cut off had put into NONE for a while, with the mode
    that each shall have again (None: it inherits).
    """

    subjects: Mapping[str, AppliedSubject] = field(default_factory=dict)
    default_mode: Mode | None = None
    temporary_modes: Mapping[str, Mode | None] = field(default_factory=dict)


NOTHING_APPLIED = AppliedRegistry()
"""The ledger's side at the first contact with a registry."""
