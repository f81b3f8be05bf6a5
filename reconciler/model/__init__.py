"""The words of the domain as values: subjects, schemas, modes, findings, changes, plans.

Nothing here does I/O and nothing here imports another module of ours. Every class is a frozen dataclass or an enum, so
that a plan can be compared, hashed into a digest and shown by any renderer.
"""

from __future__ import annotations

from reconciler.model.changes import (
    Change,
    DeleteSubject,
    DeleteVersions,
    RegisterSchema,
    Registration,
    ResetCompatibility,
    RestoreVersion,
    SetCompatibility,
    SetDefaultCompatibility,
)
from reconciler.model.findings import (
    REGISTRY_UNREADABLE,
    Difference,
    DifferenceKind,
    Finding,
    Location,
    Outcome,
    Verdict,
)
from reconciler.model.plans import Note, Observation, Plan, ReadItem, Summary
from reconciler.model.subjects import (
    NO_METADATA,
    AppliedSubject,
    DesiredSubject,
    LiveState,
    LiveSubject,
    LiveVersion,
    Metadata,
    Reference,
    Schema,
    TemporaryMode,
    Waiver,
)
from reconciler.model.words import Deletion, Dialect, Direction, Format, Mode, OnDrift, Severity, Source

__all__ = [
    "NO_METADATA",
    "REGISTRY_UNREADABLE",
    "AppliedSubject",
    "Change",
    "DeleteSubject",
    "DeleteVersions",
    "Deletion",
    "DesiredSubject",
    "Dialect",
    "Difference",
    "DifferenceKind",
    "Direction",
    "Finding",
    "Format",
    "LiveState",
    "LiveSubject",
    "LiveVersion",
    "Location",
    "Metadata",
    "Mode",
    "Note",
    "Observation",
    "OnDrift",
    "Outcome",
    "Plan",
    "ReadItem",
    "Reference",
    "RegisterSchema",
    "Registration",
    "ResetCompatibility",
    "RestoreVersion",
    "Schema",
    "SetCompatibility",
    "SetDefaultCompatibility",
    "Severity",
    "Source",
    "Summary",
    "TemporaryMode",
    "Verdict",
    "Waiver",
]
