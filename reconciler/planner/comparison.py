"""The first pass over one registry: where each declared subject stands between desired, live and applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from reconciler.applied import NOTHING_APPLIED, AppliedRegistry, AppliedSubject
from reconciler.errors import SchemaError
from reconciler.model import (
    Deletion,
    DesiredSubject,
    Finding,
    LiveState,
    LiveSubject,
    LiveVersion,
    Location,
    Reference,
    Schema,
)
from reconciler.planner.capability import check_capabilities
from reconciler.planner.elsewhere import check_elsewhere
from reconciler.planner.findings import (
    dropped_beside,
    many_vanished,
    missing_reference,
    pin_differs,
    same_for_registry,
    unreadable_schema,
    unusable_subject,
)
from reconciler.planner.level import NO_CHANGE, LevelPlan, is_level_kept, plan_level
from reconciler.planner.order import sort_by_references
from reconciler.planner.pins import tell_pin_apart
from reconciler.planner.restoring import Restoration, make_restorations, with_restored_modes
from reconciler.planner.rules import is_mass
from reconciler.planner.settings import NO_SETTINGS, Declared, SettingsPlan, plan_settings
from reconciler.planner.sides import Desired, Live
from reconciler.planner.standing import Contact, Standing, find_standing, respond
from reconciler.planner.subjects import (
    fingerprints_beside,
    has_beside,
    is_as_applied,
    is_same_schema,
    resolve_references,
)
from reconciler.registry import RestoreWay
from reconciler.schemas.resolved import SchemaSet


@dataclass(frozen=True, slots=True)
class ComparedSubject:
    """One declared subject beside its live counterpart and what was applied last.

    ``references`` are the desired ones with the versions known so far. ``is_changed`` is about the schema only, and
    ``reason`` says why where it is not simply pending. ``is_planned`` False: nothing can be said of it but its
    findings. ``known_version`` is where the registry itself says that it holds the desired schema already.
    """

    desired: DesiredSubject
    live: LiveSubject | None
    references: tuple[Reference, ...]
    is_changed: bool
    findings: tuple[Finding, ...] = ()
    entry: AppliedSubject | None = None
    standing: Standing = Standing.UNCHANGED
    reason: str | None = None
    is_planned: bool = True
    known_version: int | None = None

    @property
    def latest(self) -> LiveVersion | None:
        """The live latest version, if there is one."""
        return self.live.latest if self.live else None

    @property
    def closing(self) -> str | None:
        """The registry's word for taking no new version of the subject, where that is so."""
        return self.live.closing if self.live else None


@dataclass(frozen=True)
class Comparison:
    """Every managed subject of one registry, referenced ones first; ``theirs`` parses its live schemas.

    ``restorations`` end the temporary modes that an apply which was cut off has left; everything else is compared as if
    they were made. ``findings`` concern the registry as a whole, or what is managed elsewhere. ``deletable`` are
    dropped subjects, and ``left_modes`` those of which someone else left nothing but a mode of ours.
    """

    desired: Desired
    subjects: tuple[ComparedSubject, ...]
    theirs: SchemaSet
    applied: AppliedRegistry = NOTHING_APPLIED
    level: LevelPlan = NO_CHANGE
    settings: SettingsPlan = NO_SETTINGS
    restorations: tuple[Restoration, ...] = ()
    findings: tuple[Finding, ...] = ()
    restore: RestoreWay = RestoreWay.NONE
    deletable: frozenset[str] = field(default_factory=frozenset)
    left_modes: frozenset[str] = field(default_factory=frozenset)

    @property
    def doubtful(self) -> Mapping[str, Schema]:
        """Changed subjects that exist and whose references are all known: a registry can tell if it sees a change."""
        return {
            s.desired.name: replace(s.desired.schema, references=s.references)
            for s in self.subjects
            if s.is_changed and s.latest and all(r.version for r in s.references)
        }

    @property
    def dropped(self) -> tuple[str, ...]:
        """What was applied and is not declared any more, or is declared as managed elsewhere, sorted."""
        return _dropped(self.desired, self.applied)

    @property
    def written(self) -> frozenset[str]:
        """What is there and the second pass may write to, whatever settings are declared of it."""
        there = (s for s in self.subjects if s.live and s.latest)
        changed = {s.desired.name for s in there if s.is_changed or (s.live and s.desired.mode is not s.live.mode)}
        restored = (restoration.subject for restoration in self.restorations)
        return self.deletable.union(self.left_modes, changed, restored)

    @property
    def needed_histories(self) -> frozenset[str]:
        """The subjects whose whole history the second pass needs: changed ones with more than one version, and what
        may be deleted.
        """
        return self._long | self.deletable

    @property
    def needed_dependants(self) -> frozenset[str]:
        """The subjects of which something may be deleted."""
        return self.deletable | (self._long if self.restore is RestoreWay.DELETE_NEWER else frozenset())

    def knowing(self, live: Live) -> Comparison:
        """The same, with what was read since."""
        return replace(self, theirs=SchemaSet(live.find_schema))

    @property
    def _long(self) -> frozenset[str]:
        return frozenset(s.desired.name for s in self.subjects if s.is_changed and s.latest and s.latest.version > 1)


