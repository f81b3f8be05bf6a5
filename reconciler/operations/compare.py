"""``compare``: how two registries, or those of two environments, differ, by the names that Git has for subjects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

from reconciler.config import Config
from reconciler.errors import RegistryError, SchemaError, UsageError
from reconciler.federation import for_each, open_registries
from reconciler.model import Difference, LiveSubject, LiveVersion, Mode, Reference, Schema
from reconciler.operations.live_reading import read_histories
from reconciler.operations.places import choose_places, name_in_git
from reconciler.operations.settings import load_valid_config, resolve_registries
from reconciler.planner import Live, needed_references
from reconciler.planner.subjects import make_differences
from reconciler.registry import SchemaRegistry
from reconciler.render.words import count
from reconciler.schemas.resolved import SchemaSet

Progress = Callable[[str], None]


class Apart(StrEnum):
    """In what a subject differs between two registries."""

    MISSING_LEFT = "only right"
    MISSING_RIGHT = "only left"
    SCHEMA = "schema"
    MODE = "mode"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Side:
    """A subject in one registry: its name there, its latest version's number, and its mode (None: inherited)."""

    name: str
    version: int | None
    mode: Mode | None


@dataclass(frozen=True, slots=True)
class ComparedPair:
    """One subject that differs; ``differences`` lead from the left schema to the right one."""

    subject: str
    apart: tuple[Apart, ...]
    left: Side | None = None
    right: Side | None = None
    differences: tuple[Difference, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class RegistryComparison:
    """Two registries side by side; ``levels`` are their own modes, ``equal`` counts the subjects that do not differ."""

    left: str
    right: str
    levels: tuple[Mode | None, Mode | None]
    equal: int
    pairs: tuple[ComparedPair, ...]

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not self.pairs and self.levels[0] is self.levels[1]


@dataclass(frozen=True)
class _Read:
    """One registry as it was read: its subjects by the names that Git has for them."""

    live: Live
    names: Mapping[str, str]

    def find(self, subject: str) -> LiveSubject | None:
        live_name = self.names.get(subject)
        found = self.live.state.subjects.get(live_name) if live_name is not None else None
        return found if found and (found.latest or found.problem) else None


def compare_registries(
    root: Path, left: str, right: str, subject: str | None = None, on_progress: Progress = lambda text: None
) -> tuple[RegistryComparison, ...]:
    """Compare what two registries of schemafed.yaml hold: subjects, latest schemas, modes, and their own levels.

    Args:
        left: a registry, or an environment, whose registries are compared with those of the other in their order.
        right: likewise.
        subject: a glob over names.

    Raises:
        UsageError: there is no such registry or environment, or one environment has more registries than the other.
        RegistryError: one cannot be read.
    """
    config = load_valid_config(root)
    lefts, rights = (choose_places(config, name) for name in (left, right))
    if len(lefts) != len(rights):
        raise UsageError(
            f"{left} has {_count(lefts)}, and {right} has {_count(rights)}",
            fix="name the two registries that are to be compared",
        )
    names = dict.fromkeys(registry for registry, _ in (*lefts, *rights))
    on_progress(f"reading {' and '.join(names)}")
    with open_registries(resolve_registries(config, names, root)) as opened:
        answers = for_each(opened, lambda _, registry: _read(registry))
    for answer in answers.values():
        if isinstance(answer, RegistryError):
            raise answer
    on_progress("comparing")

    def named(place: tuple[str, str]) -> _Read:
        return _named(config, *place, answers[place[0]])

    def title(name: str, place: tuple[str, str]) -> str:
        return name if len(lefts) == 1 else f"{name}/{place[0]}"

    return tuple(
        _compare(title(left, one), title(right, other), named(one), named(other), subject or "*")
        for one, other in zip(lefts, rights, strict=True)
    )


def _count(places: Sequence[object]) -> str:
    return count(len(places), "registry", "registries")


def _read(registry: SchemaRegistry) -> Live:
    live = Live(registry.read_state(), registry.capabilities)
    while needed := needed_references(live.state.subjects, live):
        live = live.with_histories(read_histories(registry, needed))
    return live


def _named(config: Config, registry: str, environment: str, live: Live | RegistryError) -> _Read:
    assert isinstance(live, Live)  # whoever calls has raised what is an error
    return _Read(live, name_in_git(config, registry, environment, live.state.subjects))


def _compare(left: str, right: str, one: _Read, other: _Read, glob: str) -> RegistryComparison:
    ours, theirs = SchemaSet(one.live.find_schema), SchemaSet(other.live.find_schema)
    subjects = [name for name in sorted({*one.names, *other.names}) if fnmatchcase(name, glob)]
    compared = [_compare_subject(name, one, other, ours, theirs) for name in subjects]
    pairs = tuple(pair for pair in compared if pair and pair.apart)
    levels = (one.live.state.default_mode, other.live.state.default_mode)
    return RegistryComparison(left, right, levels, sum(pair is not None for pair in compared) - len(pairs), pairs)


def _compare_subject(name: str, one: _Read, other: _Read, ours: SchemaSet, theirs: SchemaSet) -> ComparedPair | None:
    """What of a subject differs; None where neither registry holds a version of it."""
    left, right = one.find(name), other.find(name)
    sides = (_make_side(left), _make_side(right))
    if left is None or right is None:
        missing = Apart.MISSING_RIGHT if left else Apart.MISSING_LEFT
        return ComparedPair(name, (missing,), *sides) if left or right else None
    problem = left.problem or right.problem
    if problem or not left.latest or not right.latest:
        return ComparedPair(name, (Apart.UNREADABLE,), *sides, problem=problem)
    mode = () if left.mode is right.mode else (Apart.MODE,)
    try:
        if _is_same(left.latest, right.latest, one, other, ours, theirs):
            return ComparedPair(name, mode, *sides)
        told = make_differences(left.latest.schema, ours, right.latest.schema, theirs)
    except SchemaError as error:
        return ComparedPair(name, (Apart.UNREADABLE, *mode), *sides, problem=error.message)
    return ComparedPair(name, (Apart.SCHEMA, *mode), *sides, differences=told)


def _is_same(
    left: LiveVersion, right: LiveVersion, one: _Read, other: _Read, ours: SchemaSet, theirs: SchemaSet
) -> bool:
    """Whether either registry would take the two for one schema, whatever numbers their references have."""
    if left.schema.format is not right.schema.format or left.schema.metadata != right.schema.metadata:
        return False
    if _references(left.schema, one) != _references(right.schema, other):
        return False
    dialects = {one.live.capabilities.dialect, other.live.capabilities.dialect}
    return any(ours.fingerprint(left.schema, each) == theirs.fingerprint(right.schema, each) for each in dialects)


def _references(schema: Schema, read: _Read) -> frozenset[tuple[str, str]]:
    known = {live: name for name, live in read.names.items()}
    return frozenset((r.name, known.get(r.subject, r.subject)) for r in _unversioned(schema.references))


def _unversioned(references: Iterable[Reference]) -> Iterable[Reference]:
    return (replace(reference, version=None) for reference in references)


def _make_side(subject: LiveSubject | None) -> Side | None:
    if subject is None:
        return None
    return Side(subject.name, subject.latest.version if subject.latest else None, subject.mode)
