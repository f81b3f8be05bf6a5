"""Confluent's ``compatibilityGroup``: the name of a metadata property that tells the versions of a subject apart.

Only versions with the value that the new schema has are compared with it, and a schema without the property is of the
group of those without it. So an incompatible line of versions can begin within one subject.
Source: Confluent's documentation of data contracts, "Application major versioning".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from reconciler.model import Metadata

Version = TypeVar("Version")


def select_group(
    history: Sequence[Version],
    group: str | None,
    new: Metadata | None,
    metadata_of: Callable[[Version], Metadata | None],
) -> Sequence[Version]:
    """Leave only the versions that a new schema is compared with, in their order.

    Args:
        history: the versions, which the mode has not narrowed yet.
        group: the property's name; None for a subject without groups.
        new: the metadata of the new schema.
        metadata_of: the metadata of a version.
    """
    if group is None:
        return history
    wanted = _value(new, group)
    return [version for version in history if _value(metadata_of(version), group) == wanted]


def _value(metadata: Metadata | None, group: str) -> str | None:
    return metadata.properties.get(group) if metadata else None
