"""What a reviewer sees of metadata: each property and each tagged path."""

from __future__ import annotations

import pytest

from reconciler.model import Difference, DifferenceKind, Metadata
from reconciler.schemas.metadata_difference import metadata_differences

ADDED, REMOVED, CHANGED = DifferenceKind.ADDED, DifferenceKind.REMOVED, DifferenceKind.CHANGED
RETAINED = Metadata({"retention": "30d"})

CASES = [
    pytest.param(None, RETAINED, [Difference(ADDED, "metadata retention", None, "30d")], id="added"),
    pytest.param(RETAINED, None, [Difference(REMOVED, "metadata retention", "30d", None)], id="removed"),
    pytest.param(
        RETAINED,
        Metadata({"retention": "60d"}),
        [Difference(CHANGED, "metadata retention", "30d", "60d")],
        id="changed",
    ),
    pytest.param(
        Metadata(tags={"Order.id": ("PII",)}),
        Metadata(tags={"Order.id": ("PII", "KEY")}),
        [Difference(CHANGED, "metadata tags of Order.id", "PII", "KEY, PII")],
        id="tags",
    ),
    pytest.param(
        Metadata(tags={"a": ("x", "y")}), Metadata(tags={"a": ("y", "x"), "b": ()}), [], id="the order of tags"
    ),
    pytest.param(
        Metadata({"owner": "ada@example.com"}),
        Metadata({"owner": "bob@example.com"}, sensitive=("owner",)),
        [
            Difference(CHANGED, "metadata owner", "(sensitive)", "(sensitive)"),
            Difference(ADDED, "metadata sensitive", None, "owner"),
        ],
        id="what is sensitive is told without its value",
    ),
    pytest.param(Metadata({"empty": ""}), Metadata(), [Difference(REMOVED, "metadata empty", "", None)], id="empty"),
]


@pytest.mark.parametrize(("old", "new", "found"), CASES)
def test_metadata_differs_line_by_line(old: Metadata | None, new: Metadata | None, found: list[Difference]) -> None:
    assert list(metadata_differences(old, new)) == found
