"""``apply``: make a plan's changes, after looking again at what the plan rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler import git
from reconciler.applied import IntendedChange
from reconciler.applier import Applied, Result, apply_changes, skip_changes
from reconciler.config import Config, make_configuration_digest
from reconciler.errors import (
    BlockedPlanError,
    ConfigurationError,
    LedgerError,
    RepositoryError,
    SchemafedError,
    UsageError,
)
from reconciler.federation import open_registries
from reconciler.ledger.keeping import LeaseKeeper
from reconciler.ledger.loading import load_ledger
from reconciler.ledger.sources import make_source, raise_if_changed
from reconciler.ledger.values import Ledger, RecordedApproval, present_time
from reconciler.ledger.writing import raise_if_held, raise_if_unusable, write_intent, write_record
from reconciler.model import Finding, Plan
from reconciler.operations.applying.left_modes import check_left_modes
from reconciler.operations.applying.recording import (
    Registries,
    find_open,
    make_intended_changes,
    make_noted,
    make_noted_outcomes,
    make_outcomes,
    make_recorded,
)
from reconciler.operations.applying.staleness import raise_if_plan_is_stale
from reconciler.operations.approving.gate import confirm_approvals
from reconciler.operations.interrupts import deferring_interrupts, ignoring_interrupts
from reconciler.operations.progress import Progress, silent
from reconciler.operations.settings import load_valid_config, resolve_registries
from reconciler.registry import SchemaRegistry
from reconciler.render.words import count


def raise_if_dirty(root: Path) -> None:
    """Refuse a work tree whose content is in no commit.

    Raises:
        RepositoryError: naming the files.
    """
    git.raise_if_dirty(root, "commit them, so that what is applied is in Git; --allow-dirty applies them all the same")


def apply(
    root: Path,
    plan: Plan,
    *,
    allow_dirty: bool = False,
    on_progress: Progress = silent,
    on_result: Callable[[Result], None] = lambda result: None,
    on_warning: Callable[[Finding], None] = lambda finding: None,
) -> Applied:
    """Apply a plan, fresh or saved, and record in the ledger what came of it.

    Before the first write the ledger holds what is intended, so that no other run writes at the same time and the next
    one can tell what was done should this one not come to its end. A plan without changes records what it noted.

    Args:
        root: the repository's root.
        allow_dirty: apply a plan that was made from files which are not committed.
        on_progress: told what is being done.
        on_result: told each change that was made, failed or skipped.
        on_warning: told what does not stop the run.

    Raises:
        BlockedPlanError: the plan has findings that block, or approvals that it needs are missing.
        StalePlanError: a registry is not what it was when the plan was made.
        UsageError: the plan was made with other settings, or from files that are not committed.
        LedgerError: another run holds the ledger, or nothing can be recorded; no registry was written to.
        RepositoryError: there is no Git repository, or the plan's commit is not in it; or its files were not committed
            and are others now.
    """
    _raise_if_blocked(plan)
    _raise_if_uncommitted(plan, allow_dirty=allow_dirty)
    config = load_valid_config(root)
    _raise_if_reconfigured(config, plan)
    if git.is_dirty_commit(plan.commit):
        raise_if_changed(root, plan.commit or "", config.paths)
    on_progress("reading the ledger")
    ledger = load_ledger(root, config, plan.environment, on_progress)
    raise_if_unusable(ledger)
    raise_if_held(ledger, present_time())
    source = make_source(root, plan.commit)
    approvals = confirm_approvals(root, config, plan, ledger, git.committed_part(source), on_progress, on_warning)
    noted = make_noted(ledger.registries, plan.notes, plan.commit, source)
    applying = _Applying(plan, ledger, noted, source, approvals, on_progress, on_result)
    if not plan.changes:
        return applying.record_notes()
    changed = dict.fromkeys(change.registry for change in plan.changes)
    with open_registries(resolve_registries(config, changed, root)) as registries:
        on_progress("looking again at what the plan rests on")
        raise_if_plan_is_stale(plan, registries, ledger, on_progress)
        return applying.apply(registries)


def _raise_if_blocked(plan: Plan) -> None:
    if not plan.can_apply:
        blocking = [f for f in plan.findings if f.blocks]
        raise BlockedPlanError("the plan cannot be applied", blocking, fix="mend what is listed, then plan again")


def _raise_if_uncommitted(plan: Plan, *, allow_dirty: bool) -> None:
    if git.is_dirty_commit(plan.commit) and not allow_dirty:
        raise UsageError(
            "the plan was made from files that are not committed",
            fix="commit and plan again; --allow-dirty applies it all the same",
        )


def _raise_if_reconfigured(config: Config, plan: Plan) -> None:
    if plan.environment not in config.all_environments:
        raise ConfigurationError(f"the plan is for environment {plan.environment}, which schemafed.yaml does not have")
    if make_configuration_digest(config, plan.environment) != plan.configuration:
        raise UsageError(
            f"the plan was made with other settings of environment {plan.environment} than schemafed.yaml has now",
            fix="plan again",
        )


@dataclass(frozen=True)
class _Applying:
    """A plan that may be applied; ``noted`` is what is applied once its notes are taken, from the commit ``source``.

    ``approvals`` are those that it rests on.
    """

    plan: Plan
    ledger: Ledger
    noted: Registries
    source: str
    approvals: tuple[RecordedApproval, ...]
    on_progress: Progress
    on_result: Callable[[Result], None]

    def apply(self, registries: Mapping[str, SchemaRegistry]) -> Applied:
        """Write down what is intended, make the changes, write down what came of them."""
        intended = make_intended_changes(self.plan.changes, self.noted, self.source)
        self.on_progress("writing down what is intended")
        # An interrupt now would leave it open whether the intent arrived, and with it a lease.
        with deferring_interrupts() as is_interrupted:
            keeper = self._begin(intended, is_interrupted)
        if is_interrupted():
            applied = skip_changes(self.plan.changes, self.on_result)
        else:
            self.on_progress(f"applying {count(len(self.plan.changes), 'change')}")
            applied = apply_changes(self.plan.changes, registries, self.on_result, before_write=keeper.raise_if_lost)
        with ignoring_interrupts():
            applied = check_left_modes(applied, registries)
            self.on_progress("writing down what was applied")
            self._record(keeper.ledger, applied, intended)
        return applied

    def record_notes(self) -> Applied:
        """Write down what a plan without changes has found, where that is something new."""
        if self.noted != self.ledger.registries:
            self.on_progress("writing down what is applied already")
            outcomes = make_noted_outcomes(self.ledger.registries, self.plan.notes)
            write_record(
                self.ledger,
                self.noted,
                outcomes,
                source=self.source,
                digest=self.plan.digest,
                still_open=self._open_before,
                approvals=self.approvals,
            )
        return Applied(())

    @property
    def _open_before(self) -> tuple[IntendedChange, ...]:
        return self.ledger.unfinished.changes if self.ledger.unfinished else ()

    def _begin(self, intended: Sequence[IntendedChange], is_interrupted: Callable[[], bool]) -> LeaseKeeper:
        try:
            changes = [*self._open_before, *intended]
            return LeaseKeeper(write_intent(self.ledger, self.source, self.plan.digest, changes))
        except SchemafedError as error:
            if is_interrupted():
                # Ctrl-C ended Git too, and that is all that failed.
                raise KeyboardInterrupt from error
            raise

    def _record(self, ledger: Ledger, applied: Applied, intended: Sequence[IntendedChange]) -> None:
        notes = make_noted_outcomes(self.ledger.registries, self.plan.notes)
        try:
            write_record(
                ledger,
                make_recorded(self.noted, applied.results, self.source),
                [*notes, *make_outcomes(applied.results, self.noted)],
                source=self.source,
                digest=self.plan.digest,
                still_open=find_open(applied.results, intended, self._open_before),
                approvals=self.approvals,
            )
        except (LedgerError, RepositoryError) as error:
            raise LedgerError(
                f"what was applied could not be written down: {error.message}",
                fix="nothing is lost: the next apply finds out by reading the registries what this one has done",
            ) from error
