"""Approvals once more before an apply: of each pull request that brought something, by the rules of its base."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reconciler import git
from reconciler.approvals.evaluation import Demand, check_approvals, find_demands, make_unconfirmed, render_names
from reconciler.approvals.values import AT_APPLY, Approval, Judged, Kind, Touched
from reconciler.approvals.waivers import check_waiver_approvals, make_unconfirmed_waivers
from reconciler.config import FILE_NAME, Config
from reconciler.errors import BlockedPlanError, ForgeError
from reconciler.forge.code_owners import PLACES
from reconciler.ledger.history import read_records
from reconciler.ledger.values import Ledger, RecordKind
from reconciler.model import Change, Finding, Location, Plan, Severity, Source, Waiver
from reconciler.operations.approving.plan import find_touched_by, find_waivers
from reconciler.operations.approving.sources import (
    NO_FORGE,
    NO_FORGE_FIX,
    Forum,
    list_names,
    load_ruling,
    opening_forum,
)
from reconciler.operations.checking.base_settings import load_config_text
from reconciler.operations.fetching import WHOLE_HISTORY, deepen
from reconciler.operations.policies.loading import make_file_filter
from reconciler.operations.scope import name_subjects
from reconciler.repository import DesiredState, load_desired_state

Progress = Callable[[str], None]
_SECTIONS = ("policies", "registries", "approvals")


@dataclass(frozen=True)
class Commit:
    """One step of the branch that is applied; ``files`` count from the repository's top."""

    name: str
    files: frozenset[str]


def confirm_approvals(
    root: Path,
    config: Config,
    plan: Plan,
    ledger: Ledger,
    source: str,
    on_progress: Progress,
    on_warning: Callable[[Finding], None],
) -> tuple[Approval, ...]:
    """Confirm that whoever has to approve of what a plan brings has done so.

    Each subject is followed from the commit that was applied to it last; each commit is held against the rules of the
    one before it, so that no pull request judges itself.

    Args:
        ledger: what was applied last.
        source: the commit that is applied.
        on_warning: told what could not be confirmed and does not stop the run.

    Returns:
        the approvals that counted.

    Raises:
        BlockedPlanError: an approval is missing, or cannot be confirmed.
    """
    waivers = find_waivers(plan.changes)
    on_progress("looking at who approved")
    if not deepen(root, on_progress):
        _raise_if_missing([_make_shallow()])
    state = load_desired_state(root, plan.environment)
    past = _Past(root, source, git.run(root, "rev-parse", "--show-prefix").decode().strip())
    touched = find_touched_by(plan.changes, state)
    files = {t.subject or "": _find_files(t, state, plan.changes) for t in touched}
    brought = _find_commits(past, touched, files, _find_applied(plan, ledger, state))
    for commit, at in _find_settings(past, config, _find_last(ledger)):
        brought.setdefault(commit, []).append(Touched(None, frozenset({Kind.RULES}), at))
    demands = [
        (commit, d) for commit, each in brought.items() if (d := _find_demands(root, config, commit, each, plan))
    ]
    if not demands and not waivers:
        return ()
    with opening_forum(os.environ) as forum:
        by_rules = [_judge_commit(forum, commit, each) for commit, each in demands]
        by_waivers = _judge_waivers(forum, plan.changes, state, brought, waivers, on_warning)
    _raise_if_missing([f for judged in (*by_rules, by_waivers) for f in judged.findings])
    return tuple(dict.fromkeys(a for judged in (*by_rules, by_waivers) for a in judged.approvals))


def _raise_if_missing(findings: Sequence[Finding]) -> None:
    blocking = list(dict.fromkeys(f for f in findings if f.blocks))
    if blocking:
        raise BlockedPlanError(
            "nothing was applied: approvals are missing, or cannot be confirmed",
            blocking,
            fix="let them approve, also after the merge, and apply again",
        )


def _make_shallow() -> Finding:
    return Finding(
        "APPROVAL_UNCONFIRMED",
        AT_APPLY.unconfirmed,
        Source.POLICY,
        "this clone is shallow and could not be deepened, so nobody can tell which pull requests brought what",
        location=Location(FILE_NAME),
        fix=WHOLE_HISTORY,
    )


