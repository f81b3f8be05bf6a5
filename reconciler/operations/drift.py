"""``drift``: what is live against what was applied, whatever Git wants by now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from reconciler.applied import AppliedRegistry
from reconciler.config import Config
from reconciler.errors import RegistryError, UsageError
from reconciler.federation import for_each, open_registries
from reconciler.ledger.history import SourceCommit, read_records, read_sources
from reconciler.ledger.loading import load_ledger
from reconciler.ledger.values import Ledger, Record
from reconciler.model import Finding
from reconciler.operations.live_reading import read_live, read_whole
from reconciler.operations.plan import check_ledger, unreadable
from reconciler.operations.progress import Progress, silent
from reconciler.operations.second_owner import count_interruptions
from reconciler.operations.settings import load_valid_config, resolve_registries
from reconciler.planner import Desired, Live
from reconciler.planner.drift import Drift, find_changed, find_drift, find_unmanaged
from reconciler.planner.settling import settle_intent
from reconciler.registry import SchemaRegistry
from reconciler.schemas.resolved import SchemaSet


@dataclass(frozen=True, slots=True)
class DriftRow:
    """One drift, and the record of the ledger by which the subject was applied last, with the commit that it came from.

    ``times`` is how often someone else wrote between two of our own writes before.
    """

    drift: Drift
    record: Record | None = None
    source: SourceCommit | None = None
    times: int = 0


@dataclass(frozen=True)
class Compared:
    """One registry as it was read, what was applied to it, and what that came to."""

    live: Live
    applied: AppliedRegistry
    drifts: tuple[Drift, ...]
    unmanaged: tuple[str, ...]


@dataclass(frozen=True)
class DriftReport:
    """All drift of an environment, the subjects that are nobody's, and the registries that could not be read.

    ``option`` is what names the environment in a command that is proposed, with a blank before it; empty for the
    default one. ``compared`` are the registries, by name, that were read.
    """

    environment: str
    rows: tuple[DriftRow, ...]
    unmanaged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    option: str = ""
    compared: Mapping[str, Compared] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_complete(self) -> bool:
        """Whether every registry could be read."""
        return not any(finding.blocks for finding in self.findings)


def load_drift(
    root: Path,
    *,
    environment: str | None = None,
    registry: str | None = None,
    subject: str | None = None,
    on_progress: Progress = silent,
) -> DriftReport:
    """Compare the registries of an environment with what was applied to them.

    Args:
        root: the folder that holds schemafed.yaml.
        environment: its name; None for the first one.
        registry: one registry only.
        subject: a glob over the names that subjects have in their registries.

    Raises:
        UsageError: the environment has no such registry.
        LedgerDamagedError: what was last applied cannot be trusted.
    """
    config = load_valid_config(root)
    name = config.select_environment(environment)
    names = _select(config, name, registry)
    ledger = load_ledger(root, config, name, on_progress)
    on_progress(f"reading {', '.join(names)}")
    with open_registries(resolve_registries(config, names, root)) as opened:
        answers = for_each(
            opened,
            lambda one, adapter: _compare(config.registries[one].kind, adapter, ledger, subject or "*", on_progress),
        )
    read = {one: answer for one, answer in answers.items() if isinstance(answer, Compared)}
    unread = [unreadable(one, error, read) for one, error in answers.items() if isinstance(error, RegistryError)]
    return DriftReport(
        name,
        _make_rows([drift for one in read.values() for drift in one.drifts], ledger, on_progress),
        {one: found.unmanaged for one, found in read.items()},
        (*check_ledger(ledger), *unread),
        config.type_environment(name),
        read,
    )


def _select(config: Config, environment: str, registry: str | None) -> Sequence[str]:
    names = list(dict.fromkeys(config.all_environments[environment].registries))
    if registry is not None and registry not in names:
        raise UsageError(
            f"environment {environment} has no registry {registry}", fix=f"its registries: {', '.join(names)}"
        )
    return [name for name in names if registry in (None, name)]


def _compare(kind: str, registry: SchemaRegistry, ledger: Ledger, glob: str, on_progress: Progress) -> Compared:
    recorded, unfinished = ledger.of_registry(registry.name)
    nothing = Desired(registry.name, kind, {}, SchemaSet(lambda reference: None))
    live = read_live(nothing, registry, recorded, unfinished, on_progress)
    applied = settle_intent(recorded, unfinished, live) if unfinished else recorded
    drifts = _find_drift(registry.name, applied, live, glob)
    if changed := find_changed(drifts):
        live = read_whole(live, registry, changed, on_progress)
        drifts = _find_drift(registry.name, applied, live, glob)
    unmanaged = tuple(name for name in find_unmanaged(applied, live) if fnmatchcase(name, glob))
    return Compared(live, applied, drifts, unmanaged)


def _find_drift(registry: str, applied: AppliedRegistry, live: Live, glob: str) -> tuple[Drift, ...]:
    return tuple(d for d in find_drift(registry, applied, live) if fnmatchcase(d.subject or "", glob))


def _make_rows(drifts: Iterable[Drift], ledger: Ledger, on_progress: Progress) -> tuple[DriftRow, ...]:
    """Tell for each drift who applied last; the history is read only where there is any."""
    drifts = list(drifts)
    if not drifts:
        return ()
    records = read_records(ledger, on_progress)
    last = {(d.registry, d.subject): _find_last(records, d) for d in drifts}
    commits = {r.source for r in last.values() if r and r.source}
    sources = read_sources(ledger, commits)
    return tuple(
        DriftRow(
            d,
            record := last[d.registry, d.subject],
            sources.get(record.source or "") if record else None,
            count_interruptions(records, d.registry, d.subject),
        )
        for d in drifts
    )


def _find_last(records: Iterable[Record], drift: Drift) -> Record | None:
    """The newest record in which the subject was applied, or found as declared."""
    for record in records:
        for outcome in record.outcomes:
            is_it = (outcome.registry, outcome.subject) == (drift.registry, drift.subject)
            if is_it and outcome.outcome in ("applied", "noted"):
                return record
    return None
