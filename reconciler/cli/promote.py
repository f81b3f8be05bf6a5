"""``schemafed promote``."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler import planfile
from reconciler.cli import options
from reconciler.cli.apply import apply_shown, recover_first
from reconciler.cli.console import emit, emit_machine, showing_progress
from reconciler.cli.plan import exit_code
from reconciler.errors import UsageError
from reconciler.operations.apply import raise_if_dirty
from reconciler.operations.promote import Promoted, Promotion, promote
from reconciler.operations.scope import Permissions
from reconciler.render.text import render_plan
from reconciler.render.words import count


@click.command("promote")
@options.directory
@click.option("--from", "source", metavar="ENVIRONMENT", required=True, help="Whose schemas.")
@click.option("--to", "target", metavar="ENVIRONMENT", required=True, help="Where they shall be too.")
@options.registry
@options.subject
@options.take_over
@options.recreate
@options.mass_change
@options.plan_file
@options.output("text", "json")
@click.option("--apply", "applies", is_flag=True, help="Make the changes, after showing them.")
@click.option("--yes", is_flag=True, help="With --apply, do not ask.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are changes to apply.")
def command(
    root: Path,
    source: str,
    target: str,
    registry: str | None,
    subject: str | None,
    take_over: tuple[str, ...],
    recreate: tuple[str, ...],
    allow_mass_change: bool,
    plan_file: Path | None,
    output: str,
    applies: bool,
    yes: bool,
    detailed_exitcode: bool,
) -> int:
    """Show what an environment lacks of what was applied to another, and with --apply make it so.

    The schemas are those that the ledger says the one environment has, not those at the tip of the branch; names, modes
    and registries are the other environment's own. A saved plan is applied by `schemafed apply FILE`. No subject
    is deleted: what Git dropped goes with a plan of the environment itself.
    """
    if applies and (output != "text" or plan_file):
        raise UsageError("--apply goes with the text report", fix="save the plan first, then `schemafed apply FILE`")
    if applies:
        raise_if_dirty(root)
        recover_first(root, None, target)
    with showing_progress() as on_progress:
        promotion = Promotion(source, target, subject, registry)
        made = promote(root, promotion, on_progress, Permissions(take_over, recreate, allow_mass_change))
    if plan_file:
        planfile.write_plan(made.plan, plan_file)
    if output == "json":
        emit_machine(planfile.render_json(made.plan))
    else:
        emit(_heading(made, promotion), "", render_plan(made.plan))
    if applies:
        return apply_shown(root, made.plan, yes=yes)
    return exit_code(made.plan, detailed=detailed_exitcode)


def _heading(made: Promoted, promotion: Promotion) -> str:
    what = f"{count(made.subjects, 'subject')} of {promotion.source}"
    return f"Promoting {what}, as of commit {made.commit[:12]}, to {promotion.target}."
