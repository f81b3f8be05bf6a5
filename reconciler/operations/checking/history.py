"""What each subject's schema was before, as Git tells it: the history that offline checks judge against."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from reconciler import git
from reconciler.config import FILE_NAME, Config
from reconciler.ledger.history import read_records
from reconciler.ledger.loading import load_ledger
from reconciler.ledger.values import Record
from reconciler.model import DesiredSubject, Dialect, Finding, Schema
from reconciler.repository import DesiredState
from reconciler.repository.past import PastFiles, Step, make_tree_before, walk_back
from reconciler.repository.revisions import TreeEntry, load_state_of, read_contents, read_tree_at
from reconciler.schemas import Parsed
from reconciler.schemas.resolved import SchemaSet

_APPLIED = frozenset({"applied", "noted", "unknown"})
"""Outcomes after which a registry may hold the schema."""


@dataclass(frozen=True)
class PastSchema:
    """A schema that a subject had; ``commit`` is the newest commit of the history that still had it."""

    commit: str
    subject: DesiredSubject
    schemas: SchemaSet = field(repr=False, compare=False)

    @property
    def schema(self) -> Schema:
        """What it was."""
        return self.subject.schema


@dataclass(frozen=True, slots=True)
class UnreadablePast:
    """A state of a subject that cannot be judged against, and why; ``commit`` is the newest that still had it."""

    commit: str
    finding: Finding

    @property
    def may_be_applied(self) -> bool:
        """Whether somebody could read it: a file that LFS keeps is there in the clone of whoever fetched it."""
        return self.finding.code == "SCHEMA_IN_LFS"


@dataclass(frozen=True)
class Histories:
    """By subject, its distinct schemas, the oldest first, and the states of it that could not be read."""

    schemas: Mapping[str, tuple[PastSchema, ...]] = field(default_factory=dict)
    unreadable: Mapping[str, tuple[UnreadablePast, ...]] = field(default_factory=dict)


_Reached = TypeVar("_Reached", bound=PastSchema | UnreadablePast)


@dataclass(frozen=True)
class Past:
    """What a change is judged against: the base's commit, what it declared, its files, and the commits up to it.

    ``before`` is None where nothing was declared. ``read_steps`` is called where a history is needed.
    """

    root: Path
    config: Config
    commit: str
    before: DesiredState | None
    tree: Mapping[str, TreeEntry] = field(repr=False)
    read_steps: Callable[[], Sequence[Step]] = field(repr=False)

    def find_unreadable(self, name: str, head: DesiredState) -> UnreadablePast | None:
        """Why the base does not have a subject of now, where it has one of its files, which cannot be read."""
        if self.before is None or name in self.before.subjects:
            return None
        finding = find_blocking(self.before, head.find_files([name]))
        return UnreadablePast(self.commit, finding) if finding else None


def read_past_schemas(past: Past, head: DesiredState, names: Collection[str]) -> Histories:
    """Read the distinct schemas of some subjects along the first-parent history of a commit, itself included.

    Where the clone has a ledger, schemas are left out that it shows were never applied.

    Args:
        past: the commit, and what it declares.
        head: what is declared now, for subjects that were not there at the commit and may have been before.
        names: the subjects.
    """
    before = past.before
    known = before.subjects if before else {}
    files = {n: (before if before and n in known else head).find_files([n]) for n in names}
    found: dict[str, list[PastSchema | UnreadablePast]] = {
        n: [PastSchema(past.commit, known[n], before.schemas)] for n in names if before and n in known
    }
    found |= {n: [unreadable] for n in names if (unreadable := past.find_unreadable(n, head))}
    order = git.run(past.root, "rev-list", "--first-parent", past.commit).decode().split()
    # Before the first commit there was nothing.
    parents = dict(pairwise(order))
    for reached, state in _read_states(past, head.environment, files, parents):
        for name in reached.subjects:
            if each := _make_reached(name, parents[reached.until], state, reached):
                found.setdefault(name, []).append(each)
    applied = _read_applied(past.root, past.config, head)
    positions = {commit: index for index, commit in enumerate(order)}
    kept = {name: select_applied(each[::-1], applied.get(name, ()), positions) for name, each in found.items()}
    return Histories(
        {name: select_distinct(p for p in each if isinstance(p, PastSchema)) for name, each in kept.items()},
        {name: tuple(p for p in each if isinstance(p, UnreadablePast)) for name, each in kept.items()},
    )


def _read_states(
    past: Past, environment: str, files: Mapping[str, Collection[str]], parents: Mapping[str, str]
) -> Iterator[tuple[PastFiles, DesiredState]]:
    """Load what was declared of some subjects before each commit that changed their files, the newest first."""
    steps = past.read_steps()
    configuration = (past.root / FILE_NAME).read_bytes()
    reached = [each for each in walk_back(past.tree, steps, files) if each.until in parents]
    contents = read_contents(past.root, (entry for each in reached for entry in each.files.values()))
    loaded: dict[object, DesiredState] = {}
    for each in reached:
        key = (each.subjects, tuple(each.files.items()))
        if key not in loaded:
            state = load_state_of(past.root, each.files, environment, configuration, contents)
            if not each.subjects <= state.subjects.keys() and any(f.blocks for f in state.findings):
                # They used a file that is not among theirs any more.
                whole = make_tree_before(past.tree, steps, each.until)
                state = load_state_of(past.root, whole, environment, configuration)
            if not each.subjects <= state.subjects.keys() and any(f.blocks for f in state.findings):
                # What was pinned outside of the configured folders is not there any more.
                whole = read_tree_at(past.root, parents[each.until], past.config.paths)
                state = load_state_of(past.root, whole, environment, configuration)
            loaded[key] = state
        yield each, loaded[key]


def _make_reached(name: str, commit: str, state: DesiredState, past: PastFiles) -> PastSchema | UnreadablePast | None:
    """What a subject was at a commit; None where it was not there, or was called otherwise."""
    if name in state.subjects:
        return PastSchema(commit, state.subjects[name], state.schemas)
    finding = find_blocking(state, past.files)
    return UnreadablePast(commit, finding) if finding else None


def find_blocking(state: DesiredState, files: Collection[str]) -> Finding | None:
    """The first finding of some files that may be why their subjects are not there."""
    return next((f for f in state.findings if f.blocks and f.location and f.location.file in files), None)


def select_distinct(reached: Iterable[PastSchema]) -> tuple[PastSchema, ...]:
    """The schemas that differ, each where it came last; in the order that is given."""
    found: dict[object, PastSchema] = {}
    for past in reached:
        key = make_identity(past.schema, past.schemas)
        found.pop(key, None)
        found[key] = past
    return tuple(found.values())


def make_identity(schema: Schema, schemas: SchemaSet) -> object:
    """What tells a schema from others: its content, and that of everything that it uses."""
    return schema.format, schemas.canonical(schema, Dialect.CONFLUENT), _make_texts(schemas.parsed(schema))


def _make_texts(parsed: Parsed) -> object:
    used = parsed.dependencies
    return tuple((name, used[name].document.definition, _make_texts(used[name])) for name in sorted(used))


def select_applied(
    reached: Sequence[_Reached], applied: Collection[str], positions: Mapping[str, int]
) -> list[_Reached]:
    """Leave out the schemas that Git had between two applies of the subject, and that neither of them saw.

    Args:
        reached: the oldest first.
        applied: the commits from which the subject was applied.
        positions: of commits in the first-parent history, 0 the newest. An apply from a commit that is not in it tells
            nothing, so then everything is kept.
    """
    if not applied or not all(commit in positions for commit in applied):
        return list(reached)
    places = [positions[commit] for commit in applied]
    kept = []
    oldest = len(positions)
    for past in reached:
        newest = positions[past.commit]
        is_seen = any(newest <= place <= oldest for place in places)
        is_between = any(place < newest for place in places) and any(place > oldest for place in places)
        if is_seen or not is_between:
            kept.append(past)
        oldest = newest - 1
    return kept


def _read_applied(root: Path, config: Config, state: DesiredState) -> dict[str, frozenset[str]]:
    """By subject, the commits from which it was applied to every registry that the clone's own ledger tells of."""
    ledger = load_ledger(root, config, state.environment, asks_remote=False)
    return make_applied(read_records(ledger), state)


def make_applied(records: Iterable[Record], state: DesiredState) -> dict[str, frozenset[str]]:
    """By subject, the commits from which it was applied; nothing of subjects that go to several registries."""
    names = {(r.name, live): name for r in state.registries.values() for name, live in r.names.items()}
    found: dict[str, set[str]] = {}
    for record in records:
        for outcome in record.outcomes:
            name = names.get((outcome.registry, outcome.subject or ""))
            if name and record.source and outcome.outcome in _APPLIED:
                found.setdefault(name, set()).add(record.source)
    shared = {name for name in found if sum(name in r.names for r in state.registries.values()) > 1}
    return {name: frozenset(commits) for name, commits in found.items() if name not in shared}