@dataclass(frozen=True)
class _Past:
    """The commits that led to what is applied; ``prefix`` is the folder of schemafed.yaml in the repository."""

    root: Path
    source: str
    prefix: str

    def read_since(self, since: str | None) -> tuple[Commit, ...]:
        """The steps since a commit, the oldest first; all where there is none, or this clone does not have it."""
        return _read_commits(self.root, self.source, since)

    def relate(self, files: Iterable[str]) -> frozenset[str]:
        """Files that count from schemafed.yaml, as they count from the top."""
        return frozenset(self.prefix + file for file in files)


@cache
def _read_commits(root: Path, source: str, since: str | None) -> tuple[Commit, ...]:
    known = since is not None and git.find_commit(root, since) is not None
    span = f"{since}..{source}" if known else source
    form = ("--first-parent", "-m", "--reverse", "--name-only", "--no-renames", "--no-ext-diff", "--format=%x00%H")
    listed = os.fsdecode(git.run(root, "log", *form, span, "--"))
    rows = (block.split("\n") for block in listed.split("\0")[1:])
    return tuple(Commit(row[0], frozenset(name for name in row[1:] if name)) for row in rows)


def _find_files(touched: Touched, state: DesiredState, changes: Iterable[Change]) -> frozenset[str]:
    """The files that may have brought a subject's change: all that it is made of, and where its mode stands."""
    names = name_subjects(state)
    name = touched.subject or ""
    own = ((c.location.file, c.registry, c.subject) for c in changes if c.subject is not None)
    places = {file for file, registry, subject in own if names.get((registry, subject), subject) == name}
    return frozenset({*state.find_files([name]), *places, touched.location.file})


def _find_applied(plan: Plan, ledger: Ledger, state: DesiredState) -> Mapping[str, frozenset[str | None]]:
    """By subject, the commits that the registries which change it had last."""
    names = name_subjects(state)
    found: dict[str, set[str | None]] = {}
    for change in plan.changes:
        if change.subject is not None:
            entry = ledger.applied(change.registry).subjects.get(change.subject)
            name = names.get((change.registry, change.subject), change.subject)
            found.setdefault(name, set()).add(entry.commit if entry else None)
    return {name: frozenset(commits) for name, commits in found.items()}


def _find_commits(
    past: _Past,
    touched: Iterable[Touched],
    files: Mapping[str, frozenset[str]],
    applied: Mapping[str, frozenset[str | None]],
) -> dict[str, list[Touched]]:
    """By commit, the subjects that it brought a change of."""
    found: dict[str, list[Touched]] = {}
    for each in touched:
        name = each.subject or ""
        own = past.relate(files[name])
        steps = (step for since in applied.get(name, ()) for step in past.read_since(since))
        for commit in dict.fromkeys(step.name for step in steps if not own.isdisjoint(step.files)):
            found.setdefault(commit, []).append(each)
    return found


def _find_last(ledger: Ledger) -> str | None:
    """The commit that was applied last, whatever it brought."""
    records = (r for r in read_records(ledger) if r.kind is RecordKind.RECORD and r.source)
    return next((record.source for record in records), None)


def _find_settings(past: _Past, config: Config, since: str | None) -> Iterator[tuple[str, Location]]:
    """The commits that changed by what changes are judged, each with one file of that."""
    is_rule = make_file_filter(entry.path for entry in config.policies if entry.path)
    for step in past.read_since(since):
        own = {f.removeprefix(past.prefix) for f in step.files if f.startswith(past.prefix)}
        told = [f for f in sorted(own) if is_rule(f)] + [f for f in PLACES if f in step.files]
        if FILE_NAME in own and _is_section_changed(past.root, step.name, config):
            told = [FILE_NAME, *told]
        if told:
            yield step.name, Location(told[0])


