"""Which commits, by whom, changed a subject in Git from one time that it was applied to the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.config import FILE_NAME, Config
from reconciler.ledger.history import SourceCommit
from reconciler.ledger.lineage import read_lineage
from reconciler.ledger.values import Record

_SIDECAR_ENDINGS = (".meta.yaml", ".meta.yml", ".yaml", ".yml")
_REACHED = frozenset({"applied", "noted"})

Brought = tuple[str, str, str | None]
"""A record's commit, and the registry and the subject that it is about."""


@dataclass(frozen=True, slots=True)
class Span:
    """Between which of the commits that were applied, by their place in that order, a subject's files are looked at.

    ``before`` None: it was not applied before. ``files`` are those that ever declared it, or its mode.
    """

    before: int | None
    after: int
    files: frozenset[str]


def find_authorship(
    root: Path, config: Config, records: Iterable[Record], wanted: Iterable[Brought]
) -> Mapping[Brought, tuple[SourceCommit, ...]]:
    """Find who changed subjects in Git between the record before, in which they were applied, and this one.

    Args:
        root: the folder that holds schemafed.yaml.
        config: its settings.
        records: all that there are, the newest first.
        wanted: what is asked for.

    Returns:
        the commits of each that is asked for, the newest first.
    """
    ordered = [(record, record.source) for record in records if record.source][::-1]
    spans = make_spans(record for record, _ in ordered)
    asked = {key: spans[key] for key in wanted if key in spans}
    files = {key: _with_sidecars(span.files) for key, span in asked.items()}
    every = frozenset(file for each in files.values() for file in each)
    if not every:
        return {}
    lineage = read_lineage(root, [source for _, source in ordered], every, {FILE_NAME, *config.paths})
    return {key: lineage.find_commits(files[key], span.before, span.after) for key, span in asked.items()}


def make_spans(records: Iterable[Record]) -> dict[Brought, Span]:
    """The span of every subject of every record; what failed counts for the next record too.

    Args:
        records: the oldest first.
    """
    spans: dict[Brought, Span] = {}
    reached: dict[tuple[str, str | None], int] = {}
    files: dict[tuple[str, str | None], frozenset[str]] = defaultdict(frozenset)
    for index, record in enumerate(records):
        left = {(o.registry, o.subject) for o in record.outcomes if o.outcome not in _REACHED}
        for outcome in record.outcomes:
            subject = outcome.registry, outcome.subject
            files[subject] |= {outcome.file} if outcome.file else set()
            spans[record.commit, *subject] = Span(reached.get(subject), index, files[subject])
        reached.update((subject, index) for subject in {(o.registry, o.subject) for o in record.outcomes} - left)
    return spans


def _with_sidecars(files: Iterable[str]) -> frozenset[str]:
    """Files, and what their sidecars could be called."""
    stems = {stem for file in files for stem in (file, file.rpartition(".")[0], _stem(file))}
    return frozenset(files) | {stem + ending for stem in stems for ending in _SIDECAR_ENDINGS if stem}


def _stem(file: str) -> str:
    return file.rpartition(".")[0].removesuffix(".schema")
