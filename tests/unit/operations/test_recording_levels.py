"""What the ledger gets of a registry's own level that a plan has found as declared."""

from __future__ import annotations

import pytest

from reconciler.applied import AppliedRegistry
from reconciler.model import Mode, Note
from reconciler.operations.applying.recording import make_noted

FOUND = Note("orders", None, None, Mode.FULL, default_before=Mode.BACKWARD)


@pytest.mark.parametrize(
    ("recorded", "noted"),
    [(Mode.BACKWARD, Mode.FULL), (Mode.NONE, Mode.NONE), (None, None)],
    ids=["as the plan knew", "another run recorded another", "another run let it go"],
)
def test_a_note_of_a_level_gives_way_to_what_was_recorded_since(recorded: Mode | None, noted: Mode | None) -> None:
    made = make_noted({"orders": AppliedRegistry(default_mode=recorded)}, [FOUND], "c1", "c1")

    assert made["orders"].default_mode is noted
