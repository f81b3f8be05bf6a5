"""Whether everything that a plan rests on is still what it was: the registries, and what the ledger says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.errors import StalePlanError
from reconciler.ledger.values import Ledger
from reconciler.model import Finding, Plan, ReadItem, SettingValue, Severity, Source
from reconciler.operations.live_reading import read_dependants, read_histories, read_settings
from reconciler.operations.progress import Progress, silent
from reconciler.planner import Live
from reconciler.planner.readset import (
    Moded,
    find_moded,
    make_applied_fingerprint,
    make_default_item,
    make_read_item,
)
from reconciler.registry import SchemaRegistry


def raise_if_plan_is_stale(
    plan: Plan, registries: Mapping[str, SchemaRegistry], ledger: Ledger, on_progress: Progress = silent
) -> None:
    """Read again all that a plan rests on, and compare.

    Args:
        on_progress: told how much of it is read.

    Raises:
        StalePlanError: with a finding for everything that moved.
    """
    for name, registry in registries.items():
        moded = find_moded([change for change in plan.changes if change.registry == name])
        raise_if_stale([item for item in plan.read_set if item.registry == name], moded, registry, on_progress)
    # What the registries show says more than the ledger does, where both moved.
    _raise_if_applied_since(plan.read_set, ledger)


def raise_if_stale(
    read_set: Sequence[ReadItem], moded: Moded, registry: SchemaRegistry, on_progress: Progress = silent
) -> None:
    """Read one registry's part of a read set again and compare.

    Args:
        moded: the subjects on whose mode the plan rests.

    Raises:
        StalePlanError: with a finding for everything that moved.
    """
    names = [item.subject for item in read_set if item.subject is not None]
    modes = [item.subject for item in read_set if item.subject is not None and moded.has(item.subject, item.version)]
    state = registry.read_state(names, modes_of=modes)
    whole = frozenset(i.subject for i in read_set if i.subject and i.history)
    histories = read_histories(registry, whole, on_progress)
    used = frozenset(i.subject for i in read_set if i.subject and i.dependants is not None)
    dependants = read_dependants(registry, used, on_progress)
    live = Live(state, registry.capabilities, histories, dependants)
    live = read_settings(live, registry, {item.subject for item in read_set if item.settings is not None})
    moved = [(item, now) for item in read_set if (now := _read_again(item, live, moded)) != item]
    if moved:
        raise StalePlanError(
            f"registry {registry.name} is not what it was when the plan was made",
            [_moved_finding(item, now) for item, now in moved],
            fix="plan again and look at what it says now",
        )


def _raise_if_applied_since(read_set: Sequence[ReadItem], ledger: Ledger) -> None:
    """Stop where the ledger says something else of what changes than it said to the plan: a `release`, say.

    Raises:
        StalePlanError: with a finding for each such subject.
    """
    moved = [
        item
        for item in read_set
        if item.subject is not None
        and item.applied is not None
        and item.applied != make_applied_fingerprint(ledger.applied(item.registry).subjects.get(item.subject))
    ]
    if moved:
        message = "another run has recorded something else of it since the plan was made"
        raise StalePlanError(
            "the ledger is not what it was when the plan was made",
            [_stale(item, message) for item in moved],
            fix="plan again and look at what it says now; `schemafed history` tells what was recorded",
        )


def _read_again(item: ReadItem, live: Live, moded: Moded) -> ReadItem:
    if item.subject is None:
        return make_default_item(item.registry, live)
    return make_read_item(
        item.registry,
        item.subject,
        live,
        with_mode=moded.has(item.subject, item.version),
        with_history=item.history is not None,
        with_dependants=item.dependants is not None,
        applied=item.applied,
        with_settings=item.settings is not None,
    )


def _moved_finding(item: ReadItem, now: ReadItem) -> Finding:
    if item.version != now.version:
        what = f"latest version {item.version or 'none'} is now {now.version or 'none'}"
    elif item.fingerprint != now.fingerprint:
        what = "its latest version has another schema now"
    elif item.history != now.history:
        what = "an earlier version is gone, or another one"
    elif item.dependants != now.dependants:
        what = f"it is referred to by {_list(now.dependants)} now, and was by {_list(item.dependants)}"
    elif item.settings != now.settings:
        what = f"its settings {_list_settings(item.settings)} are now {_list_settings(now.settings)}"
    else:
        what = f"mode {item.mode or 'inherited'} is now {now.mode or 'inherited'}"
    return _stale(item, f"it moved since the plan was made: {what}")


def _list(dependants: Sequence[str] | None) -> str:
    return "; ".join(dependants or ()) or "nothing"


def _list_settings(settings: Mapping[str, SettingValue] | None) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted((settings or {}).items())) or "none"


def _stale(item: ReadItem, message: str) -> Finding:
    return Finding("STALE_PLAN", Severity.ERROR, Source.PLANNING, message, registry=item.registry, subject=item.subject)
