"""What the comparison of one type asks of the comparison as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from reconciler.compatibility.json_schema.differences import Difference, Differences
from reconciler.compatibility.json_schema.shapes import Shape


class Pairs(Protocol):
    """Compares pairs of subschemas."""

    def pair(self, old: Shape, new: Shape) -> Differences:
        """Every difference between two schemas, with steps from there."""
        ...

    def spend(self, work: int) -> None:
        """Count work that is not a pair.

        Raises:
            SchemaError: it is too much.
        """
        ...

    def fit(self, old: Shape, new: Shape) -> Differences | None:
        """Every difference between two schemas if all are compatible, else None, which is found sooner."""
        ...

    def closest(self, old: Shape, branches: Sequence[Shape]) -> Difference | None:
        """What keeps a schema from fitting the branch that is most like it; None where no branch is of its class."""
        ...

    def is_compatible(self, differences: Differences) -> bool:
        """Whether none of the differences is incompatible under the policy."""
        ...
