"""Where the registry's subject has a compatibility group, only versions of the schema's own group count."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sides import avro, desired, desired_subject, live, record

from reconciler.model import Metadata, Mode, Schema
from reconciler.planner.sides import Live
from reconciler.planner.subjects import JudgedBy, check_compatibility
from reconciler.schemas.resolved import SchemaSet

LATEST_LINE = "2"


def of_line(line: str | None, *fields: str) -> Schema:
    """An order's schema in a line of versions; None leaves its metadata out."""
    metadata = Metadata(properties={"major": line}) if line else None
    return replace(avro(record(*fields)), metadata=metadata)


HISTORY = [of_line("1", "id"), of_line("1", "id"), of_line(LATEST_LINE, "key"), of_line(LATEST_LINE, "key")]


def grouped(group: str | None) -> Live:
    present = live(("order", HISTORY))
    subject = replace(present.state.subjects["order"], compatibility_group=group)
    return replace(present, state=replace(present.state, subjects={"order": subject}))


def compared(schema: Schema, group: str | None, mode: Mode) -> tuple[int, ...]:
    """The versions that a schema is judged against."""
    wanted, present = desired_subject("order", schema), grouped(group)
    history = present.histories["order"]
    return check_compatibility(
        wanted, desired(wanted), present, SchemaSet(lambda _: None), history, JudgedBy(mode, "for the test")
    ).versions


@pytest.mark.parametrize(
    ("line", "group", "mode", "versions"),
    [
        ("1", "major", Mode.BACKWARD, (2,)),
        ("1", "major", Mode.BACKWARD_TRANSITIVE, (1, 2)),
        ("2", "major", Mode.BACKWARD_TRANSITIVE, (3, 4)),
        ("3", "major", Mode.BACKWARD_TRANSITIVE, ()),
        (None, "major", Mode.BACKWARD_TRANSITIVE, (3, 4)),
        ("1", None, Mode.BACKWARD_TRANSITIVE, (1, 2, 3, 4)),
        ("1", "minor", Mode.BACKWARD_TRANSITIVE, (1, 2, 3, 4)),
    ],
)
def test_a_schema_is_compared_with_versions_of_its_group(
    line: str | None, group: str | None, mode: Mode, versions: tuple[int, ...]
) -> None:
    assert compared(of_line(line, "id"), group, mode) == versions
