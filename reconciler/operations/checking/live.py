"""A change held against what its registries really have: what Git cannot know, where a check may ask them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

from reconciler.config import FILE_NAME, Config
from reconciler.ledger.loading import load_ledger
from reconciler.ledger.values import Ledger
from reconciler.model import REGISTRY_UNREADABLE, Finding, Location, Plan, Severity, Source, Verdict
from reconciler.operations.checking.live_verdicts import AskedLive, LiveVerdict
from reconciler.operations.plan import plan_registries
from reconciler.operations.progress import Progress
from reconciler.operations.scope import NO_PERMISSIONS, Scope, make_desired, make_rules, name_subjects
from reconciler.repository import DesiredState

_BESIDE = frozenset({"WAIVER_UNUSED", "WAIVER_EXPIRED"})
"""What is wrong with waivers is told of Git's own history, whatever a registry has."""


@dataclass(frozen=True)
class LiveQuestion:
    """What registries are asked about.

    ``config`` has the registries of the base, where it has any of that name: a change that could name another address
    would send credentials there. ``new`` are those that only the change has, and that are asked nothing. ``changed``
    are the files that differ, and ``told`` is what Git told already.
    """

    root: Path
    config: Config
    new: frozenset[str]
    changed: frozenset[str]
    told: Collection[Finding]


def ask_registries(
    question: LiveQuestion, head: DesiredState, before: DesiredState | None, on_progress: Progress
) -> AskedLive:
    """Hold the subjects that a change concerns against the registries of its base.

    Args:
        question: what is asked, and by which settings.
        head: all that the change declares.
        before: what the base declared: what a registry says against that too was not brought by the change.
        on_progress: told what is being done.
    """
    if any(f.blocks for f in head.findings):
        return AskedLive(findings=(_make_unasked("no registry was asked, since the files have errors", None),))
    unasked = tuple(_make_new(name) for name in sorted(question.new & head.registries.keys()))
    if head.registries.keys() <= question.new:
        return AskedLive(findings=unasked)
    ledger = load_ledger(question.root, question.config, head.environment, on_progress)
    plan = _plan(question, head, ledger, on_progress)
    found = tuple(_find_own(plan, head, question.told))
    there: frozenset[object] = frozenset()
    if before is not None and any(f.blocks and not _is_unread(f) for f in found):
        earlier = _find_own(_plan(question, before, ledger, on_progress), before, ())
        there = frozenset(_key(f) for f in earlier if not _is_unread(f))
    return AskedLive(
        _find_verdicts(plan, head),
        (*unasked, *(f for f in found if _key(f) not in there)),
        tuple(f for f in found if _key(f) in there),
    )


def _is_unread(finding: Finding) -> bool:
    return finding.code == REGISTRY_UNREADABLE


def _plan(question: LiveQuestion, state: DesiredState, ledger: Ledger, on_progress: Progress) -> Plan:
    config = question.config
    rules = make_rules(config, state.environment, NO_PERMISSIONS)
    scope = Scope(state.environment)
    desired = make_desired(state, scope, rules, ledger.registries, question.changed, config.paths)
    asked = {name: part for name, part in desired.items() if name not in question.new}
    return plan_registries(question.root, config, state.environment, asked, ledger, lambda: None, on_progress)


def _find_own(plan: Plan, state: DesiredState, told: Iterable[Finding]) -> Iterator[Finding]:
    """What registries say that Git did not, by the names that Git has for subjects."""
    names = name_subjects(state)
    already = {_place(finding) for finding in told}
    for finding in plan.findings:
        name = names.get((finding.registry or "", finding.subject or ""), finding.subject)
        own = replace(finding, subject=name)
        if finding.severity is not Severity.INFO and finding.code not in _BESIDE and _place(own) not in already:
            yield own


def _place(finding: Finding) -> tuple[object, ...]:
    """What is wrong where: the same break of one place need not be told of Git's versions and of a registry's."""
    return finding.code, finding.subject, finding.path, finding.location, finding.direction


def _key(finding: Finding) -> tuple[object, ...]:
    """What makes a finding the same one before and after: not its line, which others may have moved."""
    file = finding.location.file if finding.location else ""
    return finding.code, finding.registry, finding.subject, finding.path, file, finding.message


def _find_verdicts(plan: Plan, state: DesiredState) -> dict[str, tuple[LiveVerdict, ...]]:
    names = name_subjects(state)
    found: dict[str, list[LiveVerdict]] = {}
    for change in plan.changes:
        verdict: Verdict | None = getattr(change, "verdict", None)
        if verdict is not None and change.subject is not None:
            name = names.get((change.registry, change.subject), change.subject)
            found.setdefault(name, []).append(LiveVerdict(change.registry, verdict))
    return {name: tuple(each) for name, each in found.items()}


def _make_new(registry: str) -> Finding:
    message = f"registry {registry} was not asked, since only this change has it"
    fix = f"merge the registry by itself first; `schemafed plan --registry {quote(registry)}` asks it"
    return _make_unasked(message, fix)


def _make_unasked(message: str, fix: str | None) -> Finding:
    return Finding(
        "REGISTRY_NOT_ASKED", Severity.WARNING, Source.REGISTRY, message, location=Location(FILE_NAME), fix=fix
    )
