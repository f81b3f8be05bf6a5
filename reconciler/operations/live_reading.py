"""What a plan reads of one registry: as little as its questions need, several questions at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reconciler.applied import AppliedRegistry, IntendedChange
from reconciler.errors import RejectedError, UnexpectedAnswerError
from reconciler.federation import asking_threads
from reconciler.model import AppliedSubject, LiveState, LiveVersion, Schema
from reconciler.operations.progress import Progress, silent
from reconciler.planner import Comparison, Desired, Live, needed_references
from reconciler.planner.comparison import count_managed, find_absent
from reconciler.planner.rules import is_mass
from reconciler.registry import Dependant, IdentityProbe, SchemaRegistry, SettingsKeeper

_READERS = 8
_FEW = 100
"""Subjects that are read again by name, rather than all of them at once."""
Given = TypeVar("Given")
Got = TypeVar("Got")


@dataclass(frozen=True)
class BulkReading:
    """A registry as it was found before what is desired was known: all subjects, with the modes of some."""

    state: LiveState
    modes: frozenset[str]


def read_in_bulk(
    registry: SchemaRegistry, applied: AppliedRegistry, unfinished: Sequence[IntendedChange] = ()
) -> BulkReading:
    """Read all subjects, and the modes that any comparison asks for; arguments as below."""
    modes = frozenset(_find_open(applied, unfinished).union(_find_moded(applied, applied.subjects)))
    return BulkReading(registry.read_state(modes_of=modes), modes)


def read_live(
    desired: Desired,
    registry: SchemaRegistry,
    applied: AppliedRegistry,
    unfinished: Sequence[IntendedChange] = (),
    on_progress: Progress = silent,
    known: BulkReading | None = None,
) -> Live:
    """Read what a comparison needs of a registry.

    Modes are read for subjects that declare one or have one of ours; whoever judges a change of another subject reads
    that one's mode then. What an unfinished apply has touched, or an intended break has loosened, is read in any case.

    Args:
        unfinished: the changes of an apply that did not end, of this registry.
        on_progress: told how many of the histories are read.
        known: the registry as it was found before; left aside where not all of it is compared.
    """
    open_subjects = _find_open(applied, unfinished)
    ours = [n for n in applied.subjects if desired.scope is None or n in desired.scope]
    modes = open_subjects.union(_find_moded(applied, ours))
    modes |= {n for n, subject in desired.subjects.items() if subject.mode is not None and subject.manage}
    names = None if desired.scope is None else list(open_subjects.union(desired.subjects, ours))
    further = (modes - known.modes).intersection(known.state.subjects) if known and names is None else None
    if known and further is not None and len(further) <= _FEW:
        live = _read_further(Live(known.state, registry.capabilities), registry, further)
    else:
        live = Live(registry.read_state(names, modes_of=modes), registry.capabilities)
    if names is None:
        live = _prove_absence(live, applied, registry, modes, is_sure=desired.rules.allows_mass_change)
    live = read_settings(live, registry, _find_set(desired, applied, ours, unfinished))
    compared = desired.subjects.keys() | ours
    pins = [r for s in desired.subjects.values() for r in s.schema.references if r.version is not None]
    while needed := needed_references(compared, live, pins=pins):
        live = live.with_histories(read_histories(registry, needed, on_progress))
    return live


def _find_open(applied: AppliedRegistry, unfinished: Iterable[IntendedChange]) -> set[str]:
    """What an unfinished apply has touched, or an intended break has loosened."""
    return {c.subject for c in unfinished if c.subject is not None} | applied.loosened.keys()


def _find_moded(applied: AppliedRegistry, subjects: Iterable[str]) -> Iterator[str]:
    """Those of the subjects of which we had set a mode."""
    return (name for name in subjects if applied.subjects[name].mode is not None)


def _find_set(
    desired: Desired, applied: AppliedRegistry, ours: Iterable[str], unfinished: Iterable[IntendedChange]
) -> set[str | None]:
    """The subjects of which settings are declared, ours or intended; None for the registry itself."""
    found: set[str | None] = {n for n, subject in desired.subjects.items() if subject.settings and subject.manage}
    found.update(n for n in ours if applied.subjects[n].settings)
    found.update(change.subject for change in unfinished if change.settings)
    return found | ({None} if desired.settings or applied.settings else set())


def read_settings(live: Live, registry: SchemaRegistry, subjects: Collection[str | None]) -> Live:
    """Read the settings of some subjects that are there, and with None those of the registry itself."""
    present = {name for name in subjects if name is None or name in live.state.subjects}
    if not present or not isinstance(registry, SettingsKeeper):
        return live
    return live.with_settings(registry.read_settings(present))


def read_written_settings(live: Live, registry: SchemaRegistry, comparison: Comparison) -> Live:
    """Read the settings that may keep the registry from taking what the second pass will write."""
    if not any(s.is_changed for s in comparison.subjects) and not comparison.written:
        return live
    kinds = (*registry.capabilities.settings.values(), *registry.capabilities.registry_settings.values())
    if not any(kind.closing for kind in kinds):
        return live
    return read_settings(live, registry, comparison.written | {None})


def _prove_absence(
    live: Live, applied: AppliedRegistry, registry: SchemaRegistry, modes: set[str], *, is_sure: bool
) -> Live:
    """Ask by name for what was applied and is missing from a bulk read; not where so much is missing that the registry
    is likelier the wrong one, unless the run was told that it is not.
    """
    absent = [n for n, entry in applied.subjects.items() if n not in live.state.subjects and _was_written(entry)]
    is_mistake = not is_sure and is_mass(len(find_absent(applied, live.state)), count_managed(applied))
    if not absent or is_mistake:
        return live
    return live.with_subjects(registry.read_state(absent, modes_of=modes.intersection(absent)).subjects)


def _was_written(entry: AppliedSubject) -> bool:
    """Whether something of ours may be in the registry: a schema, or a mode where the schema was refused."""
    return entry.version is not None or entry.mode is not None


def read_modes(live: Live, registry: SchemaRegistry, comparison: Comparison) -> Live:
    """Read the modes by which changes are judged where none is declared."""
    undeclared = [s.desired.name for s in comparison.subjects if s.is_changed and s.live and s.desired.mode is None]
    return _read_further(live, registry, undeclared)


def _read_further(live: Live, registry: SchemaRegistry, subjects: Iterable[str]) -> Live:
    """Read some subjects again, of those that are there and could be read, with their modes."""
    there = live.state.subjects
    present = [name for name in subjects if name in there and there[name].problem is None]
    return live.with_subjects(registry.read_state(present, modes_of=present).subjects) if present else live


def read_whole(live: Live, registry: SchemaRegistry, subjects: frozenset[str], on_progress: Progress = silent) -> Live:
    """Read the histories of some subjects, with what their versions refer to."""
    needed = subjects - live.histories.keys()
    while needed:
        live = live.with_histories(read_histories(registry, needed, on_progress))
        needed = needed_references((), live, subjects)
    return live


def read_histories(
    registry: SchemaRegistry, subjects: frozenset[str], on_progress: Progress = silent
) -> dict[str, tuple[LiveVersion, ...]]:
    """Read the histories of some subjects, several at a time."""
    names, what = sorted(subjects), f"reading histories of {registry.name}"
    return dict(zip(names, side_by_side(registry.read_history, names, what, on_progress), strict=True))


def read_dependants(
    registry: SchemaRegistry, subjects: frozenset[str], on_progress: Progress = silent
) -> dict[str, tuple[Dependant, ...]]:
    """Read who refers to some subjects, several at a time."""
    names, what = sorted(subjects), f"asking {registry.name} what refers to what goes"
    return dict(zip(names, side_by_side(registry.read_dependants, names, what, on_progress), strict=True))


def find_known(comparison: Comparison, registry: SchemaRegistry, on_progress: Progress = silent) -> dict[str, int]:
    """By subject, the version under which the registry itself says that it holds the desired schema already."""
    if not isinstance(registry, IdentityProbe):
        return {}

    def find(changed: tuple[str, Schema]) -> tuple[str, int | None]:
        try:
            return changed[0], registry.find_version(*changed)
        except (RejectedError, UnexpectedAnswerError):
            # A registry that cannot even look for the schema will say so, with its reasons, when asked for its verdict.
            return changed[0], None

    found = side_by_side(find, comparison.doubtful.items(), f"looking schemas up in {registry.name}", on_progress)
    return {name: version for name, version in found if version is not None}


def side_by_side(
    ask: Callable[[Given], Got], questions: Iterable[Given], what: str, on_progress: Progress
) -> list[Got]:
    """Put questions to a registry, several at a time; the answers in their order.

    Args:
        what: is being asked, in words.
        on_progress: told how many are answered.
    """
    asked = list(questions)
    answers: list[Got] = []
    with asking_threads(_READERS, "ask") as threads:
        for answer in threads.map(ask, asked):
            answers.append(answer)
            on_progress(what, len(answers), len(asked))
    return answers
