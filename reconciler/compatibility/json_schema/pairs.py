"""What the comparison of one type asks of the comparison as a whole."""

from __future__ import annotations

from typing import Protocol

from reconciler.compatibility.json_schema.differences import Differences
from reconciler.compatibility.json_schema.shapes import Shape


class Pairs(Protocol):
    """Compares pairs of subschemas."""

    def pair(self, old: Shape, new: Shape) -> Differences:
        """Every difference between two schemas, with steps from there."""
        ...

    def is_compatible(self, differences: Differences) -> bool:
        """Whether none of the differences is incompatible under the policy."""
        ...
