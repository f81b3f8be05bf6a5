"""Approvals of a change of the repository: what it touches, and who has to approve of that."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler import git
from reconciler.approvals.evaluation import find_demands
from reconciler.approvals.values import AT_CHECK, Kind, Touched
from reconciler.config import Config
from reconciler.forge.code_owners import PLACES
from reconciler.model import Finding, Location, Mode, Severity, Source, Waiver
from reconciler.operations.approving.sources import (
    Ruling,
    judge_pull_request,
    load_code_owners,
    load_ruling,
    opening_forum,
    request_approvals,
)
from reconciler.operations.checking.verdicts import choose_mode
from reconciler.operations.policies.making import find_today
from reconciler.planner.waivers import find_used_waivers
from reconciler.repository import DesiredState

if TYPE_CHECKING:
    from reconciler.operations.checking.values import CheckedSubject

_SETTINGS = frozenset({"POLICY_CHANGED", "REGISTRIES_CHANGED", "APPROVALS_CHANGED"})
_BY_KIND: Mapping[str, Kind] = {"added": Kind.NEW_SUBJECT, "renamed": Kind.NEW_SUBJECT, "dropped": Kind.DELETION}


def check_change_approvals(
    root: Path,
    config: Config,
    base: str,
    head: DesiredState,
    before: DesiredState | None,
    subjects: Sequence[CheckedSubject],
    findings: Sequence[Finding],
) -> tuple[Finding, ...]:
    """Tell which approvals a change needs and does not have, by the rules of its base.

    In CI, whoever is missing is asked; elsewhere nothing can be confirmed, and that is said.

    Args:
        root: the repository's root.
        config: schemafed.yaml as the change has it.
        base: the commit that the change sets out from.
        head: what the change declares.
        before: what the base declared; None where it declared nothing.
        subjects: those that the change touches, with their verdicts.
        findings: what the change brings.

    Raises:
        UsageError: the run is for an event that hands secrets to strangers.
    """
    today = find_today()
    used = {
        s.name: find_used_waivers(head.subjects[s.name], findings, today) for s in subjects if s.name in head.subjects
    }
    waivers = [waiver for each in used.values() for waiver in each]
    ruling = load_ruling(root, base, config)
    owners = tuple(_check_code_owners(root, base, ruling))
    touched = find_touched(subjects, head, before, used, (*findings, *owners))
    demands = find_demands(ruling.rules, touched, head.environment, ruling.code_owners)
    if not demands and not waivers:
        return owners
    with opening_forum(os.environ) as forum:
        judged, number = judge_pull_request(forum, demands, waivers, AT_CHECK)
        asked = request_approvals(root, forum, number, judged.missing, ruling.webhook) if number else ()
    return (*owners, *judged.findings, *asked)


def find_touched(
    subjects: Iterable[CheckedSubject],
    head: DesiredState,
    before: DesiredState | None,
    used: Mapping[str, Collection[Waiver]],
    findings: Iterable[Finding],
) -> tuple[Touched, ...]:
    """What a change touches, and in which ways; settings by the findings that say so.

    Args:
        used: by subject, the waivers that let something through.
    """
    touched = []
    for subject in subjects:
        kinds = set(_find_kinds(subject, head, before)) | ({Kind.WAIVER} if used.get(subject.name) else set())
        touched.append(Touched(subject.name, frozenset(kinds), subject.location))
        if subject.before and before:
            old = before.subjects[subject.before]
            touched.append(Touched(subject.before, frozenset({Kind.DELETION}), old.location))
    settings = {f.location.file: f.location for f in findings if f.code in _SETTINGS and f.location}
    return (*touched, *(Touched(None, frozenset({Kind.RULES}), at) for at in settings.values()))


def _find_kinds(subject: CheckedSubject, head: DesiredState, before: DesiredState | None) -> Iterator[Kind]:
    if subject.is_breaking:
        yield Kind.BREAKING
    if subject.kind in _BY_KIND:
        yield _BY_KIND[subject.kind]
        return
    if subject.verdicts:
        yield Kind.CHANGED_SCHEMA
    if subject.changes.has_new_settings:
        yield Kind.SETTING_CHANGED
    old, new = (_mode(state, subject.name) for state in (before, head))
    if old and new and old is not new:
        yield Kind.MODE_CHANGED
        if not old.allows(new):
            yield Kind.MODE_LOOSENED


def _mode(state: DesiredState | None, name: str) -> Mode | None:
    """The mode that a subject is judged by: its own, or that of the first registry that has it."""
    if state is None or name not in state.subjects:
        return None
    registry = next((r for r in state.registries.values() if name in r.names), None)
    return choose_mode(state.subjects[name], registry).mode


def _check_code_owners(root: Path, base: str, ruling: Ruling) -> Iterator[Finding]:
    """Say that CODEOWNERS was changed, where approvals rest on it."""
    if ruling.rules and load_code_owners(root, None) != ruling.code_owners:
        top = git.find_work_tree(root) or root
        place = next((place for place in PLACES if (top / place).is_file()), PLACES[0])
        yield Finding(
            "APPROVALS_CHANGED",
            Severity.WARNING,
            Source.POLICY,
            "this change touches CODEOWNERS; until it is merged, the owners are those of the base",
            location=Location(place),
            fix="let those who answer for the rules approve it by itself",
        )
