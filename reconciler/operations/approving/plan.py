"""Approvals of a plan that is made for a pull request: told, not demanded before the apply."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from reconciler import git
from reconciler.approvals.evaluation import find_demands
from reconciler.approvals.values import AT_PLAN, Kind, Touched
from reconciler.config import Config
from reconciler.errors import SchemafedError
from reconciler.model import (
    Change,
    DeleteSubject,
    DeleteVersions,
    Mode,
    Outcome,
    Plan,
    RegisterSchema,
    ResetCompatibility,
    RestoreVersion,
    SetCompatibility,
    SetDefaultCompatibility,
    SetSettings,
    Waiver,
)
from reconciler.operations.approving.sources import judge_pull_request, load_ruling, opening_forum
from reconciler.operations.checking.base import read_base
from reconciler.operations.scope import name_subjects
from reconciler.repository import DesiredState

_OF_MODES = frozenset({Kind.MODE_CHANGED, Kind.MODE_LOOSENED})


def judge_plan_approvals(root: Path, config: Config, state: DesiredState, plan: Plan) -> Plan:
    """The same plan with the approvals that it needs and the pull request does not have yet."""
    waivers = find_waivers(plan.changes)
    if not config.approvals.rules and not waivers:
        return plan
    ruling = load_ruling(root, _find_base(root), config)
    demands = find_demands(ruling.rules, find_touched_by(plan.changes, state), plan.environment, ruling.code_owners)
    if not demands and not waivers:
        return plan
    with opening_forum(os.environ) as forum:
        judged, _ = judge_pull_request(forum, demands, waivers, AT_PLAN)
    return replace(plan, findings=(*plan.findings, *judged.findings))


def find_waivers(changes: Iterable[Change]) -> tuple[Waiver, ...]:
    """The waivers that lead changes through."""
    registered = (c for c in changes if isinstance(c, RegisterSchema | RestoreVersion))
    return tuple(dict.fromkeys(waiver for change in registered for waiver in change.waivers))


def find_touched_by(changes: Sequence[Change], state: DesiredState) -> tuple[Touched, ...]:
    """What changes of registries touch, by the names that Git has."""
    names = name_subjects(state)
    by_subject: dict[str, Touched] = {}
    for change in changes:
        if change.subject is None:
            continue
        name = names.get((change.registry, change.subject), change.subject)
        kinds = frozenset(find_kinds(change)) | (by_subject[name].kinds if name in by_subject else frozenset())
        declared = state.subjects.get(name)
        # The mode that a subject begins with takes no other's place.
        told = kinds - _OF_MODES if Kind.NEW_SUBJECT in kinds else kinds
        by_subject[name] = Touched(name, told, declared.location if declared else change.location)
    return tuple(by_subject.values())


def find_kinds(change: Change) -> Iterator[Kind]:
    """In which ways a change touches its subject."""
    match change:
        case RegisterSchema(before=None):
            yield Kind.NEW_SUBJECT
        case RegisterSchema() | RestoreVersion() | DeleteVersions():
            yield Kind.CHANGED_SCHEMA
        case DeleteSubject():
            yield Kind.DELETION
        case SetSettings():
            yield Kind.SETTING_CHANGED
        case SetCompatibility() | ResetCompatibility() | SetDefaultCompatibility():
            yield from _find_mode_kinds(change)
    if isinstance(change, DeleteVersions):
        yield Kind.DELETION
    if isinstance(change, RegisterSchema | RestoreVersion):
        if change.verdict and change.verdict.outcome is Outcome.INCOMPATIBLE:
            yield Kind.BREAKING
        if change.waivers:
            yield Kind.WAIVER


def _find_mode_kinds(change: SetCompatibility | ResetCompatibility | SetDefaultCompatibility) -> Iterator[Kind]:
    yield Kind.MODE_CHANGED
    if isinstance(change, ResetCompatibility):
        # What is inherited may be anything: rather one is asked too many than one too few.
        yield Kind.MODE_LOOSENED
    elif change.after is Mode.NONE if change.before is None else not change.before.allows(change.after):
        yield Kind.MODE_LOOSENED


def _find_base(root: Path) -> str:
    """The commit that this change sets out from, as far as this clone knows it."""
    try:
        base = read_base(root, None, is_staged=False, on_progress=lambda text: None).commit
    except SchemafedError:
        base = None
    return base or git.describe_head(root) or "HEAD"
