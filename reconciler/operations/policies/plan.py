"""A plan held against rules: the subjects that it changes, what becomes of them, and the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from reconciler.config import Config
from reconciler.model import (
    Finding,
    Location,
    Plan,
    RegisterSchema,
    ResetCompatibility,
    RestoreVersion,
    SetCompatibility,
    Waiver,
)
from reconciler.operations.policies.checking import Before, Inspection, settle_policy_waivers, sort_findings
from reconciler.operations.policies.loading import load_policies
from reconciler.operations.policies.making import list_folders, make_inspection
from reconciler.repository import DesiredState

_OfSubject = RegisterSchema | RestoreVersion | SetCompatibility | ResetCompatibility


def judge_plan(root: Path, config: Config, state: DesiredState, plan: Plan) -> Plan:
    """The same plan with what rules find.

    They are asked about the subjects that the plan changes, and those with a waiver of one of them; a subject that
    stays as it is blocks nothing.
    """
    folders = list_folders(s.location.file for s in state.subjects.values())
    policies = load_policies(root, config, state.environment, folders)
    inspection = make_inspection(root, state, policies)
    changes = list(_find_changes(state, plan))
    codes = {rule.code for pack in policies.packs.values() for rule in pack.rules}
    waived = {name for name, s in state.subjects.items() if any(w.code in codes for w in s.waivers)}
    names = sorted(waived.union(name for name, _ in changes))
    found, used = settle_policy_waivers(
        [
            *inspection.check_subjects(names),
            *(finding for name, change in changes for finding in _check_change(inspection, state, name, change)),
            *inspection.check_whole(),
        ],
        state.subjects,
        inspection.today,
    )
    places = _places(used)
    kept = (f for f in plan.findings if f.code != "WAIVER_UNUSED" or f.location not in places)
    return replace(plan, findings=(*kept, *policies.findings, *sort_findings(found)))


def _places(waivers: frozenset[Waiver]) -> frozenset[Location]:
    return frozenset(waiver.location for waiver in waivers)


def _find_changes(state: DesiredState, plan: Plan) -> Iterator[tuple[str, _OfSubject]]:
    """The changes of declared subjects, each with the name that Git has for it."""
    names = {(r.name, live): name for r in state.registries.values() for name, live in r.names.items()}
    for change in plan.changes:
        if isinstance(change, _OfSubject) and (change.registry, change.subject) in names:
            yield names[change.registry, change.subject], change


def _check_change(inspection: Inspection, state: DesiredState, name: str, change: _OfSubject) -> Iterator[Finding]:
    mode = inspection.around.judged_mode(state.subjects[name])
    if isinstance(change, RegisterSchema | RestoreVersion):
        breaks = change.verdict.findings if change.verdict else ()
        before = change.before.schema if change.before else None
        kind = "changed" if change.before else "added"
        made = Before(kind, before, mode if change.before else None, None, breaks, change.registry)
    else:
        made = Before("changed", state.subjects[name].schema, change.before, None, (), change.registry)
    return inspection.check_changes({name: made})
