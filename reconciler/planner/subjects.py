"""One subject: does live differ from desired, and is what is desired allowed?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler import compatibility
from reconciler.errors import SchemaError
from reconciler.model import (
    DesiredSubject,
    Difference,
    Finding,
    LiveSubject,
    LiveVersion,
    Location,
    Mode,
    Outcome,
    Reference,
    Schema,
    Severity,
    Source,
    Verdict,
)
from reconciler.planner.sides import Desired, Live
from reconciler.registry import Capabilities
from reconciler.schemas import language
from reconciler.schemas.difference import differences
from reconciler.schemas.resolved import SchemaSet


@dataclass(frozen=True, slots=True)
class JudgedBy:
    """A mode to judge by, and in words where it comes from."""

    mode: Mode
    basis: str


def is_same_schema(
    desired: Schema, references: Sequence[Reference], ours: SchemaSet, live: Schema, theirs: SchemaSet, at: Capabilities
) -> bool:
    """Whether the registry would take a desired schema and a live one for the same.

    References compare by name, subject and version; metadata that is not declared, or that the registry does not keep,
    is not compared.

    Args:
        references: those of ``desired`` with their versions resolved; None as version for one that this plan makes.

    Raises:
        SchemaError: the live text cannot be parsed.
    """
    if desired.format is not live.format or set(references) != set(live.references):
        return False
    if desired.metadata and at.metadata and desired.metadata != live.metadata:
        return False
    canonical = ours.canonical(desired, at.dialect)
    return canonical == live.definition or canonical == theirs.canonical(live, at.dialect)


def make_differences(
    before: Schema | None, theirs: SchemaSet, after: Schema, ours: SchemaSet
) -> tuple[Difference, ...]:
    """The structural difference between the live schema and the desired one; everything is new where formats differ."""
    new = language(after.format).outline(ours.parsed(after))
    if before is None or before.format is not after.format:
        return differences(None, new)
    return differences(language(before.format).outline(theirs.parsed(before)), new)


def check_compatibility(
    subject: DesiredSubject,
    desired: Desired,
    live: Live,
    theirs: SchemaSet,
    history: Sequence[LiveVersion],
    by: JudgedBy,
) -> Verdict:
    """Judge a desired schema against a live history.

    Findings carry the registry, the subject and the place in the file. A history that cannot be read is a finding.
    """
    if by.mode is Mode.NONE or not history:
        return Verdict(Outcome.COMPATIBLE, by.mode, basis=by.basis)
    relevant = history if by.mode.is_transitive else history[-1:]
    try:
        judged = [compatibility.Judged(v.version, theirs.parsed(v.schema)) for v in relevant]
    except SchemaError as error:
        finding = unreadable_finding(desired.registry, subject, error)
        return Verdict(Outcome.INCOMPATIBLE, by.mode, findings=(finding,), basis=by.basis)
    new = desired.schemas.parsed(subject.schema)
    verdict = compatibility.check(new, judged, by.mode, live.capabilities.dialect)
    placed = tuple(place_finding(f, desired.registry, subject) for f in verdict.findings)
    return replace(verdict, findings=placed, basis=by.basis)


def place_finding(finding: Finding, registry: str, subject: DesiredSubject) -> Finding:
    """Say of a compatibility finding where it is: registry, subject, and line and column of its path in the file."""
    position = language(subject.schema.format).locate(subject.schema.definition, finding.path) if finding.path else None
    line, column = position or (0, 0)
    location = Location(subject.location.file, line, column) if position else subject.location
    return replace(finding, registry=registry, subject=subject.name, location=location)


def unreadable_finding(registry: str, subject: DesiredSubject, error: SchemaError) -> Finding:
    """A live schema that cannot be parsed, so that nothing can be said of it."""
    return Finding(
        code="LIVE_SCHEMA_UNREADABLE",
        severity=Severity.ERROR,
        source=Source.PLANNING,
        registry=registry,
        subject=subject.name,
        location=subject.location,
        message=f"a schema that the registry holds for this subject cannot be read ({error.message}),"
        " so that it cannot be compared",
        fix="delete the broken version in the registry, or leave the subject out with --subject",
    )


def problem_finding(registry: str, subject: DesiredSubject, live: LiveSubject) -> Finding:
    """A live subject that the adapter could not make sense of."""
    return Finding(
        code="LIVE_SUBJECT_UNREADABLE",
        severity=Severity.ERROR,
        source=Source.REGISTRY,
        registry=registry,
        subject=subject.name,
        location=subject.location,
        message=f"the registry's answer for this subject cannot be used: {live.problem}",
        fix="a newer schemafed may know it; until then leave this subject out with --subject",
    )


def older_version_finding(registry: str, subject: DesiredSubject, older: LiveVersion, latest: int) -> Finding:
    """The desired schema is an older version already; registering it again would change nothing."""
    return Finding(
        code="OLDER_VERSION",
        severity=Severity.ERROR,
        source=Source.PLANNING,
        registry=registry,
        subject=subject.name,
        location=subject.location,
        message=f"the registry already holds this schema as version {older.version} of {latest}; it would answer with"
        " that version and the latest would stay what it is",
        fix="make the schema differ from that version (its documentation is enough), or keep the latest in Git",
    )


def same_finding(registry: str, subject: DesiredSubject) -> Finding:
    """A difference that the registry does not see, so that registering it would change nothing."""
    return Finding(
        code="SAME_FOR_REGISTRY",
        severity=Severity.INFO,
        source=Source.PLANNING,
        registry=registry,
        subject=subject.name,
        location=subject.location,
        message="it differs from the latest version in nothing that this registry tells apart; nothing is written",
    )


def resolve_references(schema: Schema, versions: Mapping[str, int | None]) -> tuple[Reference, ...]:
    """Give references that follow the repository the version that their subject will have.

    Args:
        schema: a desired schema, references by live name.
        versions: by live name; None where this plan makes a new version, whose number is not known yet.
    """
    return tuple(r if r.version is not None else replace(r, version=versions.get(r.subject)) for r in schema.references)


def missing_reference_finding(registry: str, subject: DesiredSubject, reference: Reference) -> Finding:
    """A reference to a subject, or a version, that the registry does not have and this plan does not make."""
    version = f" in version {reference.version}" if reference.version else ""
    return Finding(
        code="REFERENCE_NOT_IN_REGISTRY",
        severity=Severity.ERROR,
        source=Source.PLANNING,
        registry=registry,
        subject=subject.name,
        location=subject.location,
        message=f"it refers to `{reference.name}`, subject {reference.subject}, which this registry does not"
        f" have{version}",
        fix=f"let {reference.subject} go to this registry too (its `registries:` and `manage:` say where it goes)",
    )
