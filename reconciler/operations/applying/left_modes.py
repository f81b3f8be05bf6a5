"""Whether the mode NONE that an intended break had for a while came back after it was taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconciler.applier import Applied, Result, Status
from reconciler.errors import RegistryError
from reconciler.model import Mode, RegisterSchema, RestoreVersion
from reconciler.registry import SchemaRegistry


def check_left_modes(applied: Applied, registries: Mapping[str, SchemaRegistry]) -> Applied:
    """Look once more at the modes of the subjects that were broken on purpose.

    A request whose answer was lost may reach the registry after everything that followed it: then the subject has the
    mode NONE again. Its change counts as failed, and the next run takes the mode back.
    """
    left = {name: _read_loose(registry, applied, name) for name, registry in registries.items()}
    return replace(applied, results=tuple(_mark(r) if _is_left(r, left) else r for r in applied.results))


def _read_loose(registry: SchemaRegistry, applied: Applied, name: str) -> frozenset[str]:
    broken = [change for r in applied.results if (change := _find_break(r)) and change.registry == name]
    names = [change.subject for change in broken]
    if not names:
        return frozenset()
    try:
        subjects = registry.read_state(names, modes_of=names).subjects
    except RegistryError:
        # Every step was answered; that the registry is gone now says nothing about them.
        return frozenset()
    return frozenset(n for n, subject in subjects.items() if subject.mode is Mode.NONE)


def _find_break(result: Result) -> RegisterSchema | RestoreVersion | None:
    change = result.change
    if result.status is not Status.APPLIED or not isinstance(change, RegisterSchema | RestoreVersion):
        return None
    return change if change.waivers and change.restores_mode is not Mode.NONE else None


def _is_left(result: Result, left: Mapping[str, frozenset[str]]) -> bool:
    change = _find_break(result)
    return change is not None and change.subject in left[change.registry]


def _mark(result: Result) -> Result:
    return replace(
        result,
        status=Status.FAILED,
        message="THE SUBJECT IS UNPROTECTED: its mode is NONE again after it was taken back; a request whose answer was"
        f" lost came late, or somebody else set it; version {result.version} was registered",
        fix="run apply again: it restores the mode first, whatever else it does",
        is_mode_left=True,
    )
