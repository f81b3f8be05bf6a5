"""In which order versions come into being: after the one before them, and after what they refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from reconciler.copying.contents import used_versions
from reconciler.copying.values import Side, VersionKey
from reconciler.errors import SchemaError


def order_versions(
    source: Side, subjects: Iterable[str], merged: Mapping[VersionKey, VersionKey]
) -> tuple[VersionKey, ...]:
    """The versions of some subjects, each after what it rests on.

    Args:
        merged: versions that another one stands for.

    Raises:
        SchemaError: versions refer to each other in a circle.
    """
    graph: dict[VersionKey, set[VersionKey]] = {}
    for subject in sorted(subjects):
        before: set[VersionKey] = set()
        for version in source.histories.get(subject, ()):
            key = (subject, version.version)
            if key not in merged:
                graph[key] = before | {merged.get(use, use) for use in used_versions(version.schema)}
                before = {key}
    known = {key: uses & graph.keys() for key, uses in graph.items()}
    try:
        return tuple(TopologicalSorter(known).static_order())
    except CycleError as error:
        chain = " -> ".join(f"{subject} version {number}" for subject, number in error.args[1])
        raise SchemaError(f"versions refer to each other in a circle: {chain}", code="REFERENCE_CYCLE") from error
