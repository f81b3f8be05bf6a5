"""The first pass over one registry: which of the desired subjects differ from what is live."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from reconciler.errors import SchemaError
from reconciler.model import DesiredSubject, Finding, LiveSubject, LiveVersion, Reference, Schema
from reconciler.planner.capability import check_capabilities
from reconciler.planner.findings import missing_reference, same_for_registry, unreadable_schema, unusable_subject
from reconciler.planner.order import sort_by_references
from reconciler.planner.sides import Desired, Live
from reconciler.planner.subjects import is_same_schema, resolve_references
from reconciler.schemas.resolved import SchemaSet


@dataclass(frozen=True, slots=True)
class ComparedSubject:
    """One desired subject beside its live counterpart.

    ``references`` are the desired ones with the versions known so far. ``is_changed`` is about the schema only.
    """

    desired: DesiredSubject
    live: LiveSubject | None
    references: tuple[Reference, ...]
    is_changed: bool
    findings: tuple[Finding, ...] = ()

    @property
    def latest(self) -> LiveVersion | None:
        """The live latest version, if there is one."""
        return self.live.latest if self.live else None


@dataclass(frozen=True)
class Comparison:
    """Every managed subject of one registry, referenced ones first; ``theirs`` parses its live schemas."""

    desired: Desired
    subjects: tuple[ComparedSubject, ...]
    theirs: SchemaSet

    @property
    def doubtful(self) -> Mapping[str, Schema]:
        """Changed subjects that exist and whose references are all known: a registry can tell if it sees a change."""
        return {
            s.desired.name: replace(s.desired.schema, references=s.references)
            for s in self.subjects
            if s.is_changed and s.latest and all(r.version for r in s.references)
        }

    @property
    def needed_histories(self) -> frozenset[str]:
        """The subjects whose whole history the second pass needs: changed ones with more than one version."""
        return frozenset(s.desired.name for s in self.subjects if s.is_changed and s.latest and s.latest.version > 1)


def needed_references(desired: Desired, live: Live) -> frozenset[str]:
    """Subjects whose history must be read before live schemas can be compared.

    Live schemas, ours or those that ours refer to, may refer to subjects that were not read, or to versions that are
    not the latest.
    """
    unknown: set[str] = set()
    seen: set[str] = set()
    names = [name for name, subject in desired.subjects.items() if subject.schema.references]
    names += [n for n in desired.subjects if n in live.state.subjects]
    while names:
        name = names.pop()
        subject = live.state.subjects.get(name)
        if name in seen or subject is None or subject.latest is None:
            continue
        seen.add(name)
        for reference in subject.latest.schema.references:
            if live.find_schema(reference) is None and reference.subject not in live.histories:
                unknown.add(reference.subject)
            names.append(reference.subject)
    return frozenset(unknown)


def compare(desired: Desired, live: Live, same: Collection[str] = ()) -> Comparison:
    """Compare every managed subject of a registry with what is live, referenced subjects first.

    Args:
        same: subjects whose desired schema the registry itself takes for its latest, whatever our rules say.
    """
    theirs = SchemaSet(live.find_schema)
    versions: dict[str, int | None] = {
        name: subject.latest.version for name, subject in live.state.subjects.items() if subject.latest
    }
    references = {
        n: [r.subject for r in s.schema.references] for n, s in desired.subjects.items() if s.schema.references
    }
    compared = []
    for name in sort_by_references(desired.subjects, references):
        subject = desired.subjects[name]
        if not subject.manage:
            continue
        result = _compare_subject(subject, desired, live, theirs, versions)
        if result.is_changed and name in same:
            result = replace(
                result, is_changed=False, findings=(*result.findings, same_for_registry(desired.registry, subject))
            )
        if result.is_changed:
            versions[name] = None
        compared.append(result)
    return Comparison(desired, tuple(compared), theirs)


def _compare_subject(
    subject: DesiredSubject, desired: Desired, live: Live, theirs: SchemaSet, versions: Mapping[str, int | None]
) -> ComparedSubject:
    found = live.state.subjects.get(subject.name)
    references = resolve_references(subject.schema, versions)
    findings = list(check_capabilities(subject, desired.registry, live.capabilities))
    findings += [
        missing_reference(desired.registry, subject, r)
        for r in subject.schema.references
        if not _is_available(r, live, versions)
    ]
    if found and found.problem:
        findings.append(unusable_subject(desired.registry, subject, found))
    if found is None or found.latest is None or any(f.blocks for f in findings):
        is_changed = not any(f.blocks for f in findings)
        return ComparedSubject(subject, found, references, is_changed, tuple(findings))
    try:
        is_same = is_same_schema(
            subject.schema, references, desired.schemas, found.latest.schema, theirs, live.capabilities
        )
    except SchemaError as error:
        findings.append(unreadable_schema(desired.registry, subject, error))
        return ComparedSubject(subject, found, references, False, tuple(findings))
    return ComparedSubject(subject, found, references, not is_same, tuple(findings))


def _is_available(reference: Reference, live: Live, versions: Mapping[str, int | None]) -> bool:
    if reference.version is None:
        return reference.subject in versions
    return live.find_schema(reference) is not None
