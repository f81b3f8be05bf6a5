"""Subjects, changes, registries and the repository held against the rules that hold for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from posixpath import dirname
from typing import Any

from reconciler import compatibility
from reconciler.config import FILE_NAME
from reconciler.errors import SchemaError
from reconciler.model import DesiredSubject, Dialect, Finding, Location, Mode, Severity, Waiver
from reconciler.model import Schema as SchemaText
from reconciler.policy.evaluation import evaluate
from reconciler.policy.grouping import Asked, RuleSet
from reconciler.policy.rules import Scope
from reconciler.policy.schema_facts import make_schema
from reconciler.policy.selection import Policies
from reconciler.policy.subject_facts import (
    NO_OWNERS,
    Surroundings,
    make_change,
    make_registry,
    make_repository,
    make_subject,
)
from reconciler.repository import DesiredState
from reconciler.schemas import language
from reconciler.schemas.resolved import SchemaSet

OF_SUBJECT = frozenset({Scope.SUBJECT, Scope.SCHEMA, Scope.DEFINITION, Scope.FIELD, Scope.REFERENCE})


@dataclass(frozen=True)
class Before:
    """What a subject was before a change: its schema, and the mode that it was judged by.

    ``schemas`` resolves its references; where it is not there, ``breaks`` are what a verdict found.
    """

    kind: str
    schema: SchemaText | None = None
    mode: Mode | None = None
    schemas: SchemaSet | None = None
    breaks: tuple[Finding, ...] = ()
    registry: str = ""


@dataclass(frozen=True)
class Inspection:
    """One desired state held against rules."""

    root: Path
    state: DesiredState
    policies: Policies
    today: str
    around: Surroundings

    @cached_property
    def _fixed(self) -> Mapping[str, Any]:
        return {"environment": self.state.environment, "today": self.today}

    def check_subjects(self, names: Iterable[str]) -> Iterator[Finding]:
        """Hold subjects against the rules about what they are."""
        for name in names:
            subject = self.state.subjects[name]
            rules = self.choose(subject)
            if rules.has(OF_SUBJECT):
                yield from evaluate(self._ask(subject, OF_SUBJECT, self.make_values(subject)), rules)

    def check_changes(self, changes: Mapping[str, Before]) -> Iterator[Finding]:
        """Hold what becomes of subjects against the rules about changes."""
        for name, before in changes.items():
            subject = self.state.subjects[name]
            rules = self.choose(subject)
            if rules.has((Scope.CHANGE,)):
                asked = self._ask(subject, frozenset({Scope.CHANGE}), self.make_values(subject, before))
                yield from evaluate(replace(asked, registry=before.registry or None), rules)

    def check_whole(self) -> Iterator[Finding]:
        """Hold the registries and the repository against the rules about them."""
        rules = self.policies.choose()
        if not rules.has((Scope.REGISTRY, Scope.REPOSITORY)):
            return
        repository = make_repository(self.around)
        location = Location(FILE_NAME)
        for name in self.around.names:
            values = {**self._fixed, "repository": repository, "registry": make_registry(name, self.around)}
            yield from evaluate(
                Asked(frozenset({Scope.REGISTRY}), values, location, lambda at: location, registry=name), rules
            )
        values = {**self._fixed, "repository": repository}
        yield from evaluate(Asked(frozenset({Scope.REPOSITORY}), values, location, lambda at: location), rules)

    def choose(self, subject: DesiredSubject) -> RuleSet:
        """The rules that hold for a subject."""
        return self.policies.choose(dirname(subject.location.file))

    def make_values(self, subject: DesiredSubject, before: Before | None = None) -> dict[str, Any]:
        """The values of a subject that rules see, those of a change to it included where there is one."""
        schema = make_schema(subject.schema)
        values: dict[str, Any] = {
            **self._fixed,
            "subject": make_subject(subject, self.around),
            "schema": schema,
        }
        if before is not None:
            values["change"] = make_change(
                before.kind,
                make_schema(before.schema) if before.schema else None,
                schema,
                (before.mode, self.around.judged_mode(subject)),
                is_text_changed=before.schema is None or before.schema.definition != subject.schema.definition,
                breaks=self._find_breaks(subject, before),
                registry=before.registry,
            )
        return values

    def _find_breaks(self, subject: DesiredSubject, before: Before) -> Sequence[Finding]:
        """What breaks in either direction."""
        if before.schema is None or before.schemas is None:
            return before.breaks
        try:
            old = compatibility.Judged(1, before.schemas.parsed(before.schema))
            new = self.state.schemas.parsed(subject.schema)
            return compatibility.check(new, [old], Mode.FULL, Dialect.CONFLUENT).findings
        except SchemaError:
            # Judging the change says that a schema cannot be read.
            return before.breaks

    def _ask(self, subject: DesiredSubject, scopes: frozenset[Scope], values: Mapping[str, Any]) -> Asked:
        return Asked(
            scopes,
            values,
            subject.location,
            make_locator(subject, self.root),
            subject.name,
            schema_format=subject.schema.format,
        )


def make_locator(subject: DesiredSubject, root: Path) -> Callable[[str], Location]:
    """Find lines in a subject's file; the file itself where the text that is registered is not the one in it."""

    @cache
    def is_text() -> bool:
        try:
            text = (root / subject.location.file).read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            return False
        return text.removeprefix("\ufeff") == subject.schema.definition

    def locate(at: str) -> Location:
        place = language(subject.schema.format).locate(subject.schema.definition, at) if at and is_text() else None
        return replace(subject.location, line=place[0], column=place[1]) if place else subject.location

    return locate


