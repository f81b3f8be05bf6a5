"""``history``: who changed what in Git, when it reached which registry, with which outcome, by which run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from reconciler.errors import UsageError
from reconciler.ledger.history import SourceCommit, read_records, read_sources
from reconciler.ledger.loading import load_ledger
from reconciler.ledger.values import ChangeOutcome, Record, RecordKind
from reconciler.operations.authorship import Brought, find_authorship
from reconciler.operations.settings import load_valid_config
from reconciler.render.csv_table import write_table

FORMAT_VERSION = 1
"""Counts up when a reader of an older document would misunderstand a newer one."""
_TOLD = frozenset({RecordKind.RECORD, RecordKind.UNLOCK, RecordKind.RELEASE})
"""The others are steps of a run; what it came to is in its record."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the history is asked for; ``since`` and ``until`` are moments, both included."""

    subject: str | None = None
    owner: str | None = None
    registry: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether single changes are asked for, not whole runs."""
        return any((self.subject, self.owner, self.registry))

    def includes(self, outcome: ChangeOutcome) -> bool:
        """Whether a change is asked for."""
        return (
            (self.subject is None or fnmatchcase(outcome.subject or "", self.subject))
            and self.owner in (None, outcome.owner)
            and self.registry in (None, outcome.registry)
        )

    def includes_moment(self, when: datetime) -> bool:
        """Whether a time is asked for."""
        return (self.since is None or when >= self.since) and (self.until is None or when <= self.until)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of one run: what Git had, what the registry got, and who did it.

    ``source`` is the commit that was applied, ``author`` who wrote it; ``record`` the commit of the ledger, ``who``
    whoever ran it, ``approved_by`` the approvals that the run rested on. A run without changes has one row without a
    ``kind``. ``settings`` are those that were set, as JSON. ``commits`` are those that changed the subject's files
    since it was applied before, the newest first.
    """

    when: datetime
    environment: str
    registry: str | None
    subject: str | None
    kind: str | None
    outcome: str | None
    version: int | None
    before: int | None
    mode: str | None
    owner: str | None
    file: str | None
    message: str | None
    source: str | None
    author: str | None
    commit_subject: str | None
    who: str
    run_url: str | None
    digest: str | None
    headline: str
    record: str
    approved_by: str | None = None
    settings: str | None = None
    commits: tuple[SourceCommit, ...] = ()

    @property
    def authors(self) -> tuple[str, ...]:
        """Who wrote the commits, each once."""
        return tuple(dict.fromkeys(commit.author for commit in self.commits))

    def document(self) -> dict[str, Any]:
        """The row as a JSON document."""
        return {**asdict(self), "when": self.when.isoformat()}

    def cells(self) -> dict[str, Any]:
        """The row as cells of a table."""
        commits = " ".join(commit.commit for commit in self.commits)
        return {**self.document(), "commits": commits, "authors": "; ".join(self.authors)}


@dataclass(frozen=True, slots=True)
class History:
    """What is recorded of an environment, the newest first."""

    environment: str
    rows: tuple[HistoryRow, ...]
    stale_because: str | None = None

    def document(self) -> dict[str, Any]:
        """The history as a JSON document."""
        rows = [row.document() for row in self.rows]
        return {"version": FORMAT_VERSION, "environment": self.environment, "changes": rows}

    def table(self) -> str:
        """The history as CSV, a line a change, with a heading."""
        names = [*(field.name for field in fields(HistoryRow)), "authors"]
        return write_table(names, (row.cells() for row in self.rows))


def load_history(
    root: Path,
    environment: str | None,
    wanted: Wanted,
    on_progress: Callable[[str], None] = lambda text: None,
) -> History:
    """Load what happened in an environment.

    Args:
        root: the folder that holds schemafed.yaml.
        environment: its name; None for the first one.
        wanted: the part that is asked for.

    Raises:
        LedgerError: the ledger cannot be read.
        ConfigurationError, UsageError: the settings are not usable.
    """
    config = load_valid_config(root)
    ledger = load_ledger(root, config, name := config.select_environment(environment), on_progress)
    records = [record for record in read_records(ledger, on_progress) if record.kind in _TOLD]
    told = [record for record in records if wanted.includes_moment(record.when)]
    keys = [(r.commit, o.registry, o.subject) for r in told for o in r.outcomes if wanted.includes(o)]
    sources = read_sources(ledger, (r.source for r in told if r.source))
    past = _Past(sources, find_authorship(root, config, records, keys))
    rows = tuple(row for record in told for row in _make_rows(record, wanted, past))
    return History(name, rows, ledger.stale_because)


def resolve_moment(text: str, *, ends: bool = False, now: datetime | None = None) -> datetime:
    """A moment that a user wrote: ``2026-11-30``, ``2026-11-30T14:05``, or an age such as ``7d`` or ``12h``.

    Args:
        ends: a day alone means its end.
        now: the present time, which ages count from.

    Raises:
        UsageError: it is none of these.
    """
    unit = {"d": "days", "h": "hours", "w": "weeks", "m": "minutes"}.get(text[-1:])
    if unit and text[:-1].isdigit():
        return (now or datetime.now(UTC)) - timedelta(**{unit: int(text[:-1])})
    try:
        if len(text) == len("2026-11-30"):
            return datetime.combine(date.fromisoformat(text), time.max if ends else time.min, UTC)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"`{text}` is no date", fix="write 2026-11-30, 2026-11-30T14:05, 12h, 7d or 2w") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Past:
    """What Git knows of commits that were applied, and of those that changed what a record is about."""

    sources: Mapping[str, SourceCommit]
    commits: Mapping[Brought, tuple[SourceCommit, ...]]


def _make_rows(record: Record, wanted: Wanted, past: _Past) -> Iterator[HistoryRow]:
    outcomes = [outcome for outcome in record.outcomes if wanted.includes(outcome)]
    if not outcomes and not wanted.is_narrow and not record.outcomes:
        yield _make_row(record, None, past)
    yield from (_make_row(record, outcome, past) for outcome in outcomes)


def _make_row(record: Record, outcome: ChangeOutcome | None, past: _Past) -> HistoryRow:
    source = past.sources.get(record.source or "")
    return HistoryRow(
        when=record.when,
        environment=record.environment,
        registry=outcome.registry if outcome else None,
        subject=outcome.subject if outcome else None,
        kind=outcome.kind if outcome else None,
        outcome=outcome.outcome if outcome else None,
        version=outcome.version if outcome else None,
        before=outcome.before if outcome else None,
        mode=outcome.mode if outcome else None,
        owner=outcome.owner if outcome else None,
        file=outcome.file if outcome else None,
        message=outcome.message if outcome else None,
        source=record.source,
        author=source.author if source else None,
        commit_subject=source.subject if source else None,
        who=record.who,
        run_url=record.run_url,
        digest=record.digest,
        headline=record.headline,
        record=record.commit,
        settings=json.dumps(outcome.settings, sort_keys=True) if outcome and outcome.settings else None,
        approved_by=_describe_approvals(record),
        commits=past.commits.get((record.commit, outcome.registry, outcome.subject), ()) if outcome else (),
    )


def _describe_approvals(record: Record) -> str | None:
    told = dict.fromkeys(f"{a.by} (pull request {a.pull_request}, {a.rule})" for a in record.approvals)
    return "; ".join(told) or None
