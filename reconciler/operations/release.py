"""``release``: stop managing subjects; nothing is deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from reconciler import git
from reconciler.applied import AppliedRegistry
from reconciler.errors import UsageError
from reconciler.ledger.loading import load_ledger
from reconciler.ledger.sources import make_source
from reconciler.ledger.values import ChangeOutcome, Ledger, RecordKind, present_time
from reconciler.ledger.writing import raise_if_held, raise_if_unusable, write_record
from reconciler.operations.scope import find_declared
from reconciler.operations.settings import load_valid_config
from reconciler.repository import DesiredState, load_desired_state

Released = tuple[tuple[str, str], ...]
"""Registries and the subjects that were let go there."""


def release(
    root: Path,
    globs: Sequence[str],
    *,
    environment: str | None = None,
    registry: str | None = None,
    on_progress: Callable[[str], None] = lambda text: None,
) -> Released:
    """Let subjects go: the ledger forgets them, the registries keep them.

    Args:
        root: the folder that holds schemafed.yaml.
        globs: over the names that the subjects have in their registries.
        environment: its name; None for the first one.
        registry: one registry only.

    Raises:
        UsageError: a glob fits nothing that was applied, or something that Git still declares.
        LedgerError: another run holds the ledger, or it cannot be read or written.
    """
    config = load_valid_config(root)
    state = load_desired_state(root, environment)
    ledger = load_ledger(root, config, state.environment, on_progress)
    raise_if_unusable(ledger)
    raise_if_held(ledger, present_time())
    registries = {n: r for n, r in ledger.registries.items() if registry in (None, n)}
    released = _find_released(registries, globs, state.environment)
    _raise_if_declared(released, state)
    _write(root, ledger, released, state.environment)
    return released


def _find_released(registries: Mapping[str, AppliedRegistry], globs: Sequence[str], environment: str) -> Released:
    applied = [(name, subject) for name, entries in registries.items() for subject in sorted(entries.subjects)]
    for glob in globs:
        if not any(fnmatchcase(subject, glob) for _, subject in applied):
            raise UsageError(
                f"nothing that was applied in environment {environment} fits {glob}",
                fix="names are those that subjects have in their registries; `schemafed plan` lists orphans",
            )
    return tuple((name, subject) for name, subject in applied if any(fnmatchcase(subject, glob) for glob in globs))


def _raise_if_declared(released: Released, state: DesiredState) -> None:
    """Stop where the next apply would make a subject ours again."""
    for registry, live in released:
        declared = find_declared(state, registry, live)
        if declared and declared.manage:
            raise UsageError(
                f"{live} is still declared in {declared.location.file}, so the next apply would make it ours again",
                fix="remove the file or say `manage: false` in its sidecar, and commit; then release it",
            )


def _write(root: Path, ledger: Ledger, released: Released, environment: str) -> None:
    gone = frozenset(released)
    kept = {
        name: replace(entries, subjects={s: e for s, e in entries.subjects.items() if (name, s) not in gone})
        for name, entries in ledger.registries.items()
    }
    outcomes = [
        ChangeOutcome("forget", registry, subject, "noted", file=entry.location.file, owner=entry.owner)
        for registry, subject in released
        if (entry := ledger.registries[registry].subjects[subject])
    ]
    names = [subject for _, subject in released]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    write_record(
        ledger,
        kept,
        outcomes,
        source=make_source(root, git.describe_head(root)),
        headline=f"release {environment}: {', '.join(names[:3])}{more}",
        still_open=ledger.unfinished.changes if ledger.unfinished else (),
        kind=RecordKind.RELEASE,
    )
