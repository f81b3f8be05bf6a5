"""Making what is held against rules: a state, and what its subjects were before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from posixpath import dirname

from reconciler.operations.checking.verdicts import choose_mode
from reconciler.operations.policies.checking import Before, Inspection, make_surroundings
from reconciler.operations.policies.owners import load_owners_finder
from reconciler.policy.selection import Policies
from reconciler.repository import DesiredState


def make_inspection(root: Path, state: DesiredState, policies: Policies, today: str = "") -> Inspection:
    """Make a state ready to be held against rules."""
    around = make_surroundings(state, find_code_owners=load_owners_finder(root))
    return Inspection(root, state, policies, today or find_today(), around)


def find_today() -> str:
    """The date in UTC, as YYYY-MM-DD."""
    return datetime.now(UTC).date().isoformat()


def list_folders(files: Iterable[str]) -> set[str]:
    """The folders of some files."""
    return {dirname(file) for file in files}


def make_before(name: str, head: DesiredState, base: DesiredState | None, kind: str = "") -> Before:
    """What a subject was in an earlier state; ``kind`` says what became of it where it is known."""
    old = base.subjects.get(name) if base else None
    if old is None or base is None:
        return Before(kind or "added")
    registry = next((r for r in head.registries.values() if name in r.names), None)
    earlier = base.registries.get(registry.name) if registry else None
    return Before(kind or "changed", old.schema, choose_mode(old, earlier).mode, base.schemas)


def is_changed(name: str, head: DesiredState, base: DesiredState | None) -> bool:
    """Whether a subject is declared otherwise than before."""
    old = base.subjects.get(name) if base else None
    new = head.subjects[name]
    return old is None or (old.schema, old.mode) != (new.schema, new.mode)
