"""Subjects that someone else keeps writing: two repositories, or a repository and a program, that fight over one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.ledger.values import Record
from reconciler.model import Finding, Severity, Source

_OFTEN = 2
"""From how many times on it is no accident."""


def count_interruptions(records: Iterable[Record], registry: str, subject: str | None) -> int:
    """How often someone else wrote a subject between two of our own writes.

    Args:
        records: the newest first.
    """
    known: int | None = None
    times = 0
    for record in reversed(list(records)):
        for outcome in record.outcomes:
            if (outcome.registry, outcome.subject) != (registry, subject) or outcome.version is None:
                continue
            if known is not None and outcome.before is not None and outcome.before != known:
                times += 1
            known = outcome.version
    return times


def check_second_owner(records: Iterable[Record], drifted: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Warn of subjects that drifted now and have done so before.

    Args:
        records: the newest first.
        drifted: registries and subjects.
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