def _is_section_changed(root: Path, commit: str, config: Config) -> bool:
    before, after = (git.ask(root, "cat-file", "blob", f"{at}:./{FILE_NAME}") for at in (f"{commit}^1", commit))
    if before.returncode or after.returncode:
        return before.returncode == 0
    old, new = (load_config_text(root, found.stdout) or config for found in (before, after))
    return any(getattr(old, section) != getattr(new, section) for section in _SECTIONS)


def _find_demands(
    root: Path, config: Config, commit: str, touched: Sequence[Touched], plan: Plan
) -> tuple[Demand, ...]:
    ruling = load_ruling(root, f"{commit}^1", config)
    return find_demands(ruling.rules, touched, plan.environment, ruling.code_owners)


def _judge_commit(forum: Forum, commit: str, demands: Sequence[Demand]) -> Judged:
    """Hold the pull request that brought a commit against what is demanded of it."""
    if forum.forge is None:
        return Judged(tuple(make_unconfirmed(demands, NO_FORGE, AT_APPLY.unconfirmed, NO_FORGE_FIX)))
    try:
        numbers = [p.number for p in forum.find_merged(commit)]
        judged = [
            check_approvals(demands, forum.read_reviewed(number, list_names(demands, ())), AT_APPLY)
            for number in numbers
        ]
    except ForgeError as error:
        return Judged(tuple(make_unconfirmed(demands, error.message, AT_APPLY.unconfirmed, error.fix)))
    if judged:
        return min(judged, key=lambda each: len(each.findings))
    return Judged(tuple(_make_unreviewed(commit, demand) for demand in demands))


def _make_unreviewed(commit: str, demand: Demand) -> Finding:
    return Finding(
        "APPROVAL_MISSING",
        AT_APPLY.missing,
        Source.POLICY,
        f"rule `{demand.rule.name}` demands an approval by {render_names(demand.by)}, and commit {commit[:12]} came"
        " without a merged pull request, where they could have approved",
        subject=demand.touched[0].subject,
        location=demand.touched[0].location,
        fix="revert it, and bring it by a pull request; protect the branch against pushes",
    )


def _judge_waivers(
    forum: Forum,
    changes: Iterable[Change],
    state: DesiredState,
    brought: Mapping[str, Sequence[Touched]],
    waivers: Sequence[Waiver],
    on_warning: Callable[[Finding], None],
) -> Judged:
    """Look for each waiver's approver among those who approved of a pull request that changed the subject."""
    if not waivers:
        return Judged()
    if forum.forge is None:
        # A waiver is in Git and was reviewed there; a rule about `waiver` is what makes this block.
        for finding in make_unconfirmed_waivers(waivers, NO_FORGE, Severity.WARNING):
            on_warning(finding)
        return Judged()
    found: list[Judged] = []
    for name, own in _waivers_by_subject(changes, state).items():
        commits = [commit for commit, each in brought.items() if any(t.subject == name for t in each)]
        found += (_judge_waiver(forum, commits, waiver) for waiver in own)
    return Judged(tuple(f for j in found for f in j.findings), tuple(a for j in found for a in j.approvals))


def _waivers_by_subject(changes: Iterable[Change], state: DesiredState) -> Mapping[str, tuple[Waiver, ...]]:
    names = name_subjects(state)
    found: dict[str, tuple[Waiver, ...]] = {}
    for change in changes:
        if own := find_waivers([change]):
            assert change.subject is not None  # a registry has no waivers
            name = names.get((change.registry, change.subject), change.subject)
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), *own)))
    return found


def _judge_waiver(forum: Forum, commits: Iterable[str], waiver: Waiver) -> Judged:
    try:
        numbers = dict.fromkeys(p.number for commit in commits for p in forum.find_merged(commit))
        judged = [
            check_waiver_approvals([waiver], forum.read_reviewed(number, list_names((), [waiver])), AT_APPLY)
            for number in numbers
        ]
    except ForgeError as error:
        return Judged(tuple(make_unconfirmed_waivers([waiver], error.message, AT_APPLY.unconfirmed)))
    if judged:
        return min(judged, key=lambda each: len(each.findings))
    why = "no merged pull request brought the change"
    return Judged(tuple(make_unconfirmed_waivers([waiver], why, AT_APPLY.unconfirmed)))
