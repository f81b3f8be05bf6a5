"""One subject: does live differ from desired, and is what is desired allowed?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler import compatibility
from reconciler.compatibility.dialects import select_history
from reconciler.compatibility.groups import select_group
from reconciler.errors import SchemaError
from reconciler.model import (
    NO_METADATA,
    NO_RULES,
    AppliedSubject,
    DesiredSubject,
    Difference,
    LiveVersion,
    Mode,
    Outcome,
    Reference,
    Schema,
    Verdict,
)
from reconciler.planner.findings import place_finding, unreadable_schema
from reconciler.planner.lost_references import check_lost_references
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

    References compare by name, subject and version; metadata and rules that are not declared, or that the registry does
    not keep, are not compared.

    Args:
        references: those of ``desired`` with their versions resolved; None as version for one that this plan makes.

    Raises:
        SchemaError: the live text cannot be parsed.
    """
    if desired.format is not live.format or set(references) != set(live.references):
        return False
    if not has_beside(live, *fingerprints_beside(desired), at):
        return False
    canonical = ours.canonical(desired, at.dialect)
    return canonical == live.definition or canonical == theirs.canonical(live, at.dialect)


def is_as_applied(latest: LiveVersion, entry: AppliedSubject, theirs: SchemaSet, at: Capabilities) -> bool:
    """Whether what is live is what was applied last: the version's number, its schema, references, metadata and rules.

    Metadata and rules count where Git declared some and the registry keeps it.

    Raises:
        SchemaError: the live text cannot be parsed.
    """
    if latest.version != entry.version:
        return False
    if set(latest.schema.references) != set(entry.references):
        return False
    return has_content(latest.schema, entry, theirs, at)


def has_content(live: Schema, entry: AppliedSubject, theirs: SchemaSet, at: Capabilities) -> bool:
    """Whether a live schema has the text and the metadata of an entry, whatever its number and its references are.

    Raises:
        SchemaError: the live text cannot be parsed.
    """
    if not has_beside(live, entry.metadata, entry.rules, at):
        return False
    return theirs.fingerprint(live, at.dialect) == entry.fingerprint


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
    counted = _select_group(subject, live, history)
    known = live.state.subjects.get(subject.name)
    relevant = select_history(counted, by.mode, live.capabilities.dialect, known.checkpoint if known else None)
    try:
        judged = [compatibility.Judged(v.version, theirs.parsed(v.schema)) for v in relevant]
        new = desired.schemas.parsed(subject.schema)
        verdict = compatibility.check(new, judged, by.mode, live.capabilities.dialect)
    except SchemaError as error:
        finding = unreadable_schema(desired.registry, subject, error)
        return Verdict(Outcome.INCOMPATIBLE, by.mode, findings=(finding,), basis=by.basis)
    old = {v.version: v.schema.definition for v in relevant if v.schema.format is subject.schema.format}
    placed = tuple(place_finding(f, desired.registry, subject, old) for f in verdict.findings)
    if subject.schema.format in live.capabilities.reads_old_by_new:
        lost = tuple(check_lost_references(subject, desired.registry, new, judged))
        verdict = replace(verdict, outcome=Outcome.INCOMPATIBLE) if lost else verdict
        placed = (*placed, *lost)
    return replace(verdict, findings=placed, basis=by.basis)


def fingerprints_beside(schema: Schema) -> tuple[str | None, str | None]:
    """The fingerprints of a schema's metadata and of its rules; None for what it does not declare."""
    metadata, rules = schema.metadata, schema.rules
    return metadata.fingerprint if metadata else None, rules.fingerprint if rules is not None else None


def has_beside(live: Schema, metadata: str | None, rules: str | None, at: Capabilities) -> bool:
    """Whether a live schema has the metadata and the rules of some fingerprints, as far as the registry keeps them."""
    has_metadata = metadata is None or not at.metadata or (live.metadata or NO_METADATA).fingerprint == metadata
    return has_metadata and (rules is None or not at.rules or (live.rules or NO_RULES).fingerprint == rules)


def _select_group(subject: DesiredSubject, live: Live, history: Sequence[LiveVersion]) -> Sequence[LiveVersion]:
    """The versions of the group that the schema will be in; metadata that is not declared stays that of the latest."""
    known = live.state.subjects.get(subject.name)
    group = subject.settings.get("compatibility_group") or (known.compatibility_group if known else None)
    metadata = subject.schema.metadata or history[-1].schema.metadata
    return select_group(history, str(group) if group else None, metadata, lambda v: v.schema.metadata)


def resolve_references(schema: Schema, versions: Mapping[str, int | None]) -> tuple[Reference, ...]:
    """Give references that follow the repository the version that their subject will have.

    Args:
        schema: a desired schema, references by live name.
        versions: by live name; None where this plan makes a new version, whose number is not known yet.
    """
    return tuple(r if r.version is not None else replace(r, version=versions.get(r.subject)) for r in schema.references)
