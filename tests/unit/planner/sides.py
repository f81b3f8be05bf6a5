"""Short ways to write the two sides of a registry."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace

from reconciler.applied import AppliedRegistry, AppliedSubject
from reconciler.errors import SchemaError
from reconciler.model import (
    Deletion,
    DesiredSubject,
    Format,
    LiveState,
    LiveSubject,
    LiveVersion,
    Location,
    Mode,
    Reference,
    Schema,
)
from reconciler.planner import Desired, Live, RegistryPart, compare, find_returning, needed_references, plan_registry
from reconciler.registry import Capabilities, RestoreWay
from reconciler.schemas.resolved import SchemaSet

EVERYTHING = Capabilities(
    formats=frozenset(Format),
    metadata=True,
    deletion=frozenset({Deletion.SOFT, Deletion.HARD}),
    restore=RestoreWay.NEW_VERSION,
    resets_modes=True,
)


def record(*fields: str | dict[str, object], name: str = "Order", doc: str | None = None) -> str:
    """An Avro record; a field is its name (a string without default) or the whole object."""
    content = {"type": "record", "name": name, "fields": [_field(f) for f in fields]}
    return json.dumps(content | ({"doc": doc} if doc else {}))


def _field(field: str | dict[str, object]) -> dict[str, object]:
    return {"name": field, "type": "string"} if isinstance(field, str) else field


def avro(definition: str, *references: Reference) -> Schema:
    return Schema(Format.AVRO, definition, references)


def desired_subject(name: str, schema: Schema, **fields: object) -> DesiredSubject:
    mode_location = {"mode_location": Location("schemas/defaults.yaml", 1, 1)} if fields.get("mode") else {}
    return DesiredSubject(name, schema, Location(f"schemas/{name}.avsc"), **{**mode_location, **fields})  # type: ignore[arg-type]


def desired(*subjects: DesiredSubject, default_mode: Mode | None = None) -> Desired:
    by_name = {s.name: s for s in subjects}
    location = Location("schemafed.yaml", 3, 1) if default_mode else None
    schemas = SchemaSet(lambda r: by_name[r.subject].schema if r.subject in by_name else None)
    return Desired("orders", "test", by_name, schemas, default_mode, location)


def live(
    *histories: tuple[str, list[Schema]],
    modes: Mapping[str, Mode] | None = None,
    default_mode: Mode = Mode.BACKWARD,
    capabilities: Capabilities = EVERYTHING,
) -> Live:
    """A registry in which each named subject has these versions, 1 and up."""
    versions = {name: tuple(LiveVersion(i, s, i) for i, s in enumerate(texts, 1)) for name, texts in histories}
    subjects = {name: LiveSubject(name, vs[-1], (modes or {}).get(name)) for name, vs in versions.items()}
    return Live(LiveState(subjects, default_mode), capabilities, versions)


def applied_as(present: Live, names: Collection[str] | None = None, **fields: object) -> AppliedRegistry:
    """A ledger that says of subjects (all by default) that they were applied as they are live now."""
    theirs = SchemaSet(present.find_schema)
    entries = {
        name: _entry(name, subject.latest, theirs, present, fields)
        for name, subject in present.state.subjects.items()
        if subject.latest and (names is None or name in names)
    }
    return AppliedRegistry(entries)


def _entry(
    name: str, latest: LiveVersion, theirs: SchemaSet, present: Live, fields: dict[str, object]
) -> AppliedSubject:
    try:
        known = theirs.fingerprint(latest.schema, present.capabilities.dialect)
    except SchemaError:
        known = "unreadable"
    entry = AppliedSubject(
        commit="c" * 40,
        location=Location(f"schemas/{name}.avsc"),
        fingerprint=known,
        version=latest.version,
        references=latest.schema.references,
    )
    return replace(entry, **fields)  # type: ignore[arg-type]


def plan_one(wanted: Desired, present: Live, applied: AppliedRegistry | None = None) -> RegistryPart:
    """What an operation does, with everything read beforehand.

    By default, what is live and declared is what was applied last.
    """
    assert not needed_references(wanted.subjects, present)
    if applied is None:
        applied = applied_as(present, wanted.subjects)
    known: dict[str, int] = {}
    comparison = compare(wanted, present, applied)
    while returning := find_returning(comparison, present):
        known |= returning
        comparison = compare(wanted, present, applied, known)
    return plan_registry(comparison, present, "d" * 40)
