"""What a person reads of a copy, planned and made; and that no name in it can fake a report."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import RenderableType

from reconciler.copying import CopyPlan, SubjectCopy, VersionCopy
from reconciler.copying.findings import make_conflict, make_left_out, make_part_lost, make_unlike
from reconciler.model import Format, Mode, Schema
from reconciler.operations.copy import Copied
from reconciler.render.copy import render_copied, render_copy_plan, render_restored
from tests.golden import as_log, read_golden

GOLDEN = Path(__file__).parent / "golden_copy"
SCHEMA = Schema(Format.AVRO, '"string"')


def write(subject: str, *numbers: int) -> tuple[VersionCopy, ...]:
    return tuple(VersionCopy((subject, number), SCHEMA, number) for number in numbers)


ORDER = SubjectCopy(
    "order", "eu.order", write("order", 1, 2, 4), mode=Mode.FULL, is_mode_set=True, is_loosened=True,
    settings={"write_mode": "READONLY"},
)  # fmt: skip
BILL = SubjectCopy("bill", "bill", write("bill", 3), present={1: 1, 2: 2}, mode_before=Mode.FULL, is_mode_set=True)
DONE = SubjectCopy("money", "money", present={1: 1})
LEFT = make_left_out("cloud", "odd", "the subject is not copied: it is in format JSON, which is not stored there")
LOST = make_part_lost("cloud", "bill", "its metadata are not kept there")
PLAN = CopyPlan("legacy", "cloud", False, (BILL, DONE, ORDER), ("odd",), (LEFT, LOST))
WITH_IDS = CopyPlan("legacy", "cloud", True, (ORDER,))
FOREIGN = make_conflict("cloud", "bill", "version 3 of bill does not follow legacy's history; nothing of it is touched")
BLOCKED = CopyPlan("legacy", "cloud", False, (DONE,), (), (FOREIGN,))
NUMBERS = {("bill", 1): 1, ("bill", 2): 2, ("bill", 3): 3, **{("order", n): n for n in (1, 2, 4)}}
DIFFERS = make_unlike("cloud", "bill", "read back, it is not as it was copied: its mode is NONE, not FULL")
FAILED = {"order": "cloud/eu.order: cannot register the schema (HTTP 500)", "bill": "what it refers to was not copied"}

REPORTS: dict[str, RenderableType] = {
    "plan": render_copy_plan(PLAN),
    "plan_with_ids": render_copy_plan(WITH_IDS),
    "plan_blocked": render_copy_plan(BLOCKED),
    "plan_empty": render_copy_plan(CopyPlan("legacy", "cloud", False, (DONE,))),
    "copied": render_copied(Copied(PLAN, NUMBERS, findings=PLAN.findings, verified=6)),
    "differs": render_copied(Copied(PLAN, NUMBERS, findings=(*PLAN.findings, DIFFERS), verified=6)),
    "failed": render_copied(Copied(PLAN, {("order", 1): 1}, failed=FAILED, unrestored=("eu.order",))),
    "interrupted": render_copied(
        Copied(PLAN, {("order", 1): 1}, failed={"order": "the run was interrupted"}, is_interrupted=True)
    ),
}


@pytest.mark.parametrize("name", REPORTS)
def test_reports_of_copies_are_as_agreed(name: str) -> None:
    text = as_log(REPORTS[name], no_color=True)

    assert text == read_golden(GOLDEN / f"{name}.txt", text)


def test_what_was_given_back_is_said_and_nothing_else() -> None:
    assert render_restored((), "cloud") == []
    assert str(render_restored(("a", "b"), "cloud")[0]) == (
        "Given back to 2 subjects of cloud what a copy that was cut off had left."
    )


def test_many_subjects_are_counted() -> None:
    subjects = tuple(SubjectCopy(f"s{n:03}", f"s{n:03}", write(f"s{n:03}", 1)) for n in range(250))

    text = as_log(render_copy_plan(CopyPlan("legacy", "cloud", False, subjects)))

    assert "s199" in text
    assert "s200" not in text
    assert "and 50 more; --output json has all" in text


def test_names_cannot_fake_a_report() -> None:
    bad = "\x1b[2Jorder\nCopied."
    subject = SubjectCopy(bad, bad + "2", write(bad, 1))
    plan = CopyPlan(bad, bad, False, (subject,), (), (make_conflict(bad, bad, bad),))

    for report in (render_copy_plan(plan), render_copied(Copied(plan, failed={bad: bad}, unrestored=(bad,)))):
        assert "\x1b" not in as_log(report)
