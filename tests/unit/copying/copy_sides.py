"""Sides of a copy for tests: registries as they were read, made of short words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconciler.copying import CopyPlan, CopyRequest, Side, SubjectCopy, plan_copy
from reconciler.model import Format, LiveSubject, LiveVersion, Mode, Reference, Schema
from reconciler.registry import Capabilities, Importing, RestoreWay, Setting

WRITE_MODE = Setting(("READWRITE", "READONLY", "IMPORT"), closing=frozenset({"READONLY"}))
FULL = Capabilities(
    formats=frozenset(Format),
    metadata=True,
    rules=True,
    restore=RestoreWay.NEW_VERSION,
    resets_modes=True,
    settings={"write_mode": WRITE_MODE, "alias": Setting(names_subject=True)},
    registry_settings={"write_mode": WRITE_MODE},
    importing=Importing("write_mode", "IMPORT"),
)
PLAIN = replace(
    FULL, metadata=False, rules=False, restore=RestoreWay.NONE, settings={}, registry_settings={}, importing=None
)


def avro(*fields: str, uses: Sequence[Reference] = ()) -> Schema:
    """A record with fields of strings; what it uses is a field of the type `R`."""
    own = [{"name": name, "type": "string"} for name in fields] + [{"name": "r", "type": "R"} for _ in uses]
    return Schema(Format.AVRO, json.dumps({"type": "record", "name": "X", "fields": own}), tuple(uses))


def used(*fields: str) -> Schema:
    return replace(avro(*fields), definition=avro(*fields).definition.replace('"X"', '"R"'))


def uses(subject: str, number: int, *fields: str) -> Schema:
    return avro(*fields, uses=[Reference("R", subject, number)])


def side(
    name: str,
    capabilities: Capabilities = FULL,
    *,
    level: Mode | None = Mode.BACKWARD,
    modes: Mapping[str, Mode] = {},
    **histories: Mapping[int, Schema],
) -> Side:
    """A registry with histories by subject: schemas by number, whose ids are ten times that."""
    made = {
        subject: tuple(LiveVersion(number, schema, number * 10) for number, schema in versions.items())
        for subject, versions in histories.items()
    }
    subjects = {s: LiveSubject(s, v[-1] if v else None, modes.get(s)) for s, v in made.items()}
    return Side(name, capabilities, level, subjects, {s: v for s, v in made.items() if v})


def ask(source: Side, *, keeps_ids: bool = False, latest_only: bool = False, **names: str) -> CopyRequest:
    """Everything of a source, or its latest versions, under other names where some are given."""
    wanted = {
        (subject, v.version)
        for subject, versions in source.histories.items()
        for v in (versions[-1:] if latest_only else versions)
    }
    return CopyRequest({s: names.get(s, s) for s in source.subjects}, frozenset(wanted), keeps_ids)


def plan(source: Side, target: Side, request: CopyRequest | None = None) -> CopyPlan:
    return plan_copy(source, target, request or ask(source))


def one(made: CopyPlan, subject: str) -> SubjectCopy:
    return next(each for each in made.subjects if each.source == subject)


def numbers(made: CopyPlan, subject: str) -> list[int]:
    """The versions of a subject that are to be written."""
    return [copy.key[1] for copy in one(made, subject).writes]


def codes(made: CopyPlan) -> set[str]:
    return {finding.code for finding in made.findings}
