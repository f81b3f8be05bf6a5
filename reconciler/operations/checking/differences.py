"""What a change makes of a subject that was there before: the schema's structure, the mode, the metadata."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reconciler.errors import SchemaError
from reconciler.model import DesiredSubject, Difference, Mode
from reconciler.planner.subjects import make_differences
from reconciler.repository import DesiredState
from reconciler.schemas.metadata_difference import metadata_differences, rule_differences


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from the base; ``modes`` are the declared ones before and after, where they are not the same.

    ``is_known`` is False where the base had it and cannot be read.
    """

    differences: tuple[Difference, ...] = ()
    modes: tuple[Mode | None, Mode | None] | None = None
    has_new_metadata: bool = False
    has_new_settings: bool = False
    has_new_rules: bool = False
    is_known: bool = True


NO_CHANGES = Changes()
"""Of a subject that was not there before, or is not there any more."""


def compare_subject(name: str, head: DesiredState, before: DesiredState | None) -> Changes:
    """Compare a subject with what it was; the differences are those which a plan shows."""
    old, new = (before.subjects.get(name) if before else None), head.subjects.get(name)
    if before is None or old is None or new is None:
        return replace(NO_CHANGES, is_known=new is None)
    return Changes(
        _compare_schemas(old, before, new, head),
        None if old.mode is new.mode else (old.mode, new.mode),
        old.schema.metadata != new.schema.metadata,
        old.settings != new.settings,
        old.schema.rules != new.schema.rules,
    )


def _compare_schemas(
    old: DesiredSubject, before: DesiredState, new: DesiredSubject, head: DesiredState
) -> tuple[Difference, ...]:
    metadata = (
        *metadata_differences(old.schema.metadata, new.schema.metadata),
        *rule_differences(old.schema.rules, new.schema.rules),
    )
    try:
        return (*make_differences(old.schema, before.schemas, new.schema, head.schemas), *metadata)
    except SchemaError:
        # A schema that cannot be read has a finding of its own.
        return metadata
