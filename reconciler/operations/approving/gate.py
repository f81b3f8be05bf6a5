"""Where check, plan and apply ask for approvals. Light: forges are imported only where there is something to ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler import git
from reconciler.config import FILE_NAME, Config
from reconciler.ledger.values import present_time
from reconciler.model import Finding, Plan, RegisterSchema, RestoreVersion
from reconciler.planner.waivers import check_unused_shared_waivers
from reconciler.repository import DesiredState

if TYPE_CHECKING:
    from reconciler.ledger.values import Ledger, RecordedApproval
    from reconciler.operations.checking.base import Base
    from reconciler.operations.checking.values import CheckedSubject


def check_approvals_of_change(
    root: Path,
    config: Config,
    base: Base,
    head: DesiredState,
    before: DesiredState | None,
    subjects: Sequence[CheckedSubject],
    findings: Sequence[Finding],
) -> tuple[Finding, ...]:
    """Tell which approvals a change lacks; see :func:`reconciler.operations.approving.check.check_change_approvals`."""
    is_concerned = config.approvals.rules or FILE_NAME in base.changed or any(f.code == "WAIVED" for f in findings)
    if base.commit is None or not is_concerned:
        return ()
    from reconciler.operations.approving.check import check_change_approvals

    return check_change_approvals(root, config, base.commit, head, before, subjects, findings)


def with_approvals(root: Path, config: Config, state: DesiredState, plan: Plan) -> Plan:
    """The same plan with the approvals that its pull request lacks, and the waivers of files that it does not need."""
    today = present_time().date().isoformat()
    unused = check_unused_shared_waivers(state.subjects.values(), plan.changes, plan.findings, today)
    plan = replace(plan, findings=(*plan.findings, *unused)) if unused else plan
    if not config.approvals.rules and not _has_waivers(plan):
        return plan
    from reconciler.operations.approving.plan import judge_plan_approvals

    return judge_plan_approvals(root, config, state, plan)


def confirm_approvals(
    root: Path,
    config: Config,
    plan: Plan,
    ledger: Ledger,
    source: str,
    on_progress: Callable[[str], None],
    on_warning: Callable[[Finding], None],
) -> tuple[RecordedApproval, ...]:
    """Confirm what a plan rests on; see :func:`reconciler.operations.approving.apply.confirm_approvals`.

    Raises:
        BlockedPlanError: an approval is missing, or cannot be confirmed.
    """
    if not config.approvals.rules and not _has_waivers(plan) and not _had_rules(root, source):
        return ()
    from reconciler.operations.approving.apply import confirm_approvals

    return confirm_approvals(root, config, plan, ledger, source, on_progress, on_warning)


def _has_waivers(plan: Plan) -> bool:
    return any(isinstance(change, RegisterSchema | RestoreVersion) and change.waivers for change in plan.changes)


def _had_rules(root: Path, source: str) -> bool:
    """Whether schemafed.yaml ever had rules: whoever takes them away is judged by them."""
    options = ("--first-parent", "-1", "--format=%H", "-Gapprovals", source, "--", FILE_NAME)
    return bool(git.run(root, "log", *options).strip())
