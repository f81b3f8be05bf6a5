"""What a run is about: an environment, and a part of its registries and subjects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from reconciler.errors import UsageError
from reconciler.model import DesiredSubject, Reference, Schema
from reconciler.planner import Desired
from reconciler.repository import DesiredRegistry, DesiredState
from reconciler.schemas.resolved import SchemaSet


@dataclass(frozen=True, slots=True)
class Scope:
    """The part that a run looks at.

    Args:
        environment: None for the first one of schemafed.yaml.
        subject: a glob over subject names; None for all.
        registry: the name of one registry; None for all of the environment.
    """

    environment: str | None = None
    subject: str | None = None
    registry: str | None = None


def make_desired(state: DesiredState, scope: Scope) -> dict[str, Desired]:
    """Split a desired state into what each registry in scope shall hold, under the names that it has there.

    Raises:
        UsageError: the scope names a registry that the environment does not have, or a glob that fits no subject.
    """
    if scope.registry is not None and scope.registry not in state.registries:
        raise UsageError(
            f"environment {state.environment} has no registry {scope.registry}",
            fix=f"its registries: {', '.join(state.registries)}",
        )
    chosen = _choose(state, scope)
    return {
        name: _make_one(state, registry, chosen)
        for name, registry in state.registries.items()
        if scope.registry in (None, name)
    }


def _choose(state: DesiredState, scope: Scope) -> frozenset[str]:
    """The subjects that the glob fits, and what they refer to."""
    if scope.subject is None:
        return frozenset(state.subjects)
    names = [name for name in state.subjects if fnmatchcase(name, scope.subject)]
    if not names:
        raise UsageError(f"no subject of the repository fits {scope.subject}", fix="`schemafed validate` lists them")
    chosen: set[str] = set()
    while names:
        name = names.pop()
        if name not in chosen and name in state.subjects:
            chosen.add(name)
            names.extend(r.subject for r in state.subjects[name].schema.references if r.version is None)
    return frozenset(chosen)


def _make_one(state: DesiredState, registry: DesiredRegistry, chosen: frozenset[str]) -> Desired:
    names = registry.names
    subjects = {
        names[name]: _rename(state.subjects[name], names) for name in state.subjects if name in chosen and name in names
    }
    is_renamed = any(name != live for name, live in names.items())
    return Desired(
        registry=registry.name,
        kind=registry.kind,
        subjects=subjects,
        schemas=_renamed_schemas(state, subjects, names) if is_renamed else state.schemas,
        default_mode=registry.default_mode,
        default_mode_location=registry.default_mode_location,
    )


def _rename(subject: DesiredSubject, names: Mapping[str, str]) -> DesiredSubject:
    live = names[subject.name]
    if live == subject.name and all(names.get(r.subject, r.subject) == r.subject for r in subject.schema.references):
        return subject
    return replace(subject, name=live, schema=_rename_references(subject.schema, names))


def _rename_references(schema: Schema, names: Mapping[str, str]) -> Schema:
    renamed = tuple(Reference(r.name, names.get(r.subject, r.subject), r.version) for r in schema.references)
    return replace(schema, references=renamed)


def _renamed_schemas(
    state: DesiredState, subjects: Mapping[str, DesiredSubject], names: Mapping[str, str]
) -> SchemaSet:
    pins = {
        (names.get(subject, subject), version): _rename_references(schema, names)
        for (subject, version), schema in state.pins.items()
    }

    def find(reference: Reference) -> Schema | None:
        if reference.version is not None:
            return pins.get((reference.subject, reference.version))
        subject = subjects.get(reference.subject)
        return subject.schema if subject else None

    return SchemaSet(find)
