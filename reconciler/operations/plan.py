"""``plan``: what each registry would get."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from reconciler import planfile
from reconciler.applied import AppliedRegistry
from reconciler.config import Config, load_config, make_configuration_digest
from reconciler.documents import Meanwhile
from reconciler.errors import RegistryError, SchemafedError
from reconciler.federation import for_each, open_registries
from reconciler.ledger.history import read_records
from reconciler.ledger.leases import is_held
from reconciler.ledger.loading import load_ledger
from reconciler.ledger.sources import describe_source
from reconciler.ledger.values import Ledger, present_time
from reconciler.model import (
    REGISTRY_UNREADABLE,
    Finding,
    Mode,
    Plan,
    RegisterSchema,
    Severity,
    Source,
    Verdict,
)
from reconciler.operations.begun import Begun, open_and_read
from reconciler.operations.fetching import resolve_commit
from reconciler.operations.live_reading import (
    find_known,
    read_dependants,
    read_live,
    read_modes,
    read_whole,
    read_written_settings,
    side_by_side,
)
from reconciler.operations.policies.gate import with_policies
from reconciler.operations.progress import Progress, silent
from reconciler.operations.scope import NO_PERMISSIONS, Permissions, Scope, is_enough, make_desired, make_rules
from reconciler.operations.second_owner import check_second_owner
from reconciler.operations.settings import load_valid_config, raise_if_invalid, resolve_registries
from reconciler.operations.since import read_changed_files
from reconciler.planner import (
    Comparison,
    Desired,
    Live,
    RegistryPart,
    compare,
    find_returning,
    make_plan,
    plan_registry,
    questions_for_registries,
    settle_verdicts,
)
from reconciler.planner.notes import make_settled_notes
from reconciler.planner.settling import settle_intent
from reconciler.registry import SchemaRegistry, VerdictProbe
from reconciler.repository import DesiredState, load_desired_state

if TYPE_CHECKING:
    from reconciler.repository.concerned import Difference


@dataclass(frozen=True)
class Planned:
    """A plan, and the desired state that it was made from."""

    plan: Plan
    desired: DesiredState


@dataclass(frozen=True)
class _FromGit:
    """What Git tells while the repository is read: the ledger, and how files differ from a revision."""

    config: Config
    ledger: Future[Ledger]
    difference: Future[Difference | None]


def plan(
    root: Path,
    scope: Scope,
    on_progress: Progress = silent,
    permissions: Permissions = NO_PERMISSIONS,
) -> Planned:
    """Compare the desired state with the registries in scope and with what was last applied to them.

    Args:
        root: the repository's root.
        scope: environment, and a part of its registries and subjects.
        on_progress: told what is being done, and how much of it.
        permissions: what this run may do beyond the rules of the environment.

    Raises:
        InvalidRepositoryError: the desired state has findings that block.
        ConfigurationError, UsageError: the settings or the scope are not usable.
        LedgerDamagedError: what was last applied cannot be trusted.
    """
    # Git works in processes of its own, while this one reads.
    with ThreadPoolExecutor(2, thread_name_prefix="git") as threads, ExitStack() as stack:
        on_progress("reading the repository")
        config, _ = load_config(root)
        asked = _ask_git(threads, root, scope, config, on_progress) if config else None
        begun: Begun | None = None

        def begin() -> None:
            nonlocal begun
            # What keeps registries from being opened is said where they are opened next.
            with suppress(SchemafedError):
                begun = _begin(root, scope, asked, stack, on_progress)

        state = _load(root, scope, asked, begin)
        raise_if_invalid(state.findings)
        assert asked is not None  # a configuration that cannot be used has findings that block
        # Looking through the work tree keeps a processor busy, of which reading the repository needs all there are.
        commit = threads.submit(describe_source, root, asked.config.paths)
        made = _plan_all(root, scope, state, on_progress, permissions, asked, commit.result, begun)
    return Planned(planfile.with_digest(made), state)


def _ask_git(threads: ThreadPoolExecutor, root: Path, scope: Scope, config: Config, on_progress: Progress) -> _FromGit:
    ledger = threads.submit(load_ledger, root, config, config.select_environment(scope.environment), on_progress)
    since = scope.since
    difference = threads.submit(
        lambda: None if since is None else _read_difference(root, since, ledger.result, on_progress)
    )
    return _FromGit(config, ledger, difference)


def _read_difference(root: Path, since: str, load_ledger: Callable[[], Ledger], on_progress: Progress) -> Difference:
    from reconciler.repository.concerned import MANY, Difference
    from reconciler.repository.revisions import read_difference, read_whole_tree_at

    commit = resolve_commit(root, since, "--since", load_ledger, on_progress)
    changed = read_changed_files(root, commit)
    if len(changed) > MANY:
        return Difference(changed)
    return read_difference(root, read_whole_tree_at(root, commit), changed)


def _begin(root: Path, scope: Scope, asked: _FromGit | None, stack: ExitStack, on_progress: Progress) -> Begun | None:
    """Read the registries, where all of them is compared, while another process reads the schemas of the repository.

    Without the ledger it is not known what of them to read; and this process has better things to do than to wait.
    """
    if asked is None or not scope.is_whole or not asked.ledger.done():
        return None
    environment = asked.config.select_environment(scope.environment)
    names = dict.fromkeys(asked.config.all_environments[environment].registries)
    chosen = [name for name in names if scope.registry in (None, name)]
    return open_and_read(root, asked.config, chosen, asked.ledger.result(), stack, on_progress) if chosen else None


def _load(root: Path, scope: Scope, asked: _FromGit | None, meanwhile: Meanwhile) -> DesiredState:
    """Load what is declared; only what a change may concern where the plan is about no more."""
    # Rules look at more than a change: at the repository as a whole, and at the waivers of every subject.
    if scope.since is None or asked is None or asked.config.policies:
        return load_desired_state(root, scope.environment, meanwhile)
    # Not above: it takes long to import, which else happens while another process begins to read the schemas.
    from reconciler.repository.concerned import MANY
    from reconciler.repository.loading import load_concerned

    difference = asked.difference.result()
    if difference is None or len(difference.files) > MANY:
        return load_desired_state(root, scope.environment)
    state = load_concerned(root, scope.environment, difference)
    applied = asked.ledger.result().registries
    if is_enough(state, applied, difference.files, asked.config.paths):
        return state
    return load_desired_state(root, scope.environment)


def _plan_all(
    root: Path,
    scope: Scope,
    state: DesiredState,
    on_progress: Progress,
    permissions: Permissions,
    asked: _FromGit,
    describe_commit: Callable[[], str | None],
    begun: Begun | None,
) -> Plan:
    config = load_valid_config(root)
    ledger = asked.ledger.result()
    rules = make_rules(config, state.environment, permissions)
    difference = asked.difference.result()
    changed = difference.files if difference else None
    desired = make_desired(state, scope, rules, ledger.registries, changed, config.paths)
    return plan_desired(root, config, state, desired, ledger, describe_commit, on_progress, begun)


def plan_desired(
    root: Path,
    config: Config,
    state: DesiredState,
    desired: Mapping[str, Desired],
    ledger: Ledger,
    describe_commit: Callable[[], str | None],
    on_progress: Progress,
    begun: Begun | None = None,
) -> Plan:
    """Compare what each registry shall hold with what it holds; the plan has no digest yet.

    Args:
        root: the repository's root.
        config: its settings.
        state: everything that is declared, with what was found on the way.
        desired: by registry, the part of it that is planned.
        ledger: what was last applied.
        describe_commit: the commit that the state is of; asked when everything else is there.
        on_progress: told what is being done.
        begun: the registries, where they were read already.
    """
    settled = plan_registries(
        root,
        config,
        state.environment,
        desired,
        ledger,
        describe_commit,
        on_progress,
        findings=state.findings,
        begun=begun,
    )
    return with_policies(root, config, state, settled)


def plan_registries(
    root: Path,
    config: Config,
    environment: str,
    desired: Mapping[str, Desired],
    ledger: Ledger,
    describe_commit: Callable[[], str | None],
    on_progress: Progress,
    *,
    findings: Iterable[Finding] = (),
    begun: Begun | None = None,
) -> Plan:
    """Compare what each registry shall hold with what it holds, and ask no rule about it; arguments as above.

    Args:
        findings: what was found before, which the plan tells too.
    """
    with _opening(root, config, desired, begun, on_progress) as registries:
        answers = for_each(
            registries,
            lambda name, one: _plan_one(desired[name], one, ledger, describe_commit, on_progress, begun),
        )
        parts = [part for part in answers.values() if isinstance(part, RegistryPart)]
        read = [name for name, answer in answers.items() if isinstance(answer, RegistryPart)]
        unread = [unreadable(n, e, read) for n, e in answers.items() if isinstance(e, RegistryError)]
        made = make_plan(
            environment,
            parts,
            [*findings, *check_ledger(ledger), *_check_owners(ledger, parts, on_progress), *unread],
            configuration=make_configuration_digest(config, environment),
            commit=describe_commit(),
        )
        judging = {name: r.capabilities.judges for name, r in registries.items()}
        return settle_verdicts(made, _probe_all(made, registries, on_progress), _refusing(registries), judging)


@contextmanager
def _opening(
    root: Path, config: Config, names: Iterable[str], begun: Begun | None, on_progress: Progress
) -> Iterator[Mapping[str, SchemaRegistry]]:
    """The registries; those that are open already are closed by whoever opened them."""
    if begun:
        yield begun.registries
        return
    on_progress(f"reading {', '.join(names)}")
    with open_registries(resolve_registries(config, names, root)) as registries:
        yield registries


def unreadable(name: str, error: RegistryError, others: Collection[str]) -> Finding:
    """A registry that could not be read: its part of the plan, and so the plan, cannot be applied.

    Args:
        others: the registries that were read.
    """
    meanwhile = f"look at the others meanwhile with --registry {quote(next(iter(others)))}" if others else None
    return Finding(
        code=REGISTRY_UNREADABLE,
        severity=Severity.ERROR,
        source=Source.REGISTRY,
        registry=name,
        subject=error.subject,
        message=str(error),
        fix="; ".join(part for part in (error.fix, meanwhile) if part) or None,
    )


def check_ledger(ledger: Ledger) -> Iterator[Finding]:
    """Say where the ledger may not be the newest, and which apply is under way or was cut off."""
    if ledger.stale_because:
        message = f"the remote was not reached, so what was last applied is as this clone knows: {ledger.stale_because}"
        yield Finding("LEDGER_STALE", Severity.WARNING, Source.PLANNING, message, fix="apply needs the remote")
    intent = ledger.unfinished
    if intent is None:
        return
    lease = intent.lease
    if lease is not None and is_held(lease, present_time()):
        run = f", {lease.run_url}" if lease.run_url else ""
        message = (
            f"an apply of {intent.who} is under way on {lease.host} (process {lease.process}{run}) since"
            f" {lease.begun:%Y-%m-%d %H:%M} UTC; it may change what this plan rests on"
        )
        yield Finding("APPLY_UNDER_WAY", Severity.INFO, Source.PLANNING, message)
    else:
        message = f"an apply of {intent.who} did not end; what it has done was told by reading the registries"
        yield Finding("APPLY_UNFINISHED", Severity.INFO, Source.PLANNING, message)


def _check_owners(ledger: Ledger, parts: Iterable[RegistryPart], on_progress: Progress) -> Iterable[Finding]:
    """Look into the history where something drifted, and only there."""
    drifted = [(part.observation.registry, subject) for part in parts for subject in part.drifted]
    return check_second_owner(read_records(ledger, on_progress), drifted) if drifted else ()


def _plan_one(
    desired: Desired,
    registry: SchemaRegistry,
    ledger: Ledger,
    describe_commit: Callable[[], str | None],
    on_progress: Progress,
    begun: Begun | None,
) -> RegistryPart:
    recorded, unfinished = ledger.of_registry(registry.name)
    known = begun.take(registry.name) if begun else None
    live = read_live(desired, registry, recorded, unfinished, on_progress, known)
    applied = settle_intent(recorded, unfinished, live) if unfinished else recorded
    comparison, live = _compare(desired, registry, live, applied, on_progress)
    live = live.with_dependants(read_dependants(registry, comparison.needed_dependants, on_progress))
    part = plan_registry(comparison, live, describe_commit() or "")
    return replace(part, notes=(*make_settled_notes(registry.name, recorded, applied), *part.notes))


def _compare(
    desired: Desired, registry: SchemaRegistry, live: Live, applied: AppliedRegistry, on_progress: Progress
) -> tuple[Comparison, Live]:
    """Compare, and read what that asks for, as long as what is read makes another comparison of it."""
    comparison = compare(desired, live, applied)
    known: Mapping[str, int] = find_known(comparison, registry, on_progress)
    read_further = read_written_settings(read_modes(live, registry, comparison), registry, comparison)
    if known or read_further is not live:
        live = read_further
        comparison = compare(desired, live, applied, known)
    while True:
        if comparison.needed_histories:
            live = read_whole(live, registry, comparison.needed_histories, on_progress)
            comparison = comparison.knowing(live)
        returning = find_returning(comparison, live)
        if not returning:
            return comparison, live
        known = {**find_known(comparison, registry, on_progress), **known, **returning}
        comparison = compare(desired, live, applied, known)


def _refusing(registries: Mapping[str, SchemaRegistry]) -> frozenset[str]:
    return frozenset(name for name, r in registries.items() if r.capabilities.requires_own_verdict)


def _probe_all(
    made: Plan, registries: Mapping[str, SchemaRegistry], on_progress: Progress
) -> dict[int, Verdict | RegistryError]:
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

    answers = side_by_side(ask, questions_for_registries(made), "asking for verdicts", on_progress)
    return {index: answer for index, answer in answers if answer is not None}
