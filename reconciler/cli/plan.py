"""``schemafed plan``."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler import planfile
from reconciler.cli import options
from reconciler.cli.console import emit, showing_progress
from reconciler.cli.reports import FORMATS, Answer, Wanted, emit_answer, report_option, reporting_errors, write_reports
from reconciler.model import Plan
from reconciler.operations.plan import plan
from reconciler.operations.scope import Permissions, Scope
from reconciler.render.making import make_plan_report
from reconciler.render.reviewed import render_way_to_apply
from reconciler.render.text import render_plan

BLOCKED = 3
PENDING = 2


@click.command("plan")
@options.directory
@options.planning
@options.plan_file
@options.output("text", *FORMATS)
@report_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are changes to apply.")
def command(
    root: Path,
    scope: Scope,
    permissions: Permissions,
    plan_file: Path | None,
    output: str,
    reports: tuple[Wanted, ...],
    detailed_exitcode: bool,
) -> int:
    """Show what each registry would get, and whether it can be applied.

    Reads the repository, the registries of the environment and what was last applied to them, and writes to none of
    them. Every change says why, what differs in the schema, and whether it is compatible with the versions that the
    subject's mode demands.
    """
    with reporting_errors(root, "plan", reports), showing_progress() as on_progress:
        made = plan(root, scope, on_progress, permissions).plan
    if plan_file:
        planfile.write_plan(made, plan_file)
    answer = Answer(lambda: make_plan_report(made), lambda: planfile.render_json(made))
    write_reports(root, answer, reports)
    if output == "text":
        emit(render_plan(made))
        if made.can_apply and made.changes:
            asked = options.type_options(root, scope, permissions)
            emit("", render_way_to_apply(made, asked, str(plan_file) if plan_file else None))
    else:
        emit_answer(root, answer, output)
    return exit_code(made, detailed=detailed_exitcode)


def exit_code(made: Plan, *, detailed: bool) -> int:
    """The exit code of a plan: what could not be read comes first, then what blocks, then changes that are pending."""
    if not made.is_complete:
        return 1
    if not made.can_apply:
        return BLOCKED
    return PENDING if detailed and made.changes else 0