def needed_references(
    subjects: Iterable[str], live: Live, judged: Iterable[str] = (), pins: Iterable[Reference] = ()
) -> frozenset[str]:
    """Subjects whose history must be read before the live schemas of some subjects can be understood.

    Live schemas may refer to subjects that were not read, or to versions that are not the latest; and so may those that
    they refer to.

    Args:
        judged: subjects of which every version counts, not the latest alone.
        pins: references of Git to versions, which are looked at too.
    """
    found = (live.state.subjects.get(name) for name in subjects)
    waiting = [r for s in found if s and s.latest for r in s.latest.schema.references]
    waiting += [r for name in judged for version in live.histories.get(name, ()) for r in version.schema.references]
    waiting += pins
    unknown: set[str] = set()
    seen: set[tuple[str, int | None]] = set()
    while waiting:
        reference = waiting.pop()
        place = (reference.subject, reference.version)
        if place in seen:
            continue
        seen.add(place)
        schema = live.find_schema(reference)
        if schema is not None:
            waiting.extend(schema.references)
        elif reference.subject not in live.histories:
            unknown.add(reference.subject)
    return frozenset(unknown)


def compare(
    desired: Desired, live: Live, applied: AppliedRegistry = NOTHING_APPLIED, known: Mapping[str, int] | None = None
) -> Comparison:
    """Compare every managed subject of a registry with what is live and what was applied, referenced subjects first.

    Args:
        known: under which version the registry holds a desired schema: as it says itself, whatever our rules say, or as
            a history showed.
    """
    level = plan_level(desired, live, applied)
    if is_level_kept(desired, live, applied):
        desired = replace(desired, default_mode=None)
    restorations = make_restorations(desired, live, applied)
    live = with_restored_modes(live, restorations)
    theirs = SchemaSet(live.find_schema)
    compared = _compare_subjects(desired, live, applied, theirs, known or {})
    compared, findings = _sum_up_vanished(compared, desired, live, applied)
    changed = (s.desired.name for s in compared if s.is_changed and _has_new_text(s, desired, live, theirs))
    findings += check_elsewhere(desired, live, theirs, changed)
    return Comparison(
        desired,
        tuple(compared),
        theirs,
        applied,
        level,
        _plan_own_settings(desired, live, applied),
        restorations,
        findings,
        live.capabilities.restore,
        _deletable(desired, live, applied),
        _left_modes(desired, live, applied),
    )


def _plan_own_settings(desired: Desired, live: Live, applied: AppliedRegistry) -> SettingsPlan:
    """The settings of the registry itself."""
    declared = Declared(desired.registry, None, desired.settings, desired.settings_location or Location(_FILE_NAME))
    kinds = live.capabilities.registry_settings
    return plan_settings(declared, live.state.settings or {}, applied.settings, kinds, desired.rules)


