"""The verdict over a subject that a change touches, judged as its registries would: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from reconciler import compatibility
from reconciler.errors import SchemaError
from reconciler.model import DesiredSubject, Dialect, Finding, Mode, Outcome, Verdict
from reconciler.operations.checking.history import PastSchema
from reconciler.planner.findings import place_finding, unreadable_schema
from reconciler.planner.modes import ModeStep, declared_basis, possible_steps
from reconciler.planner.subjects import JudgedBy
from reconciler.planner.waivers import settle_waivers
from reconciler.repository import DesiredRegistry, DesiredState
from reconciler.schemas.resolved import SchemaSet

DEFAULT_MODE = Mode.BACKWARD
"""What most registries begin with."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of one subject: the verdicts by different rules, what the change brings, and what was wrong before."""

    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...] = ()
    known: tuple[Finding, ...] = ()


class _Side(NamedTuple):
    """A subject on one side of the change, with all that is declared there."""

    subject: DesiredSubject
    state: DesiredState

    @property
    def schemas(self) -> SchemaSet:
        return self.state.schemas


def judge_subject(
    subject: DesiredSubject,
    head: DesiredState,
    base: DesiredState | None,
    history: Sequence[PastSchema],
    dialects: Mapping[str, Dialect],
    today: str,
) -> Judged:
    """Judge a subject of a change against what it was before.

    Args:
        subject: as the change declares it.
        head: all that the change declares.
        base: all that was declared before; None where nothing was.
        history: the schemas that the subject had, the oldest first, the base's the last.
        dialects: by registry, whose rules it judges by.
        today: as YYYY-MM-DD, for waivers.
    """
    new = _Side(subject, head)
    before = base.subjects.get(subject.name) if base else None
    old = _Side(before, base) if before and base else None
    verdicts = []
    for registry, dialect in _choose_judges(subject, head, dialects):
        modes = [step.by for step in _make_steps(new, old, registry)]
        judged = [_judge(new, history, by, dialect) for by in modes]
        verdict = next((v for v in judged if v.outcome is not Outcome.INCOMPATIBLE), judged[0])
        verdicts.append(_with_known(verdict, old, history, dialect))
    found = dict.fromkeys(f for verdict, _ in verdicts for f in verdict.findings)
    known = frozenset(f for _, known in verdicts for f in known)
    waived = settle_waivers(subject, "", [f for f in found if f not in known], today)
    findings = tuple(replace(f, registry=None) for f in waived.findings)
    return Judged(tuple(dict.fromkeys(v for v, _ in verdicts)), findings, tuple(f for f in found if f in known))


def choose_mode(subject: DesiredSubject, registry: DesiredRegistry | None) -> JudgedBy:
    """The mode that a subject is judged by where no registry is asked, and in words where it comes from."""
    if subject.mode:
        return JudgedBy(subject.mode, declared_basis(subject))
    if registry and registry.default_mode:
        at = registry.default_mode_location
        return JudgedBy(registry.default_mode, f"the registry's own level, declared in {at}")
    if subject.inherited_mode:
        return JudgedBy(subject.inherited_mode, "the registry's own level when it was imported")
    return JudgedBy(DEFAULT_MODE, "assumed, since none is declared")


def find_modes(subject: DesiredSubject, head: DesiredState, base: DesiredState | None) -> frozenset[Mode]:
    """Every mode that may judge a subject."""
    before = base.subjects.get(subject.name) if base else None
    sides = [subject, *([before] if before else [])]
    registries = [*(r for r in head.registries.values() if subject.name in r.names), None]
    return frozenset(choose_mode(side, registry).mode for side in sides for registry in registries)


def _choose_judges(
    subject: DesiredSubject, head: DesiredState, dialects: Mapping[str, Dialect]
) -> Iterator[tuple[DesiredRegistry | None, Dialect]]:
    """One registry for each way of judging; nobody's own where the subject goes nowhere."""
    found: dict[tuple[Mode | None, Dialect], DesiredRegistry] = {}
    for registry in head.registries.values():
        if subject.name in registry.names:
            found.setdefault((registry.default_mode, dialects[registry.name]), registry)
    yield from ((registry, dialect) for (_, dialect), registry in found.items())
    if not found:
        yield None, Dialect.CONFLUENT


def _make_steps(new: _Side, old: _Side | None, registry: DesiredRegistry | None) -> Iterator[ModeStep]:
    after = choose_mode(new.subject, registry)
    earlier = old.state.registries.get(registry.name) if old and registry else registry
    return possible_steps(choose_mode(old.subject, earlier) if old else after, after)


def _judge(new: _Side, history: Sequence[PastSchema], by: JudgedBy, dialect: Dialect) -> Verdict:
    basis = by.basis + ("" if dialect is Dialect.CONFLUENT else f", by the rules of {dialect}")
    if by.mode is Mode.NONE or not history:
        return Verdict(Outcome.COMPATIBLE, by.mode, basis=basis)
    numbered = list(enumerate(history, 1))
    counted = numbered if by.mode.is_transitive else numbered[-1:]
    try:
        judged = [compatibility.Judged(number, past.schemas.parsed(past.schema)) for number, past in counted]
        verdict = compatibility.check(new.schemas.parsed(new.subject.schema), judged, by.mode, dialect)
    except SchemaError as error:
        finding = replace(unreadable_schema("", new.subject, error), registry=None)
        return Verdict(Outcome.INCOMPATIBLE, by.mode, findings=(finding,), basis=basis)
    old = {n: p.schema.definition for n, p in counted if p.schema.format is new.subject.schema.format}
    placed = (replace(place_finding(f, "", new.subject, old), registry=None) for f in verdict.findings)
    return replace(verdict, findings=tuple(placed), basis=basis)


def _with_known(
    verdict: Verdict, old: _Side | None, history: Sequence[PastSchema], dialect: Dialect
) -> tuple[Verdict, frozenset[Finding]]:
    """The verdict, and those of its findings that stood against the schema before the change too."""
    blocking = [f for f in verdict.findings if f.blocks]
    if not blocking or old is None or len(history) < 2:
        return verdict, frozenset()
    before = _judge(old, history[:-1], JudgedBy(verdict.mode, verdict.basis), dialect)
    told = set(_keys(before.findings))
    return verdict, frozenset(f for f in blocking if next(_keys([f])) in told)


def _keys(findings: Iterable[Finding]) -> Iterator[tuple[object, ...]]:
    return ((f.code, f.path, f.direction, f.against, f.message) for f in findings if f.blocks)
