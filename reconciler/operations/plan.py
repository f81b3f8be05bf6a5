"""``plan``: what each registry would get."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from reconciler import git, planfile
from reconciler.config import make_configuration_digest
from reconciler.errors import RegistryError, RejectedError, UnexpectedAnswerError
from reconciler.federation import for_each, open_registries
from reconciler.model import (
    REGISTRY_UNREADABLE,
    Finding,
    LiveState,
    LiveVersion,
    Mode,
    Plan,
    RegisterSchema,
    Schema,
    Severity,
    Source,
    Verdict,
)
from reconciler.operations.scope import Scope, make_desired
from reconciler.operations.settings import load_valid_config, raise_if_invalid, resolve_registries
from reconciler.planner import (
    Comparison,
    Desired,
    Live,
    RegistryPart,
    compare,
    make_plan,
    needed_references,
    plan_registry,
    questions_for_registries,
    settle_verdicts,
)
from reconciler.registry import IdentityProbe, SchemaRegistry, VerdictProbe
from reconciler.repository import DesiredState, load_desired_state

Progress = Callable[[str], None]
"""Called with one sentence as each step of a long run begins."""

_READERS = 8
Given = TypeVar("Given")
Got = TypeVar("Got")


@dataclass(frozen=True)
class Planned:
    """A plan, and the desired state that it was made from."""

    plan: Plan
    desired: DesiredState


def plan(root: Path, scope: Scope, on_progress: Progress = lambda text: None) -> Planned:
    """Compare the desired state with the registries in scope.

    Args:
        root: the repository's root.
        scope: environment, and a part of its registries and subjects.
        on_progress: told what is being done.

    Raises:
        InvalidRepositoryError: the desired state has findings that block; no registry was asked.
        ConfigurationError, UsageError: the settings or the scope are not usable.
    """
    # Git works in processes of its own, while this one reads.
    with ThreadPoolExecutor(1, thread_name_prefix="git") as threads:
        commit = threads.submit(git.describe_commit, root)
        on_progress("reading the repository")
        state = load_desired_state(root, scope.environment)
        raise_if_invalid(state.findings)
        made = _plan_all(root, scope, state, on_progress, commit.result)
    return Planned(planfile.with_digest(made), state)


def _plan_all(
    root: Path, scope: Scope, state: DesiredState, on_progress: Progress, describe_commit: Callable[[], str | None]
) -> Plan:
    desired = make_desired(state, scope)
    config = load_valid_config(root)
    on_progress(f"reading {', '.join(desired)}")
    with open_registries(resolve_registries(config, desired, root)) as registries:
        answers = for_each(
            registries, lambda name, registry: _plan_one(desired[name], registry, is_whole=scope.subject is None)
        )
        made = make_plan(
            state.environment,
            [part for part in answers.values() if isinstance(part, RegistryPart)],
            [*state.findings, *(unreadable(n, e) for n, e in answers.items() if isinstance(e, RegistryError))],
            configuration=make_configuration_digest(config, state.environment),
            commit=describe_commit(),
        )
        return settle_verdicts(made, _probe_all(made, registries), _refusing(registries))


def unreadable(name: str, error: RegistryError) -> Finding:
    """A registry that could not be read: its part of the plan, and so the plan, cannot be applied."""
    return Finding(
        code=REGISTRY_UNREADABLE,
        severity=Severity.ERROR,
        source=Source.REGISTRY,
        registry=name,
        subject=error.subject,
        message=str(error),
        fix=error.fix or "plan the others meanwhile with --registry",
    )


def _plan_one(desired: Desired, registry: SchemaRegistry, *, is_whole: bool) -> RegistryPart:
    live = read_live(desired, registry, is_whole=is_whole)
    comparison = compare(desired, live)
    same = _find_same(comparison, live, registry)
    if same:
        comparison = compare(desired, live, same)
    undeclared = [s.desired.name for s in comparison.subjects if s.is_changed and s.live and s.desired.mode is None]
    if undeclared:
        live = _with_modes(live, registry.read_state(undeclared))
        comparison = compare(desired, live, same)
    live = live.with_histories(read_histories(registry, comparison.needed_histories - live.histories.keys()))
    return plan_registry(comparison, live)


def read_live(desired: Desired, registry: SchemaRegistry, *, is_whole: bool) -> Live:
    """Read what a comparison needs of a registry.

    Modes are read for subjects that declare one; whoever judges a change of another subject reads that one's mode then.
    """
    declared = [name for name, subject in desired.subjects.items() if subject.mode is not None and subject.manage]
    state = registry.read_state(None if is_whole else list(desired.subjects), modes_of=declared)
    live = Live(state, registry.capabilities)
    while needed := needed_references(desired, live):
        live = live.with_histories(read_histories(registry, needed))
    return live


def read_histories(registry: SchemaRegistry, subjects: frozenset[str]) -> dict[str, tuple[LiveVersion, ...]]:
    """Read the histories of some subjects, several at a time."""
    names = sorted(subjects)
    return dict(zip(names, _side_by_side(registry.read_history, names), strict=True))


def _find_same(comparison: Comparison, live: Live, registry: SchemaRegistry) -> frozenset[str]:
    """The changed subjects in which the registry itself sees no change."""
    if not isinstance(registry, IdentityProbe):
        return frozenset()

    def find(changed: tuple[str, Schema]) -> str | None:
        name, schema = changed
        latest = live.state.subjects[name].latest
        try:
            version = registry.find_version(name, schema)
        except (RejectedError, UnexpectedAnswerError):
            # A registry that cannot even look for the schema will say so, with its reasons, when asked for its verdict.
            return None
        return name if latest and latest.version == version else None

    return frozenset(name for name in _side_by_side(find, comparison.doubtful.items()) if name)


def _side_by_side(ask: Callable[[Given], Got], questions: Iterable[Given]) -> list[Got]:
    """Put questions to a registry, several at a time; the answers in their order."""
    with ThreadPoolExecutor(_READERS, thread_name_prefix="ask") as threads:
        return list(threads.map(ask, questions))


def _with_modes(live: Live, read: LiveState) -> Live:
    return replace(live, state=replace(live.state, subjects={**live.state.subjects, **read.subjects}))


def _refusing(registries: Mapping[str, SchemaRegistry]) -> frozenset[str]:
    return frozenset(name for name, r in registries.items() if r.capabilities.requires_own_verdict)


def _probe_all(made: Plan, registries: Mapping[str, SchemaRegistry]) -> dict[int, Verdict | RegistryError]:
    """Ask the registries that give a verdict of their own about every change where it means something."""

    def ask(question: tuple[int, RegisterSchema, Mode]) -> tuple[int, Verdict | RegistryError | None]:
        index, change, mode = question
        registry = registries[change.registry]
        if not isinstance(registry, VerdictProbe):
            return index, None
        try:
            return index, registry.probe(change.subject, change.after, mode)
        except RegistryError as error:
            return index, error

    answers = _side_by_side(ask, questions_for_registries(made))
    return {index: answer for index, answer in answers if answer is not None}
