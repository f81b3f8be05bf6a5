"""``apply``: make a plan's changes, after looking again at what the plan rests on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from reconciler import git
from reconciler.applied import IntendedChange
from reconciler.applier import Applied, Result, apply_changes
from reconciler.config import Config, make_configuration_digest
from reconciler.errors import (
    BlockedPlanError,
    ConfigurationError,
    LedgerError,
    RepositoryError,
    StalePlanError,
    UsageError,
)
from reconciler.federation import open_registries
from reconciler.ledger.keeping import LeaseKeeper
from reconciler.ledger.loading import load_ledger
from reconciler.ledger.sources import make_source
from reconciler.ledger.values import ChangeOutcome, Ledger, present_time
from reconciler.ledger.writing import raise_if_held, raise_if_unusable, write_intent, write_record
from reconciler.model import Finding, Plan, ReadItem, Severity, Source
from reconciler.operations.interrupts import ignoring_interrupts
from reconciler.operations.left_modes import check_left_modes
from reconciler.operations.live_reading import read_dependants, read_histories
from reconciler.operations.plan import Progress
from reconciler.operations.recording import (
    Registries,
    find_open,
    make_intended_changes,
    make_noted,
    make_noted_outcomes,
    make_outcomes,
    make_recorded,
)
from reconciler.operations.settings import load_valid_config, resolve_registries
from reconciler.planner import Live
from reconciler.planner.readset import find_moded, make_applied_fingerprint, make_default_item, make_read_item
from reconciler.registry import SchemaRegistry
from reconciler.render.words import count

_SHORTEST_DIGEST = 12
"""So many digits name a plan beyond doubt."""


def raise_if_dirty(root: Path) -> None:
    """Refuse a work tree whose content is in no commit.

    Raises:
        RepositoryError: naming the files.
    """
    changed = git.changed_files(root)
    if changed:
        shown = ", ".join(changed[:5]) + (f" and {len(changed) - 5} more" if len(changed) > 5 else "")
        raise RepositoryError(
            f"the work tree has changes that are not committed: {shown}",
            fix="commit them, so that what is applied is in Git; --allow-dirty applies them all the same",
        )


def apply(
    root: Path,
    plan: Plan,
    *,
    allow_dirty: bool = False,
    on_progress: Progress = lambda text: None,
    on_result: Callable[[Result], None] = lambda result: None,
) -> Applied:
    """Apply a plan, fresh or saved, and record in the ledger what came of it.

    Before the first write the ledger holds what is intended, so that no other run writes at the same time and the next
    one can tell what was done should this one not come to its end. A plan without changes records what it noted.

    Args:
        root: the repository's root.
        allow_dirty: apply a plan that was made from files which are not committed.

    Raises:
        BlockedPlanError: the plan has findings that block.
        StalePlanError: a registry is not what it was when the plan was made.
        UsageError: the plan was made with other settings, or from files that are not committed.
        LedgerError: another run holds the ledger, or nothing can be recorded; no registry was written to.
        RepositoryError: there is no Git repository, or the plan's commit is not in it.
    """
    if not plan.can_apply:
        blocking = [f for f in plan.findings if f.blocks]
        raise BlockedPlanError("the plan cannot be applied", blocking, fix="mend what is listed, then plan again")
    if git.is_dirty_commit(plan.commit) and not allow_dirty:
        raise UsageError(
            "the plan was made from files that are not committed",
            fix="commit and plan again; --allow-dirty applies it all the same",
        )
    config = load_valid_config(root)
    _raise_if_reconfigured(config, plan)
    on_progress("reading the ledger")
    ledger = load_ledger(root, config, plan.environment, on_progress)
    raise_if_unusable(ledger)
    raise_if_held(ledger, present_time())
    source = make_source(root, plan.commit)
    noted = make_noted(ledger.registries, plan.notes, plan.commit, source)
    if not plan.changes:
        if noted != ledger.registries:
            _record_notes(ledger, plan, noted, source, on_progress)
        return Applied(())
    moded = _find_moded(plan)
    with open_registries(resolve_registries(config, moded, root)) as registries:
        on_progress("looking again at what the plan rests on")
        for name, registry in registries.items():
            raise_if_stale([item for item in plan.read_set if item.registry == name], moded[name], registry)
        # What the registries show says more than the ledger does, where both moved.
        _raise_if_applied_since(plan.read_set, ledger)
        return _apply_recorded(plan, registries, ledger, noted, source, on_progress, on_result)


def _raise_if_reconfigured(config: Config, plan: Plan) -> None:
    if plan.environment not in config.all_environments:
        raise ConfigurationError(f"the plan is for environment {plan.environment}, which schemafed.yaml does not have")
    if make_configuration_digest(config, plan.environment) != plan.configuration:
        raise UsageError(
            f"the plan was made with other settings of environment {plan.environment} than schemafed.yaml has now",
            fix="plan again",
        )


def _apply_recorded(
    plan: Plan,
    registries: Mapping[str, SchemaRegistry],
    ledger: Ledger,
    noted: Registries,
    source: str,
    on_progress: Progress,
    on_result: Callable[[Result], None],
) -> Applied:
    """Write down what is intended, make the changes, write down what came of them."""
    intended = make_intended_changes(plan.changes, noted, source)
    before = ledger.unfinished.changes if ledger.unfinished else ()
    on_progress("writing down what is intended")
    keeper = LeaseKeeper(write_intent(ledger, source, plan.digest, [*before, *intended]))
    on_progress(f"applying {count(len(plan.changes), 'change')}")
    applied = apply_changes(plan.changes, registries, on_result, before_write=keeper.raise_if_lost)
    applied = check_left_modes(applied, registries)
    outcomes = [*make_noted_outcomes(ledger.registries, plan.notes), *make_outcomes(applied.results)]
    still_open = find_open(applied.results, intended, before)
    with ignoring_interrupts():
        on_progress("writing down what was applied")
        _record(keeper.ledger, make_recorded(noted, applied.results, source), outcomes, source, plan.digest, still_open)
    return applied


def _record(
    ledger: Ledger,
    registries: Registries,
    outcomes: Sequence[ChangeOutcome],
    source: str,
    digest: str,
    still_open: Sequence[IntendedChange],
) -> None:
    try:
        write_record(ledger, registries, outcomes, source=source, digest=digest, still_open=still_open)
    except LedgerError as error:
        raise LedgerError(
            f"what was applied could not be written down: {error.message}",
            fix="nothing is lost: the next apply finds out by reading the registries what this one has done",
        ) from error


def _record_notes(ledger: Ledger, plan: Plan, noted: Registries, source: str, on_progress: Progress) -> None:
    on_progress("writing down what is applied already")
    outcomes = make_noted_outcomes(ledger.registries, plan.notes)
    left = ledger.unfinished.changes if ledger.unfinished else ()
    write_record(ledger, noted, outcomes, source=source, digest=plan.digest, still_open=left)


def raise_if_unexpected(plan: Plan, expected: str | None, *, proceeds: bool) -> None:
    """Stop where a plan that was made now is not the one that was reviewed.

    Args:
        expected: the digest of the reviewed plan, or its beginning; None where none was.
        proceeds: go on all the same, as ``on_plan_change: proceed`` says.

    Raises:
        StalePlanError: the two are not the same.
    """
    if expected is None or proceeds or (len(expected) >= _SHORTEST_DIGEST and plan.digest.startswith(expected)):
        return
    message = f"the plan is {plan.digest[:12]} now, {count(len(plan.changes), 'change')}; {expected[:12]} was"
    finding = Finding("PLAN_CHANGED", Severity.ERROR, Source.PLANNING, f"{message} reviewed")
    raise StalePlanError(
        "the plan is not the one that was reviewed",
        [finding],
        fix="review what is planned now, or let `on_plan_change: proceed` stand in schemafed.yaml",
    )


def _raise_if_applied_since(read_set: Sequence[ReadItem], ledger: Ledger) -> None:
    """Stop where the ledger says something else of what changes than it said to the plan: a `release`, say.

    Raises:
        StalePlanError: with a finding for each such subject.
    """
    moved = [
        item
        for item in read_set
        if item.subject is not None
        and item.applied is not None
        and item.applied != make_applied_fingerprint(ledger.applied(item.registry).subjects.get(item.subject))
    ]
    if moved:
        message = "another run has recorded something else of it since the plan was made"
        raise StalePlanError(
            "the ledger is not what it was when the plan was made",
            [_stale(item, message) for item in moved],
            fix="plan again and look at what it says now; `schemafed history` tells what was recorded",
        )


def _find_moded(plan: Plan) -> dict[str, frozenset[str]]:
    """By registry that changes, the subjects on whose mode that rests."""
    names = dict.fromkeys(change.registry for change in plan.changes)
    return {name: find_moded(c for c in plan.changes if c.registry == name) for name in names}


def raise_if_stale(read_set: Sequence[ReadItem], moded: Collection[str], registry: SchemaRegistry) -> None:
    """Read one registry's part of a read set again and compare.

    Args:
        moded: the subjects on whose mode the plan rests.

    Raises:
        StalePlanError: with a finding for everything that moved.
    """
    names = [item.subject for item in read_set if item.subject is not None]
    # What is absent has no mode that a plan rests on.
    present = {item.subject for item in read_set if item.subject is not None and item.version is not None}
    state = registry.read_state(names, modes_of=present.intersection(moded))
    histories = read_histories(registry, frozenset(i.subject for i in read_set if i.subject and i.history))
    dependants = read_dependants(
        registry, frozenset(i.subject for i in read_set if i.subject and i.dependants is not None)
    )
    live = Live(state, registry.capabilities, histories, dependants)
    moved = [(item, now) for item in read_set if (now := _read_again(item, live, moded)) != item]
    if moved:
        raise StalePlanError(
            f"registry {registry.name} is not what it was when the plan was made",
            [_moved_finding(item, now) for item, now in moved],
            fix="plan again and look at what it says now",
        )


def _read_again(item: ReadItem, live: Live, moded: Collection[str]) -> ReadItem:
    if item.subject is None:
        return make_default_item(item.registry, live)
    return make_read_item(
        item.registry,
        item.subject,
        live,
        with_mode=item.subject in moded,
        with_history=item.history is not None,
        with_dependants=item.dependants is not None,
        applied=item.applied,
    )


def _moved_finding(item: ReadItem, now: ReadItem) -> Finding:
    if item.version != now.version:
        what = f"latest version {item.version or 'none'} is now {now.version or 'none'}"
    elif item.fingerprint != now.fingerprint or item.history != now.history:
        what = "a version has another schema now"
    elif item.dependants != now.dependants:
        what = f"it is referred to by {_list(now.dependants)} now, and was by {_list(item.dependants)}"
    else:
        what = f"mode {item.mode or 'inherited'} is now {now.mode or 'inherited'}"
    return _stale(item, f"it moved since the plan was made: {what}")


def _list(dependants: Sequence[str] | None) -> str:
    return "; ".join(dependants or ()) or "nothing"


def _stale(item: ReadItem, message: str) -> Finding:
    return Finding("STALE_PLAN", Severity.ERROR, Source.PLANNING, message, registry=item.registry, subject=item.subject)
