"""What a plan reads of one registry: as little as its questions need, several questions at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from reconciler.applied import AppliedRegistry, IntendedChange
from reconciler.errors import RejectedError, UnexpectedAnswerError
from reconciler.model import LiveVersion, Schema
from reconciler.planner import Comparison, Desired, Live, needed_references
from reconciler.planner.comparison import count_managed, find_absent
from reconciler.planner.rules import is_mass
from reconciler.registry import Dependant, IdentityProbe, SchemaRegistry

_READERS = 8
Given = TypeVar("Given")
Got = TypeVar("Got")


def read_live(
    desired: Desired, registry: SchemaRegistry, applied: AppliedRegistry, unfinished: Sequence[IntendedChange] = ()
) -> Live:
    """Read what a comparison needs of a registry.

    Modes are read for subjects that declare one or have one of ours; whoever judges a change of another subject reads
    that one's mode then. What an unfinished apply has touched, or an intended break has loosened, is read in any case.

    Args:
        unfinished: the changes of an apply that did not end, of this registry.
    """
    open_subjects = {c.subject for c in unfinished if c.subject is not None} | applied.loosened.keys()
    ours = [n for n in applied.subjects if desired.scope is None or n in desired.scope]
    modes = open_subjects | {n for n in ours if applied.subjects[n].mode is not None}
    modes |= {n for n, subject in desired.subjects.items() if subject.mode is not None and subject.manage}
    names = None if desired.scope is None else list(open_subjects.union(desired.subjects, ours))
    live = Live(registry.read_state(names, modes_of=modes), registry.capabilities)
    if names is None:
        live = _prove_absence(live, applied, registry, modes, is_sure=desired.rules.allows_mass_change)
    compared = desired.subjects.keys() | ours
    while needed := needed_references(compared, live):
        live = live.with_histories(read_histories(registry, needed))
    return live


def _prove_absence(
    live: Live, applied: AppliedRegistry, registry: SchemaRegistry, modes: set[str], *, is_sure: bool
) -> Live:
    """Ask by name for what was applied and is missing from a bulk read; not where so much is missing that the registry
    is likelier the wrong one, unless the run was told that it is not.
    """
    absent = [n for n, entry in applied.subjects.items() if n not in live.state.subjects and entry.version is not None]
    is_mistake = not is_sure and is_mass(len(find_absent(applied, live.state)), count_managed(applied))
    if not absent or is_mistake:
        return live
    return live.with_subjects(registry.read_state(absent, modes_of=modes.intersection(absent)).subjects)


def read_modes(live: Live, registry: SchemaRegistry, comparison: Comparison) -> Live:
    """Read the modes by which changes are judged where none is declared."""
    undeclared = [s.desired.name for s in comparison.subjects if s.is_changed and s.live and s.desired.mode is None]
    return live.with_subjects(registry.read_state(undeclared).subjects) if undeclared else live


def read_judged(live: Live, registry: SchemaRegistry, comparison: Comparison) -> Live:
    """Read the histories that the second pass needs, with what their versions refer to."""
    judged = comparison.needed_histories
    needed = judged - live.histories.keys()
    while needed:
        live = live.with_histories(read_histories(registry, needed))
        needed = needed_references((), live, judged)
    return live


def read_histories(registry: SchemaRegistry, subjects: frozenset[str]) -> dict[str, tuple[LiveVersion, ...]]:
    """Read the histories of some subjects, several at a time."""
    names = sorted(subjects)
    return dict(zip(names, side_by_side(registry.read_history, names), strict=True))


def read_dependants(registry: SchemaRegistry, subjects: frozenset[str]) -> dict[str, tuple[Dependant, ...]]:
    """Read who refers to some subjects, several at a time."""
    names = sorted(subjects)
    return dict(zip(names, side_by_side(registry.read_dependants, names), strict=True))


def find_known(comparison: Comparison, registry: SchemaRegistry) -> dict[str, int]:
    """By subject, the version under which the registry itself says that it holds the desired schema already."""
    if not isinstance(registry, IdentityProbe):
        return {}

    def find(changed: tuple[str, Schema]) -> tuple[str, int | None]:
        try:
            return changed[0], registry.find_version(*changed)
        except (RejectedError, UnexpectedAnswerError):
            # A registry that cannot even look for the schema will say so, with its reasons, when asked for its verdict.
            return changed[0], None

    found = side_by_side(find, comparison.doubtful.items())
    return {name: version for name, version in found if version is not None}


def side_by_side(ask: Callable[[Given], Got], questions: Iterable[Given]) -> list[Got]:
    """Put questions to a registry, several at a time; the answers in their order."""
    with ThreadPoolExecutor(_READERS, thread_name_prefix="ask") as threads:
        return list(threads.map(ask, questions))
