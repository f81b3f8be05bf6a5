"""``schemafed apply``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from reconciler import planfile
from reconciler.applier import Applied
from reconciler.cli import INTERRUPTED, options
from reconciler.cli.console import emit, emit_error, say, showing_progress
from reconciler.cli.plan import exit_code
from reconciler.cli.progress import showing_results, warn
from reconciler.cli.reports import Answer, Wanted, report_option, reporting_errors, write_reports
from reconciler.errors import UsageError
from reconciler.model import Plan, ResetCompatibility, SetCompatibility
from reconciler.operations.apply import apply, raise_if_dirty
from reconciler.operations.applying.recovery import recover
from reconciler.operations.applying.reviewed import check_expected, load_expected, raise_if_unexpected
from reconciler.operations.interrupts import terminating_gently
from reconciler.operations.plan import plan
from reconciler.operations.scope import NO_PERMISSIONS, Permissions, Scope
from reconciler.operations.settings import load_valid_config
from reconciler.render.applied_json import render_applied_json
from reconciler.render.findings import render_findings
from reconciler.render.ledger import render_recovered
from reconciler.render.making import make_plan_report
from reconciler.render.outcome import render_applied
from reconciler.render.text import render_plan
from reconciler.render.words import count


@click.command("apply")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@options.directory
@options.planning
@click.option(
    "--expect",
    metavar="DIGEST|FILE",
    help="Apply only if the plan made now is the reviewed one, by its digest or its file, which tells what differs.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--allow-dirty", is_flag=True, help="Apply files that are not committed.")
@report_option
def command(
    file: Path | None,
    root: Path,
    scope: Scope,
    permissions: Permissions,
    expect: str | None,
    yes: bool,
    allow_dirty: bool,
    reports: tuple[Wanted, ...],
) -> int:
    """Make the changes of a plan: the saved one in FILE, or one made now and shown first.

    A saved plan is applied as it was reviewed, or not at all: what it rests on is read again, and a plan that is stale,
    was made with other settings, or has findings that block is refused. Applying twice is harmless.
    """
    with reporting_errors(root, "apply", reports):
        expected = load_expected(expect)
        if not allow_dirty:
            raise_if_dirty(root)
        if file is not None and (scope != Scope() or permissions != NO_PERMISSIONS):
            raise UsageError("a saved plan has its own scope", fix="leave out every option that says what to plan")
        saved = planfile.read_plan(file) if file else None
        recover_first(root, saved, scope.environment)
        with showing_progress() as on_progress:
            made = saved or plan(root, scope, on_progress, permissions).plan
        emit(render_plan(made))
        differences = check_expected(made, expected)
        warnings = raise_if_unexpected(differences, proceeds=bool(differences) and _proceeds(root, made))
        emit_error(*render_findings(warnings))
        return apply_shown(root, made, yes=yes, allow_dirty=allow_dirty, reports=reports)


def apply_shown(
    root: Path, made: Plan, *, yes: bool, allow_dirty: bool = False, reports: tuple[Wanted, ...] = ()
) -> int:
    """Make the changes of a plan that was shown, after asking; the exit code."""
    if not made.can_apply:
        write_reports(root, _answer(made, None), reports)
        return exit_code(made, detailed=False)
    if made.changes and not yes and not _is_confirmed(made):
        emit("Nothing was applied.")
        write_reports(root, _answer(made, None), reports)
        return 0
    with terminating_gently():
        applied = _apply(root, made, allow_dirty)
        write_reports(root, _answer(made, applied), reports)
    return _exit_code(applied)


def _answer(made: Plan, applied: Applied | None) -> Answer:
    return Answer(lambda: make_plan_report(made, applied), lambda: render_applied_json(made, applied))


def _proceeds(root: Path, made: Plan) -> bool:
    """Whether a plan is applied that is not the one which was reviewed."""
    environment = load_valid_config(root).all_environments.get(made.environment)
    return environment is not None and environment.on_plan_change == "proceed"


def recover_first(root: Path, saved: Plan | None, environment: str | None) -> None:
    """Find out first what an apply that was cut off has done."""
    planned = {
        (change.registry, change.subject)
        for change in (saved.changes if saved else ())
        if isinstance(change, SetCompatibility | ResetCompatibility)
    }
    with showing_progress() as on_progress:
        found = recover(root, saved.environment if saved else environment, on_progress, planned=planned)
    if found:
        emit(render_recovered(found), "")


def _apply(root: Path, made: Plan, allow_dirty: bool) -> Applied:
    if not made.changes:
        return apply(root, made, allow_dirty=allow_dirty, on_progress=say, on_warning=warn)
    with showing_results(len(made.changes)) as listeners:
        applied = apply(root, made, allow_dirty=allow_dirty, **listeners._asdict())
    emit("", render_applied(applied))
    return applied


def _is_confirmed(made: Plan) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on", fix="say --yes, or apply a saved plan with --yes")
    return click.confirm(f"\nApply {count(len(made.changes), 'change')} to {made.environment}?", default=False)


def _exit_code(applied: Applied) -> int:
    if applied.is_interrupted:
        return INTERRUPTED
    return 0 if applied.is_complete else 1
