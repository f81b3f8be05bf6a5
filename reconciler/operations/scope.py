"""The part of the desired state that a run is about, and the rules that it goes by."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from reconciler.applied import NOTHING_APPLIED, AppliedRegistry
from reconciler.config import Config
from reconciler.errors import UsageError
from reconciler.model import DesiredSubject, Reference, Schema
from reconciler.operations.since import find_touched
from reconciler.planner import Desired, Rules
from reconciler.repository import DesiredRegistry, DesiredState
from reconciler.repository.state import UnreadSubject
from reconciler.schemas.resolved import SchemaSet


@dataclass(frozen=True, slots=True)
class Scope:
    """The part that a run looks at.

    Args:
        environment: None for the first one of schemafed.yaml.
        subject: a glob over subject names; None for all.
        registry: the name of one registry; None for all of the environment.
        since: a revision; only what may have changed since then. None for all.
    """

    environment: str | None = None
    subject: str | None = None
    registry: str | None = None
    since: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every subject of the registries is looked at."""
        return self.subject is None and self.since is None


@dataclass(frozen=True, slots=True)
class Permissions:
    """What one run may do that the rules of an environment leave to a person.

    ``take_over`` and ``recreate`` are globs over the names that subjects have in their registries.
    """

    take_over: tuple[str, ...] = ()
    recreate: tuple[str, ...] = ()
    allow_mass_change: bool = False


NO_PERMISSIONS = Permissions()


def make_rules(config: Config, environment: str, permissions: Permissions) -> Rules:
    """The rules of an environment, with what a run may do beyond them; waivers are held against the present day."""
    chosen = config.all_environments[environment]
    return Rules(
        deletion=chosen.deletion,
        on_schema_drift=chosen.on_drift.schema_,
        on_mode_drift=chosen.on_drift.mode,
        take_over=permissions.take_over,
        recreate=permissions.recreate,
        allows_mass_change=permissions.allow_mass_change,
        today=datetime.now(UTC).date().isoformat(),
        option=config.type_environment(environment),
    )


def find_declared(state: DesiredState, registry: str, live: str | None) -> DesiredSubject | None:
    """The subject that a registry shall hold under a name."""
    there = state.registries.get(registry)
    names = there.names if there else {}
    return next((state.subjects[n] for n, name in names.items() if name == live and n in state.subjects), None)


def name_subjects(state: DesiredState) -> Mapping[tuple[str, str], str]:
    """By registry and the name there, the name that Git has for a subject."""
    return {(r.name, live): name for r in state.registries.values() for name, live in r.names.items()}


def make_desired(
    state: DesiredState,
    scope: Scope,
    rules: Rules,
    applied: Mapping[str, AppliedRegistry],
    changed: Collection[str] | None = None,
    folders: Collection[str] = (),
) -> dict[str, Desired]:
    """Split a desired state into what each registry in scope shall hold, under the names that it has there.

    Args:
        applied: what was last applied, by registry; what is in scope and gone from Git is planned too.
        changed: the files that differ from the scope's revision.
        folders: where the schemas are.

    Raises:
        UsageError: the scope names a registry that the environment does not have, or a glob that fits no subject.
    """
    if scope.registry is not None and scope.registry not in state.registries:
        raise UsageError(
            f"environment {state.environment} has no registry {scope.registry}",
            fix=f"its registries: {', '.join(state.registries)}",
        )
    touched = None if changed is None else _find_touched_files(state, applied, changed, folders)
    chosen = _choose(state, scope, applied, touched)
    # A part of a repository that declares nothing is no less likely a mistake than all of it.
    is_part = (scope.subject is not None or touched is not None) and bool(state.subjects or state.unread)
    made = {}
    for name, registry in state.registries.items():
        if scope.registry in (None, name):
            one = _make_one(state, registry, chosen, rules)
            gone = _find_gone(registry, applied.get(name, NOTHING_APPLIED), scope, touched)
            made[name] = replace(one, scope=frozenset(one.subjects) | gone) if is_part else one
    return made


