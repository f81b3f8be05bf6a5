"""Whether what Git pins is what a registry holds under that number, near and far."""

from __future__ import annotations

from reconciler.errors import SchemaError
from reconciler.model import Reference
from reconciler.planner.sides import Desired, Live
from reconciler.schemas.resolved import SchemaSet


def tell_pin_apart(reference: Reference, desired: Desired, live: Live, theirs: SchemaSet) -> str | None:
    """What tells a pinned text, or what it refers to itself, apart from the version that it stands for.

    Args:
        reference: a pin to a version that the registry has.
        theirs: parses the registry's schemas.

    Returns:
        a part of a sentence; None where both are the same.
    """
    waiting = [(reference, reference)]
    seen: set[tuple[Reference, Reference]] = set()
    while waiting:
        ours, held = pair = waiting.pop()
        if pair in seen:
            continue
        seen.add(pair)
        wanted, found = desired.schemas.find(ours), live.find_schema(held)
        what = f"version {held.version} of {held.subject}"
        if wanted is None or found is None:
            return f"{what} is not there"
        try:
            is_same = desired.schemas.fingerprint(wanted, live.capabilities.dialect) == theirs.fingerprint(
                found, live.capabilities.dialect
            )
        except SchemaError:
            is_same = False
        if not is_same:
            return f"{what} is another schema in the registry than in Git"
        names = {r.name: r for r in wanted.references}
        for inner in found.references:
            if inner.name not in names:
                return f"{what} refers to {inner.subject} in the registry and not in Git"
            waiting.append((names[inner.name], inner))
    return None
