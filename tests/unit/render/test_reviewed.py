"""The line that says how to apply exactly a plan that was shown."""

from __future__ import annotations

import pytest

from reconciler.model import Plan
from reconciler.render.reviewed import render_way_to_apply

PLAN = Plan("dev", (), (), (), (), "", digest="0123456789abcdef")


@pytest.mark.parametrize(
    ("options", "saved", "line"),
    [
        ([], None, "schemafed apply --expect 0123456789ab"),
        (
            ["-e", "prod", "--subject", "order*"],
            None,
            "schemafed apply -e prod --subject 'order*' --expect 0123456789ab",
        ),
        (["-e", "prod"], "my plan.json", "schemafed apply 'my plan.json'"),
    ],
    ids=["bare", "with options", "saved"],
)
def test_the_command_that_applies_it(options: list[str], saved: str | None, line: str) -> None:
    assert render_way_to_apply(PLAN, options, saved).plain == f"Digest 0123456789ab; to apply exactly this: {line}"