def is_enough(
    state: DesiredState,
    applied: Mapping[str, AppliedRegistry],
    changed: Collection[str],
    folders: Collection[str],
) -> bool:
    """Whether a state of which only what a change may concern was read has all that the change's plan is about.

    Arguments as for :func:`make_desired`.
    """
    if not state.unread:
        return True
    touched = _find_touched_files(state, applied, changed, folders)
    return touched is not None and touched.isdisjoint(unread.location.file for unread in state.unread.values())


def _find_touched_files(
    state: DesiredState,
    applied: Mapping[str, AppliedRegistry],
    changed: Collection[str],
    folders: Collection[str],
) -> frozenset[str] | None:
    parts = {e.location.file: frozenset[str]() for r in applied.values() for e in r.subjects.values()}
    parts |= {unread.location.file: frozenset[str]() for unread in state.unread.values()}
    parts |= {s.location.file: state.find_files([name]) for name, s in state.subjects.items()}
    return find_touched(parts, changed, folders)


def _find_gone(
    registry: DesiredRegistry, applied: AppliedRegistry, scope: Scope, touched: frozenset[str] | None
) -> frozenset[str]:
    """What was applied, is in scope, and Git does not declare any more; by the names that it has there."""
    declared = set(registry.names.values())
    return frozenset(
        name
        for name, entry in applied.subjects.items()
        if name not in declared
        and fnmatchcase(name, scope.subject or "*")
        and (touched is None or entry.location.file in touched)
    )


def _choose(
    state: DesiredState, scope: Scope, applied: Mapping[str, AppliedRegistry], touched: frozenset[str] | None
) -> frozenset[str]:
    """The subjects that are in scope, what refers to those that were touched, and what all of these refer to."""
    names = [name for name in state.subjects if fnmatchcase(name, scope.subject or "*")]
    names_unread = any(fnmatchcase(name, scope.subject or "*") for name in state.unread)
    was_applied = any(fnmatchcase(n, scope.subject or "*") for r in applied.values() for n in r.subjects)
    if scope.subject is not None and not (names or names_unread or was_applied):
        raise UsageError(f"no subject of the repository fits {scope.subject}", fix="`schemafed validate` lists them")
    if touched is not None:
        concerned = _with_dependants(state, {n for n, s in state.subjects.items() if s.location.file in touched})
        names = [name for name in names if name in concerned]
    chosen: set[str] = set()
    while names:
        name = names.pop()
        if name not in chosen and name in state.subjects:
            chosen.add(name)
            names.extend(r.subject for r in state.subjects[name].schema.references if r.version is None)
    return frozenset(chosen)


def _with_dependants(state: DesiredState, names: set[str]) -> set[str]:
    """The subjects, and everything that refers to one of them, near or far."""
    dependants: dict[str, list[str]] = {}
    for name, subject in state.subjects.items():
        for reference in subject.schema.references:
            dependants.setdefault(reference.subject, []).append(name)
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(dependants.get(name, ()))
    return found


def _make_one(state: DesiredState, registry: DesiredRegistry, chosen: frozenset[str], rules: Rules) -> Desired:
    names = registry.names
    # What is pinned need not be declared, or not go to this registry.
    targets = {**registry.elsewhere, **names}
    subjects = {
        names[name]: _rename(state.subjects[name], targets)
        for name in state.subjects
        if name in chosen and name in names
    }
    is_renamed = any(name != live for name, live in targets.items())
    return Desired(
        registry=registry.name,
        kind=registry.kind,
        subjects=subjects,
        schemas=_renamed_schemas(state, subjects, targets) if is_renamed else state.schemas,
        default_mode=registry.default_mode,
        default_mode_location=registry.default_mode_location,
        settings=registry.settings,
        settings_location=registry.settings_location,
        rules=rules,
        elsewhere={s.location.file: s.registries for n, s in _find_declarations(state) if n not in names},
    )


def _find_declarations(state: DesiredState) -> Iterator[tuple[str, DesiredSubject | UnreadSubject]]:
    yield from state.subjects.items()
    yield from state.unread.items()


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
