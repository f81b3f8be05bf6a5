"""Subjects that someone else keeps writing: two repositories, or a repository and a program, that fight over one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from reconciler.ledger.values import INHERITED, ChangeOutcome, Record
from reconciler.model import Finding, Severity, Source

_OFTEN = 2
"""From how many times on it is no accident."""


_UNKNOWN = object()
_MODES = frozenset({"set_compatibility", "set_default_compatibility", "reset_compatibility"})
_ENDS = frozenset({"delete_subject", "forget"})


def count_interruptions(records: Iterable[Record], registry: str, subject: str | None) -> int:
    """How often someone else wrote a subject between two of our own writes: its schema, mode, settings, or deleted it.

    Args:
        records: the newest first.
        subject: None for the registry's own level.
    """
    ours = [
        outcome
        for record in reversed(list(records))
        for outcome in record.outcomes
        if (outcome.registry, outcome.subject) == (registry, subject) and outcome.outcome in ("applied", "noted")
    ]
    return _count_breaks(_schema_steps(ours)) + _count_breaks(_mode_steps(ours)) + _count_set_again(ours)


class _Step(NamedTuple):
    """What one of our writes found and what it left, of one thing: a version, or a mode."""

    found: object
    left: object


def _count_breaks(steps: Iterable[_Step]) -> int:
    """How many of our writes found something else than the one before had left."""
    pairs = ((before.left, after.found) for before, after in pairwise(steps))
    return sum(left != found for left, found in pairs if _UNKNOWN not in (left, found))


def _schema_steps(ours: Iterable[ChangeOutcome]) -> Iterator[_Step]:
    for outcome in ours:
        if outcome.outcome == "noted":
            # What was only found may be of a run of ours that was cut off.
            yield _Step(_UNKNOWN, outcome.version or _UNKNOWN)
        elif outcome.kind == "delete_subject" or outcome.version is not None:
            yield _Step(outcome.before, outcome.version)


def _mode_steps(ours: Iterable[ChangeOutcome]) -> Iterator[_Step]:
    for outcome in ours:
        if outcome.kind in _MODES:
            yield _Step(outcome.mode_before or _UNKNOWN, outcome.mode or INHERITED)


def _count_set_again(ours: Iterable[ChangeOutcome]) -> int:
    """How many of our writes gave a setting the value that the one before had given it already.

    Records do not say which value was found; but a plan sets only what differs, so someone else had changed it.
    """
    times = 0
    left: dict[str, object] = {}
    for outcome in ours:
        if outcome.kind == "set_settings":
            given = outcome.settings or {}
            times += any(left.get(name, _UNKNOWN) == value for name, value in given.items())
            left |= given
        elif outcome.kind in _ENDS or (outcome.outcome == "applied" and outcome.version is not None):
            # A registry may keep settings with a version, so that a new one gets them anew.
            left = {}
    return times


def check_second_owner(records: Iterable[Record], drifted: Iterable[tuple[str, str | None]]) -> Iterator[Finding]:
    """Warn of subjects that drifted now and have done so before.

    Args:
        records: the newest first.
        drifted: registries and subjects; None for a registry's own level.
    """
    records = list(records)
    for registry, subject in drifted:
        times = count_interruptions(records, registry, subject)
        if times >= _OFTEN:
            yield Finding(
                "SECOND_OWNER",
                Severity.WARNING,
                Source.PLANNING,
                f"someone else wrote it {times} times between our own writes before; it likely has a second owner",
                registry=registry,
                subject=subject,
                fix="settle who owns it; the other one lets go, here with `manage: false` in its sidecar",
            )
