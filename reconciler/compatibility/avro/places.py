"""Where in a new Avro schema that is which a finding points at, when fields and branches have other numbers there."""

from __future__ import annotations

from reconciler.model import Direction, Finding
from reconciler.schemas.avro.counterparts import find_counterpart

_INTO_WRITER = frozenset({"READER_FIELD_REMOVED"})
"""What the reader does not have is where it is in the writer."""


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
    if finding.code in _INTO_WRITER:
        return path if finding.direction is Direction.FORWARD else find_counterpart(path, old, new) or "/"
    union, _, number = path.rpartition("/")
    is_branch = finding.code == "MISSING_UNION_BRANCH" and number.isdecimal()
    if finding.direction is not Direction.FORWARD:
        return (union or "/") if is_branch else path
    place = find_counterpart(union if is_branch else path, old, new)
    return f"{place}/{number}" if is_branch else place or "/"
