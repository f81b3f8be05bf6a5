"""Where in a new Avro schema that is which a finding points at, when fields and branches have other numbers there."""

from __future__ import annotations

from reconciler.compatibility.avro_rules import MISSING_BRANCH
from reconciler.model import Direction, Finding
from reconciler.schemas.avro.counterparts import find_counterpart


def find_place(finding: Finding, old: str, new: str) -> str:
    """Find the place in the new schema's text for a finding about two Avro schemas.

    Args:
        finding: with a pointer into the reader, which is the old schema where the direction is FORWARD; of a missing
            branch, the pointer ends in the branch's number in the writer.
        old: the text that the new one was compared with.
        new: the new text.

    Returns:
        a pointer into ``new``, of what is meant or of what encloses it.
    """
    path = finding.path or ""
    union, _, number = path.rpartition("/")
    is_branch = finding.code == MISSING_BRANCH.code and number.isdecimal()
    if finding.direction is not Direction.FORWARD:
        return (union or "/") if is_branch else path
    place = find_counterpart(union if is_branch else path, old, new)
    return f"{place}/{number}" if is_branch else place or "/"
