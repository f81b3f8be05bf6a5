"""The modes NONE that intended breaks have left behind, or that came late: they are taken back before anything else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reconciler.applied import AppliedRegistry
from reconciler.model import Location, Mode, ResetCompatibility, SetCompatibility
from reconciler.planner.sides import Desired, Live

Restoration = SetCompatibility | ResetCompatibility
_CUT_OFF = "an apply that was cut off had set NONE for a while, to let an intended break through"
_CAME_LATE = (
    "NONE was set for a while, to let an intended break through, and it is there again: a request whose answer was lost"
    " came late, or somebody else set it"
)


def make_restorations(desired: Desired, live: Live, applied: AppliedRegistry) -> tuple[Restoration, ...]:
    """Plan the end of temporary modes, for every subject whose mode still is NONE and is not declared to be."""
    return tuple(
        _make_restoration(desired, applied, name, mode)
        for name, mode in sorted(applied.loosened.items())
        if _is_left(name, desired, live) and mode is not Mode.NONE
    )


def with_restored_modes(live: Live, restorations: Iterable[Restoration]) -> Live:
    """What is live once restorations are made."""
    subjects = live.state.subjects
    restored = {
        r.subject: replace(subjects[r.subject], mode=r.after if isinstance(r, SetCompatibility) else None)
        for r in restorations
    }
    return live.with_subjects(restored) if restored else live


def _is_left(name: str, desired: Desired, live: Live) -> bool:
    found, wanted = live.state.subjects.get(name), desired.subjects.get(name)
    is_meant = wanted is not None and wanted.mode is Mode.NONE
    return found is not None and found.mode is Mode.NONE and not is_meant


def _make_restoration(desired: Desired, applied: AppliedRegistry, name: str, mode: Mode | None) -> Restoration:
    wanted, entry = desired.subjects.get(name), applied.subjects.get(name)
    declared = wanted or entry
    location = declared.location if declared else Location("schemafed.yaml")
    reason = _CUT_OFF if name in applied.temporary_modes else _CAME_LATE
    if mode is None:
        return ResetCompatibility(desired.registry, name, Mode.NONE, reason, location)
    owner = declared.owner if declared else None
    return SetCompatibility(desired.registry, name, Mode.NONE, mode, reason, location, owner)
