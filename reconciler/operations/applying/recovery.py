"""What an apply that was cut off has left: found out before anything else is done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler import git
from reconciler.applied import AppliedRegistry, IntendedChange
from reconciler.config import Config
from reconciler.errors import RegistryError
from reconciler.federation import for_each, open_registries
from reconciler.ledger.keeping import LeaseKeeper
from reconciler.ledger.loading import load_ledger
from reconciler.ledger.sources import make_source
from reconciler.ledger.values import ChangeOutcome, Intent, Ledger, RecordKind, present_time
from reconciler.ledger.writing import describe_holder, raise_if_held, raise_if_unusable, write_intent, write_record
from reconciler.model import Mode
from reconciler.operations.interrupts import deferring_interrupts, ignoring_interrupts
from reconciler.operations.settings import load_valid_config, resolve_registries
from reconciler.planner import Live, needed_references
from reconciler.planner.settling import is_left_open, settle_intent, was_made
from reconciler.registry import SchemaRegistry

_OPEN = "unknown"


@dataclass(frozen=True)
class Recovered:
    """What was found out about the changes of a run that did not end: who had begun it, and each change's outcome.

    ``restored`` are the subjects whose temporary mode was taken back, with the registry.
    """

    holder: str
    outcomes: tuple[ChangeOutcome, ...]
    restored: tuple[tuple[str, str], ...] = ()


def recover(
    root: Path,
    environment: str | None,
    on_progress: Callable[[str], None] = lambda text: None,
    *,
    planned: Collection[tuple[str, str]] = (),
) -> Recovered | None:
    """Find out what an apply that was cut off has done, record it, and take back the modes that it left in NONE.

    Args:
        root: the folder that holds schemafed.yaml.
        environment: its name; None for the first one.
        planned: registries and subjects whose mode a saved plan changes, as it was reviewed; they are left to it.

    Returns:
        what was found, or None where the last run ended as it should.

    Raises:
        LedgerError: another run holds the ledger, or it cannot be read or written.
        RepositoryError: there is no Git repository, or it has no commit.
    """
    config = load_valid_config(root)
    ledger = load_ledger(root, config, config.select_environment(environment), on_progress)
    raise_if_unusable(ledger)
    raise_if_held(ledger, present_time())
    if ledger.unfinished is None:
        return None
    intent = ledger.unfinished
    on_progress(f"finding out what an apply that was cut off has done: {describe_holder(intent)}")
    source = make_source(root, git.describe_head(root))
    # An interrupt now would leave it open whether the lease arrived.
    with deferring_interrupts() as is_interrupted:
        held = write_intent(ledger, source, intent.digest, intent.changes, kind=RecordKind.TAKEOVER)
    if is_interrupted():
        _give_back(held, intent)
        raise KeyboardInterrupt
    return _settle(root, config, held, intent, source, planned)


def _give_back(ledger: Ledger, intent: Intent) -> None:
    """Give the lease back; everything is left to find out."""
    headline = f"apply {ledger.place.environment if ledger.place else ''}: interrupted before it found out anything"
    with ignoring_interrupts():
        write_record(
            ledger,
            ledger.registries,
            (),
            source=intent.source,
            digest=intent.digest,
            headline=headline,
            still_open=intent.changes,
        )


def _settle(
    root: Path, config: Config, ledger: Ledger, intent: Intent, source: str, planned: Collection[tuple[str, str]]
) -> Recovered:
    keeper = LeaseKeeper(ledger)
    by_registry = _group(intent.changes)
    known = {name: changes for name, changes in by_registry.items() if name in config.registries}
    with open_registries(resolve_registries(config, known, root)) as registries:
        readings = for_each(registries, lambda name, registry: _read(registry, known[name]))
        lives = {name: live for name, live in readings.items() if isinstance(live, Live)}
        left = [c for name, live in lives.items() for c in known[name] if is_left_open(c, live)]
        ours = [c for c in left if (c.registry, c.subject) not in planned]
        restored = [c for c in ours if _restore(c, registries[c.registry], keeper)]
        gone = [c for name, live in lives.items() for c in known[name] if c.is_permanent and was_made(c, live)]
        undeleted = [c for c in gone if not _delete_for_good(c, registries[c.registry], keeper)]
    settled = {name: settle_intent(ledger.applied(name), known[name], live) for name, live in lives.items()}
    unread = [c for name, changes in known.items() if name not in lives for c in changes]
    still_open = [*unread, *undeleted, *(c for c in left if c not in restored)]
    outcomes = tuple(_make_outcome(change, lives, still_open, ledger) for change in intent.changes)
    _record(keeper, {**ledger.registries, **settled}, outcomes, source, intent, still_open)
    return Recovered(describe_holder(intent), outcomes, tuple((c.registry, c.subject or "") for c in restored))


def _record(
    keeper: LeaseKeeper,
    registries: Mapping[str, AppliedRegistry],
    outcomes: Sequence[ChangeOutcome],
    source: str,
    intent: Intent,
    still_open: Sequence[IntendedChange],
) -> None:
    keeper.raise_if_lost()
    environment = keeper.ledger.place.environment if keeper.ledger.place else ""
    made = sum(outcome.outcome == "applied" for outcome in outcomes)
    write_record(
        keeper.ledger,
        registries,
        outcomes,
        source=source,
        digest=intent.digest,
        headline=f"apply {environment}: a run that was cut off had made {made} of {len(outcomes)} changes",
        still_open=still_open,
    )


def _read(registry: SchemaRegistry, changes: Sequence[IntendedChange]) -> Live:
    """Read what the changes are about, with what the live schemas refer to."""
    names = sorted({change.subject for change in changes if change.subject is not None})
    live = Live(registry.read_state(names, modes_of=names), registry.capabilities)
    while missing := needed_references(names, live):
        live = live.with_histories({name: registry.read_history(name) for name in missing})
    return live


def _restore(change: IntendedChange, registry: SchemaRegistry, keeper: LeaseKeeper) -> bool:
    """Take a temporary mode back; whether it was done. Where it was not, the plan that follows says so and tries."""
    assert change.subject is not None  # a registry's own level is never temporary
    keeper.raise_if_lost()
    try:
        if change.restores_mode is None:
            registry.reset_compatibility(change.subject)
        else:
            registry.set_compatibility(change.subject, Mode(change.restores_mode))
    except RegistryError:
        return False
    return True


def _delete_for_good(change: IntendedChange, registry: SchemaRegistry, keeper: LeaseKeeper) -> bool:
    """Take the second step of a deletion for good, of which a reading shows the first only; whether it was done."""
    assert change.subject is not None  # a registry's own level is never deleted
    keeper.raise_if_lost()
    try:
        if change.versions:
            registry.delete_versions(change.subject, change.versions, permanent=True)
        else:
            registry.delete_subject(change.subject, permanent=True)
    except RegistryError:
        return False
    return True


def _group(changes: Iterable[IntendedChange]) -> dict[str, list[IntendedChange]]:
    grouped: dict[str, list[IntendedChange]] = {}
    for change in changes:
        grouped.setdefault(change.registry, []).append(change)
    return grouped


def _make_outcome(
    change: IntendedChange, lives: Mapping[str, Live], still_open: Collection[IntendedChange], ledger: Ledger
) -> ChangeOutcome:
    live = lives.get(change.registry)
    # Whose a subject was that is deleted, only the ledger tells.
    entry = change.entry or ledger.applied(change.registry).subjects.get(change.subject or "")
    is_made = live is not None and was_made(change, live)
    found = live.state.subjects.get(change.subject) if live and change.subject is not None else None
    latest = found.latest if found else None
    is_schema = change.version is not None or change.kind == "register_schema"
    return ChangeOutcome(
        change.kind,
        change.registry,
        change.subject,
        "applied" if is_made else (_OPEN if live is None else "failed"),
        latest.version if latest and is_made and is_schema else None,
        change.version,
        change.mode,
        entry.owner if entry else None,
        _explain(is_made, live is None, change in still_open),
        entry.location.file if entry else None,
    )


def _explain(is_made: bool, is_unread: bool, is_open: bool) -> str:
    if is_unread:
        return "the run was cut off, and the registry could not be read to find out"
    left = "; a step of it is left to be made" if is_open else ""
    return f"the run was cut off {'after' if is_made else 'before'} it{left}"
