"""Every subject that a change touches, judged against what Git knows of its past."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from reconciler.config import Config
from reconciler.errors import ConfigurationError
from reconciler.model import DesiredSubject, Dialect, Finding, Mode, Severity, Source, Verdict
from reconciler.operations.checking.history import (
    Histories,
    Past,
    PastSchema,
    UnreadablePast,
    make_identity,
    read_past_schemas,
)
from reconciler.operations.checking.verdicts import find_modes, judge_subject
from reconciler.operations.fetching import WHOLE_HISTORY, deepen
from reconciler.planner.waivers import settle_waivers
from reconciler.plugins import open_registry
from reconciler.registry import RegistrySettings
from reconciler.repository import DesiredState


@dataclass
class JudgedAll:
    """What came of all subjects: verdicts by subject, findings, and the commits that numbers of versions stand for."""

    verdicts: dict[str, tuple[Verdict, ...]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    known: list[Finding] = field(default_factory=list)
    commits: dict[str, tuple[str, ...]] = field(default_factory=dict)


def judge_all(names: Sequence[str], head: DesiredState, past: Past, on_progress: Callable[[str], None]) -> JudgedAll:
    """Judge subjects that a change adds or changes, each against the versions that its mode demands.

    Args:
        names: the subjects.
        head: what the change declares.
        past: what it is judged against.
        on_progress: told what takes time.
    """
    judged = JudgedAll()
    changed = [name for name in names if _has_new_schema(name, head, past.before)]
    modes = {name: find_modes(head.subjects[name], head, past.before) for name in changed}
    counts_all = {name for name in changed if any(mode.is_transitive for mode in modes[name])}
    # What the base cannot show, the last one that can be read must.
    hidden = {name for name in changed if modes[name] != {Mode.NONE} and past.find_unreadable(name, head)}
    long = [name for name in changed if name in counts_all or name in hidden]
    is_whole = not long or deepen(past.root, on_progress)
    histories = _read_histories(long, head, past, on_progress)
    dialects = {name: choose_dialect(past.config, name, past.root) for name in head.registries}
    today = datetime.now(UTC).date().isoformat()
    for name in changed:
        subject = head.subjects[name]
        history = histories.schemas.get(name, ()) if name in long else _only_base(name, past)
        made = judge_subject(subject, head, past.before, history, dialects, today)
        judged.verdicts[name] = made.verdicts
        judged.commits[name] = tuple(p.commit for p in history)
        judged.findings += [f for f in made.findings if f.severity is not Severity.INFO]
        judged.known += made.known
        if name in long and not is_whole:
            judged.findings.append(_incomplete(subject, len(history)))
        counted = [u for u in histories.unreadable.get(name, ()) if name in counts_all or u.may_be_applied]
        unreadable = [_make_unreadable(subject, each) for each in counted]
        judged.findings += settle_waivers(subject, "", unreadable, today).findings if unreadable else ()
    return judged


def choose_dialect(config: Config, registry: str, root: Path) -> Dialect:
    """Whose rules a registry judges by, as far as its settings tell without their secrets; Confluent's otherwise."""
    entry = config.registries[registry]
    try:
        opened = open_registry(RegistrySettings(registry, entry.kind, root, entry.options))
    except ConfigurationError:
        # What is wrong with an adapter's options is told where the registry is asked.
        return Dialect.CONFLUENT
    try:
        return opened.capabilities.dialect
    finally:
        opened.close()


def _has_new_schema(name: str, head: DesiredState, before: DesiredState | None) -> bool:
    old = before.subjects.get(name) if before else None
    if old is None or before is None:
        return True
    return make_identity(old.schema, before.schemas) != make_identity(head.subjects[name].schema, head.schemas)


def _read_histories(
    names: Collection[str], head: DesiredState, past: Past, on_progress: Callable[[str], None]
) -> Histories:
    if not names:
        return Histories()
    on_progress("reading what Git had before")
    return read_past_schemas(past, head, names)


def _only_base(name: str, past: Past) -> tuple[PastSchema, ...]:
    before = past.before
    if before is None or name not in before.subjects:
        return ()
    return (PastSchema(past.commit, before.subjects[name], before.schemas),)


def _make_unreadable(subject: DesiredSubject, past: UnreadablePast) -> Finding:
    at = past.finding.location
    file = at.file if at else subject.location.file
    return Finding(
        "HISTORY_INCOMPLETE",
        Severity.ERROR,
        Source.COMPATIBILITY,
        f"{file} cannot be read as it was at commit {past.commit[:12]}, and the mode counts it: {past.finding.message}",
        subject=subject.name,
        location=subject.location,
        fix="if it was never applied, fetch the ledger, which says so: "
        "`git fetch origin 'refs/schemafed/*:refs/schemafed/*'`; else declare a waiver of HISTORY_INCOMPLETE",
    )


def _incomplete(subject: DesiredSubject, seen: int) -> Finding:
    versions = "1 earlier version was" if seen == 1 else f"{seen} earlier versions were"
    return Finding(
        "HISTORY_INCOMPLETE",
        Severity.ERROR,
        Source.COMPATIBILITY,
        f"this clone is shallow and could not be deepened, so only {versions} seen, and the mode counts all",
        subject=subject.name,
        location=subject.location,
        fix=WHOLE_HISTORY,
    )