def make_surroundings(
    state: DesiredState,
    levels: Mapping[str, Mode | None] | None = None,
    find_code_owners: Callable[[str], tuple[str, ...]] | None = None,
) -> Surroundings:
    """What a state says of the whole.

    Args:
        state: the repository.
        levels: those that registries were found at, where they were asked.
        find_code_owners: whom CODEOWNERS names for a file; None where there is no such file.
    """
    declared = {name: registry.default_mode for name, registry in state.registries.items()}
    return Surroundings(
        state.subjects,
        {name: registry.names for name, registry in state.registries.items()},
        {**declared, **(levels or {})},
        {name: registry.kind for name, registry in state.registries.items()},
        find_code_owners or NO_OWNERS,
        find_code_owners is not None,
    )


def settle_policy_waivers(
    findings: Iterable[Finding], subjects: Mapping[str, DesiredSubject], today: str
) -> tuple[list[Finding], frozenset[Waiver]]:
    """Let waivers that hold lead findings of rules through, one level lower.

    Args:
        findings: those of rules.
        subjects: with their waivers.
        today: as YYYY-MM-DD; a waiver holds up to and with its last day.

    Returns:
        the findings, and every waiver that covers one of them.
    """
    settled: list[Finding] = []
    used: set[Waiver] = set()
    for finding in findings:
        subject = subjects.get(finding.subject or "")
        covering = [w for w in subject.waivers if _covers(w, finding)] if subject else []
        used.update(covering)
        settled.append(next((_waive(finding, w) for w in covering if w.until >= today), finding))
    return settled, frozenset(used)


def _covers(waiver: Waiver, finding: Finding) -> bool:
    return waiver.code == finding.code and waiver.path in (None, finding.path)


def _waive(finding: Finding, waiver: Waiver) -> Finding:
    words = f"{finding.message}; {waiver.approver} lets it through until {waiver.until}: {waiver.reason}"
    severity = Severity.WARNING if finding.blocks else Severity.INFO
    return replace(finding, code="WAIVED", severity=severity, message=f"{finding.code}: {words}", fix=None)


def sort_findings(findings: Iterable[Finding]) -> Sequence[Finding]:
    """Each once, by place and code."""
    nowhere = Location("")
    return sorted(dict.fromkeys(findings), key=lambda f: (f.location or nowhere, f.code, f.subject or "", f.message))
