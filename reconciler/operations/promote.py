"""``promote``: what one environment has, planned for another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from reconciler import git, planfile
from reconciler.applied import AppliedRegistry, AppliedSubject
from reconciler.config import FILE_NAME, Config
from reconciler.errors import RepositoryError, UsageError
from reconciler.ledger.loading import load_ledger
from reconciler.ledger.values import Ledger
from reconciler.model import DesiredSubject, Dialect, Finding, Plan, Reference, Schema, Severity, Source
from reconciler.operations.checking.judging import choose_dialect
from reconciler.operations.fetching import WHOLE_HISTORY, deepen
from reconciler.operations.plan import plan_desired
from reconciler.operations.progress import Progress, silent
from reconciler.operations.scope import NO_PERMISSIONS, Permissions, Scope, make_desired, make_rules
from reconciler.operations.settings import load_valid_config, raise_if_invalid
from reconciler.planner import Desired
from reconciler.planner.subjects import fingerprints_beside
from reconciler.repository import DesiredState
from reconciler.repository.revisions import load_state_of, read_tree_at


@dataclass(frozen=True, slots=True)
class Promotion:
    """What is promoted: from where to where, one registry or all, and which subjects (a glob; None for all)."""

    source: str
    target: str
    subject: str | None = None
    registry: str | None = None


@dataclass(frozen=True, slots=True)
class Promoted:
    """The plan for the target, with the commit and the number of subjects that it comes from."""

    plan: Plan
    commit: str
    subjects: int


@dataclass(frozen=True, slots=True)
class _Applied:
    """One subject as the source environment has it; ``name`` is the one that Git has for it."""

    name: str
    registry: str
    entry: AppliedSubject


def promote(
    root: Path,
    promotion: Promotion,
    on_progress: Progress = silent,
    permissions: Permissions = NO_PERMISSIONS,
) -> Promoted:
    """Plan for one environment what was last applied to another.

    The schemas are those of the newest commit from which one of the subjects was applied to the source; names, modes
    and registries are what that commit and the present schemafed.yaml say for the target. No subject is deleted.

    Args:
        root: the repository's root.
        promotion: what is promoted.
        on_progress: told what is being done.
        permissions: what this run may do beyond the rules of the target.

    Raises:
        UsageError: there is no such environment or registry, nothing was applied to the source, or no subject fits.
        RepositoryError: this clone does not have the commit that was applied.
        InvalidRepositoryError: what was applied then is not valid for the target.
        LedgerDamagedError: what was last applied cannot be trusted.
    """
    config = load_valid_config(root)
    source, target = (config.select_environment(name) for name in (promotion.source, promotion.target))
    if source == target:
        raise UsageError(f"{source} cannot be promoted to itself", fix="name two environments")
    on_progress(f"reading what was applied to {source}")
    ledger = load_ledger(root, config, source, on_progress)
    commit, state = _load_source(root, promotion, source, ledger, on_progress)
    chosen = _choose(state, ledger, promotion.subject)
    wanted = _load_at(root, commit, target, config)
    raise_if_invalid(wanted.findings)
    into = load_ledger(root, config, target, on_progress)
    rules = make_rules(config, target, permissions)
    desired = make_desired(wanted, Scope(target, registry=promotion.registry), rules, into.registries)
    names = _with_used(wanted, {one.name for one in chosen})
    narrowed = {name: _narrow(one, wanted.registries[name].names, names) for name, one in desired.items()}
    made = plan_desired(root, config, wanted, narrowed, into, lambda: commit, on_progress)
    dialects = {name: choose_dialect(config, name, root) for name in state.registries}
    findings = (*made.findings, *check_as_applied(chosen, state, ledger, dialects, commit))
    return Promoted(planfile.with_digest(replace(made, findings=findings)), commit, len({one.name for one in chosen}))


def check_as_applied(
    chosen: Iterable[_Applied],
    state: DesiredState,
    ledger: Ledger,
    dialects: Mapping[str, Dialect],
    commit: str,
) -> Iterator[Finding]:
    """Say which subjects the source has otherwise than the promoted commit declares them.

    Args:
        chosen: the subjects as the source has them.
        state: what the commit declares for the source.
        ledger: what the source has.
        dialects: by registry, whose rules say that two texts are the same schema.
        commit: the promoted one.
    """
    for one in chosen:
        if others := tuple(_find_others(one, state, ledger, dialects[one.registry])):
            yield _not_as_applied(state.subjects[one.name], one, others, state.environment, commit)


def _find_others(one: _Applied, state: DesiredState, ledger: Ledger, dialect: Dialect) -> Iterator[str]:
    """What the commit declares of a subject and the source does not have, in words."""
    schema, entry = state.subjects[one.name].schema, one.entry
    if state.schemas.fingerprint(schema, dialect) != entry.fingerprint:
        yield "another schema"
    if _resolve(schema, state, one, ledger.applied(one.registry), dialect) != set(entry.references):
        yield "other references"
    metadata, rules = fingerprints_beside(schema)
    if metadata != entry.metadata:
        yield "other metadata"
    if rules != entry.rules:
        yield "other rules"


def _resolve(
    schema: Schema, state: DesiredState, one: _Applied, applied: AppliedRegistry, dialect: Dialect
) -> set[Reference]:
    """What the commit declares a subject to refer to, with the versions that a reference has which follows the
    repository: the ones that were applied as the commit declares them, or else those that the subject was applied with.
    """
    registry = state.registries[one.registry]
    targets = {**registry.elsewhere, **registry.names}
    held = {(r.name, r.subject): r.version for r in one.entry.references}
    found = set()
    for reference in schema.references:
        live, wanted = targets.get(reference.subject, reference.subject), state.subjects.get(reference.subject)
        used = applied.subjects.get(live)
        is_as_declared = used and wanted and state.schemas.fingerprint(wanted.schema, dialect) == used.fingerprint
        last = used.version if used and is_as_declared else held.get((reference.name, live))
        found.add(Reference(reference.name, live, reference.version or last))
    return found


def _not_as_applied(subject: DesiredSubject, one: _Applied, others: Sequence[str], source: str, commit: str) -> Finding:
    return Finding(
        "NOT_AS_APPLIED",
        Severity.ERROR,
        Source.PLANNING,
        f"{source} has the schema of commit {one.entry.commit[:12]} in {one.registry}, and commit {commit[:12]}, which"
        f" is promoted, declares {' and '.join(others)}, which {source} does not have",
        subject=subject.name,
        location=subject.location,
        fix=f"apply to {source} what is missing there, or promote the subject by itself: --subject {subject.name}",
    )


def _load_source(
    root: Path, promotion: Promotion, source: str, ledger: Ledger, on_progress: Progress
) -> tuple[str, DesiredState]:
    """The newest commit that the chosen subjects were applied from, and what it declares for the source."""
    config = load_valid_config(root)
    commits = {entry.commit for _, _, entry in _entries(ledger)}
    if not commits:
        raise UsageError(
            f"nothing was applied to {source} yet",
            fix=f"`schemafed apply -e {source}`; what it did can be promoted then",
        )
    commit = _find_newest(root, commits, on_progress)
    state = _load_at(root, commit, source, config)
    chosen = {one.entry.commit for one in _choose(state, ledger, promotion.subject)}
    narrower = _find_newest(root, chosen, on_progress)
    return (commit, state) if narrower == commit else (narrower, _load_at(root, narrower, source, config))


def _load_at(root: Path, commit: str, environment: str, config: Config) -> DesiredState:
    tree = read_tree_at(root, commit, config.paths)
    return load_state_of(root, tree, environment, (root / FILE_NAME).read_bytes())


def _entries(ledger: Ledger) -> Iterator[tuple[str, str, AppliedSubject]]:
    """By registry and live name, the schemas that an environment has; what is only left there does not count."""
    for registry, applied in ledger.registries.items():
        for live, entry in applied.subjects.items():
            if entry.version is not None and not entry.is_orphan:
                yield registry, live, entry


def _choose(state: DesiredState, ledger: Ledger, glob: str | None) -> list[_Applied]:
    names = {r.name: {live: name for name, live in r.names.items()} for r in state.registries.values()}
    found = [
        _Applied(name, registry, entry)
        for registry, live, entry in _entries(ledger)
        if (name := names.get(registry, {}).get(live)) and name in state.subjects and fnmatchcase(name, glob or "*")
    ]
    if not found:
        fits = f"that fits {glob}" if glob else "that Git declared there"
        raise UsageError(
            f"{state.environment} has no subject {fits}",
            fix=f"`schemafed history -e {state.environment}` tells what it has",
        )
    return found


def _find_newest(root: Path, commits: Collection[str], on_progress: Progress) -> str:
    given = "".join(f"{commit}\n" for commit in sorted(commits)).encode()
    for _ in range(2):
        asked = git.ask(root, "rev-list", "--topo-order", "--max-count=1", "--stdin", given=given)
        if asked.returncode == 0:
            return asked.stdout.decode().strip()
        if not deepen(root, on_progress):
            break
    raise RepositoryError(
        "a commit that was applied is not in this clone",
        fix=WHOLE_HISTORY,
    )


def _with_used(state: DesiredState, names: Iterable[str]) -> frozenset[str]:
    """The subjects, and everything that they refer to and that follows the repository."""
    found: set[str] = set()
    waiting = [name for name in names if name in state.subjects]
    while waiting:
        name = waiting.pop()
        if name not in found and name in state.subjects:
            found.add(name)
            waiting.extend(r.subject for r in state.subjects[name].schema.references if r.version is None)
    return frozenset(found)


def _narrow(desired: Desired, live_names: Mapping[str, str], names: Collection[str]) -> Desired:
    """Only some subjects, by the names that Git has for them; nothing else of the registry is planned."""
    wanted = frozenset(live for name, live in live_names.items() if name in names)
    subjects = {live: subject for live, subject in desired.subjects.items() if live in wanted}
    return replace(desired, subjects=subjects, scope=wanted)