_FILE_NAME = "schemafed.yaml"
_STAND_ASIDE = frozenset({Standing.VANISHED, Standing.DRIFTED})


def _compare_subjects(
    desired: Desired, live: Live, applied: AppliedRegistry, theirs: SchemaSet, known: Mapping[str, int]
) -> list[ComparedSubject]:
    """Compare subject by subject, referenced ones first, since what they become decides about those that use them."""
    versions: dict[str, int | None] = {
        name: subject.latest.version for name, subject in live.state.subjects.items() if subject.latest
    }
    references = {
        n: [r.subject for r in s.schema.references] for n, s in desired.subjects.items() if s.schema.references
    }
    compared = []
    for name in sort_by_references(desired.subjects, references):
        if not desired.subjects[name].manage:
            continue
        entry = applied.subjects.get(name)
        subject = ComparedSubject(
            desired.subjects[name],
            live.state.subjects.get(name),
            resolve_references(desired.subjects[name].schema, versions),
            is_changed=False,
            entry=entry,
            known_version=known.get(name),
        )
        subject = _compare_subject(subject, desired, live, theirs, versions)
        if subject.is_changed:
            versions[name] = _find_number(subject, live)
        elif subject.standing in _STAND_ASIDE and entry:
            # What refers to it keeps the version that was applied, as long as nothing is done about this subject.
            versions[name] = entry.version
        compared.append(subject)
    return compared


def _has_new_text(subject: ComparedSubject, desired: Desired, live: Live, theirs: SchemaSet) -> bool:
    """Whether more of a changed subject is new than the versions that it refers to."""
    if subject.latest is None:
        return True
    dialect = live.capabilities.dialect
    try:
        ours = desired.schemas.fingerprint(subject.desired.schema, dialect)
        return ours != theirs.fingerprint(subject.latest.schema, dialect)
    except SchemaError:
        return True


def _find_number(subject: ComparedSubject, live: Live) -> int | None:
    """The latest version that a changed subject will have: known only where what came after an older one is deleted."""
    return subject.known_version if live.capabilities.restore is RestoreWay.DELETE_NEWER else None


def _compare_subject(
    subject: ComparedSubject, desired: Desired, live: Live, theirs: SchemaSet, versions: Mapping[str, int | None]
) -> ComparedSubject:
    findings = tuple(_check_possible(subject, desired, live, theirs, versions))
    if any(f.blocks for f in findings):
        return replace(subject, findings=findings, is_planned=False)
    try:
        is_same = subject.latest is not None and is_same_schema(
            subject.desired.schema,
            subject.references,
            desired.schemas,
            subject.latest.schema,
            theirs,
            live.capabilities,
        )
        if is_same and not findings:
            # What most subjects of most plans are.
            return subject
        if subject.latest and not is_same and subject.known_version == subject.latest.version:
            is_same = True
            findings = (*findings, _describe_sameness(subject, desired, live))
        contact = Contact(desired.registry, subject.desired, subject.latest, subject.entry)
        at = live.capabilities
        standing = find_standing(contact, is_same, lambda latest, entry: is_as_applied(latest, entry, theirs, at))
    except SchemaError as error:
        unreadable = unreadable_schema(desired.registry, subject.desired, error)
        return replace(subject, findings=(*findings, unreadable), is_planned=False)
    response = respond(standing, contact, desired.rules)
    return replace(
        subject,
        is_changed=response.registers,
        findings=(*findings, *response.findings),
        standing=standing,
        reason=response.reason,
        is_planned=response.registers or standing is not Standing.VANISHED,
    )


def _describe_sameness(subject: ComparedSubject, desired: Desired, live: Live) -> Finding:
    """Why a registry takes what differs for the same: it drops what stands beside the text, or sees no difference."""
    assert subject.latest is not None  # it is what the registry answers with
    metadata, rules = fingerprints_beside(subject.desired.schema)
    schema, at = subject.latest.schema, live.capabilities
    if not has_beside(schema, metadata, None, at):
        return dropped_beside(desired.registry, subject.desired, "metadata")
    if not has_beside(schema, None, rules, at):
        return dropped_beside(desired.registry, subject.desired, "rules")
    return same_for_registry(desired.registry, subject.desired)


