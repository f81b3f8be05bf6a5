"""Where in the new schema that is which a finding points at: findings point into the reader, and that may be the old
one.
"""

from __future__ import annotations

from reconciler.compatibility.avro_rules import MISSING_BRANCH
from reconciler.model import Direction
from reconciler.schemas.avro.counterparts import find_counterpart


def find_place(code: str, path: str, direction: Direction | None, old: str, new: str) -> str:
    """Find the place in the new schema's text for a finding about two Avro schemas.

    Args:
        code: the finding's.
        path: the finding's: a pointer into the reader; of a missing branch, it ends in the branch's number in the
            writer.
        direction: the finding's; FORWARD means that the old schema is the reader.
        old: the text that the new one was compared with.
        new: the new text.

    Returns:
        a pointer into ``new``, of what is meant or of what encloses it.
    """
    union, _, number = path.rpartition("/")
    is_branch = code == MISSING_BRANCH.code and number.isdecimal()
    if direction is not Direction.FORWARD:
        return (union or "/") if is_branch else path
    place = find_counterpart(union if is_branch else path, old, new)
    return f"{place}/{number}" if is_branch else place or "/"