def _check_possible(
    subject: ComparedSubject, desired: Desired, live: Live, theirs: SchemaSet, versions: Mapping[str, int | None]
) -> list[Finding]:
    wanted = subject.desired
    findings = list(check_capabilities(wanted, desired.registry, live.capabilities))
    for reference in wanted.schema.references:
        if not _is_available(reference, live, versions):
            named = desired.subjects.get(reference.subject)
            is_elsewhere = named is not None and not named.manage
            findings.append(missing_reference(desired.registry, wanted, reference, is_elsewhere=is_elsewhere))
        elif reference.version is not None and (why := tell_pin_apart(reference, desired, live, theirs)):
            findings.append(pin_differs(desired.registry, wanted, reference, why))
    if subject.live and subject.live.problem:
        findings.append(unusable_subject(desired.registry, wanted, subject.live))
    return findings


def _is_available(reference: Reference, live: Live, versions: Mapping[str, int | None]) -> bool:
    if reference.version is None:
        return reference.subject in versions
    return live.find_schema(reference) is not None


def _sum_up_vanished(
    compared: list[ComparedSubject], desired: Desired, live: Live, applied: AppliedRegistry
) -> tuple[list[ComparedSubject], tuple[Finding, ...]]:
    """Take many subjects that vanished for one mistake: a wrong address, or a permission that is missing.

    Those that Git dropped count too, unless the run may change much: they would be forgotten.
    """
    vanished = {s.desired.name for s in compared if s.standing is Standing.VANISHED and not s.is_changed}
    dropped = () if desired.rules.allows_mass_change else _dropped(desired, applied)
    vanished |= find_absent(applied, live.state).intersection(dropped)
    managed = count_managed(applied)
    if not is_mass(len(vanished), managed):
        return compared, ()
    silenced = [replace(s, findings=()) if s.desired.name in vanished else s for s in compared]
    return silenced, (many_vanished(desired.registry, len(vanished), managed),)


def find_absent(applied: AppliedRegistry, state: LiveState) -> frozenset[str]:
    """What was applied, was not left as an orphan, and a reading does not have."""
    return frozenset(
        name
        for name, entry in applied.subjects.items()
        if name not in state.subjects and entry.version is not None and not entry.is_orphan
    )


def count_managed(applied: AppliedRegistry) -> int:
    """How many subjects of a registry are ours, orphans left out."""
    return sum(not entry.is_orphan for entry in applied.subjects.values())


def _dropped(desired: Desired, applied: AppliedRegistry) -> tuple[str, ...]:
    return tuple(
        sorted(
            name
            for name in applied.subjects
            if not ((wanted := desired.subjects.get(name)) and wanted.manage)
            and (desired.scope is None or name in desired.scope)
        )
    )


def _deletable(desired: Desired, live: Live, applied: AppliedRegistry) -> frozenset[str]:
    """The dropped subjects that the environment and the registry allow to delete."""
    deletion = desired.rules.deletion
    if deletion is Deletion.FORBID or deletion not in live.capabilities.deletion:
        return frozenset()
    return frozenset(
        name
        for name in _dropped(desired, applied)
        if name not in desired.subjects
        and applied.subjects[name].version is not None
        and (found := live.state.subjects.get(name))
        and found.latest
    )


def _left_modes(desired: Desired, live: Live, applied: AppliedRegistry) -> frozenset[str]:
    """The dropped subjects that someone else deleted, and of which a mode that we had set is left, and may go."""
    if desired.rules.deletion is Deletion.FORBID or not live.capabilities.resets_modes:
        return frozenset()
    return frozenset(
        name
        for name in _dropped(desired, applied)
        if name not in desired.subjects
        and (found := live.state.subjects.get(name))
        and found.latest is None
        and found.problem is None
        and found.mode is not None
        and found.mode is applied.subjects[name].mode
    )
