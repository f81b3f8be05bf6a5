"""What planning can find, each with its code, its sentence and a way out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from shlex import quote

from reconciler.compatibility.places import find_place
from reconciler.compatibility.unreadable import unreadable_version
from reconciler.errors import RegistryError, SchemaError
from reconciler.model import (
    DesiredSubject,
    Finding,
    LiveSubject,
    LiveVersion,
    Location,
    Mode,
    Reference,
    RegisterSchema,
    Severity,
    Source,
    Verdict,
)
from reconciler.schemas import language


def make_finding(
    code: str,
    severity: Severity,
    registry: str,
    subject: DesiredSubject | RegisterSchema,
    message: str,
    fix: str | None = None,
    source: Source = Source.PLANNING,
) -> Finding:
    """Make a finding about a subject in a registry, at the subject's file."""
    name = subject.subject if isinstance(subject, RegisterSchema) else subject.name
    return Finding(code, severity, source, message, registry=registry, subject=name, location=subject.location, fix=fix)


def place_finding(finding: Finding, registry: str, subject: DesiredSubject, old: Mapping[int, str]) -> Finding:
    """Say of a compatibility finding where it is: registry, subject, and line and column of its path in the file.

    Args:
        old: the texts that were judged against, by version: a finding may point into one of them.
    """
    schema = subject.schema
    path = find_place(finding, schema.format, schema.definition, old)
    position = language(schema.format).locate(schema.definition, path) if path else None
    location = Location(subject.location.file, *position) if position else subject.location
    return replace(finding, registry=registry, subject=subject.name, location=location)


def unreadable_schema(registry: str, subject: DesiredSubject, error: SchemaError) -> Finding:
    """A live schema that cannot be parsed, so that nothing can be said of it."""
    return replace(unreadable_version(error), registry=registry, subject=subject.name, location=subject.location)


def unusable_subject(registry: str, subject: DesiredSubject, live: LiveSubject) -> Finding:
    """A live subject that the adapter could not make sense of."""
    return make_finding(
        "LIVE_SUBJECT_UNREADABLE",
        Severity.ERROR,
        registry,
        subject,
        f"the registry's answer for this subject cannot be used: {live.problem}",
        "a newer schemafed may know it; until then leave this subject out with --subject",
        Source.REGISTRY,
    )


def read_only(registry: str, subject: str, location: Location, closed: str) -> Finding:
    """Something is to be written to a subject, or a registry, that takes nothing now.

    Args:
        closed: the setting and its value.
    """
    return Finding(
        "SUBJECT_READONLY",
        Severity.ERROR,
        Source.PLANNING,
        f"the registry takes nothing for this subject: {closed} holds for it",
        registry=registry,
        subject=subject,
        location=location,
        fix="declare `settings: {write_mode: READWRITE}` for it, or leave it out with --subject until it is opened",
    )


def older_version(registry: str, subject: DesiredSubject, older: LiveVersion, latest: int, way: str) -> Finding:
    """The desired schema is an older version already, and the registry cannot make it the latest again.

    Args:
        way: what would help.
    """
    return make_finding(
        "OLDER_VERSION",
        Severity.ERROR,
        registry,
        subject,
        f"the registry already holds this schema as version {older.version} of {latest}; it would answer with that"
        " version and the latest would stay what it is",
        f"{way}, make the schema differ from that version (its documentation is enough where the registry sees that),"
        " or keep the latest in Git",
    )


def same_for_registry(registry: str, subject: DesiredSubject) -> Finding:
    """A difference that the registry does not see, so that registering it would change nothing."""
    return make_finding(
        "SAME_FOR_REGISTRY",
        Severity.INFO,
        registry,
        subject,
        "it differs from the latest version in nothing that this registry tells apart; nothing is written",
    )


_DROPPED = {"metadata": "METADATA_DROPPED", "rules": "RULES_DROPPED"}


def dropped_beside(registry: str, subject: DesiredSubject, what: str) -> Finding:
    """The registry has the schema, and takes no notice of what is declared beside it.

    Args:
        what: ``metadata`` or ``rules``.
    """
    return make_finding(
        _DROPPED[what],
        Severity.WARNING,
        registry,
        subject,
        f"this registry drops {what} silently: it says that it has this schema already, and shows other {what}",
        f"take `{what}` out of the sidecar, or list registries that keep them with `registries:`",
    )


def missing_reference(
    registry: str, subject: DesiredSubject, reference: Reference, *, is_elsewhere: bool = False
) -> Finding:
    """A reference to a subject, or a version, that the registry does not have and this plan does not make.

    Args:
        is_elsewhere: whether somebody else manages the subject that is referred to.
    """
    version = f" in version {reference.version}" if reference.version else ""
    there = f"let {reference.subject} go to this registry too (its `registries:` and `manage:` say where it goes)"
    theirs = f"have {reference.subject} registered by its owner first: with `manage: false` schemafed never writes it"
    fix = "pin a version that it has, or let the reference follow the repository" if reference.version else there
    return make_finding(
        "REFERENCE_NOT_IN_REGISTRY",
        Severity.ERROR,
        registry,
        subject,
        f"it refers to `{reference.name}`, subject {reference.subject}, which this registry does not have{version}",
        theirs if is_elsewhere and not reference.version else fix,
    )


def differs_elsewhere(registry: str, subject: DesiredSubject, why: str, users: Sequence[str]) -> Finding:
    """The registry has another schema of a subject that is managed elsewhere than Git's copy of it.

    Args:
        why: what tells both apart, as a part of a sentence.
        users: what refers to it, near or far, and gets a schema by this plan.
    """
    message = f"it is managed elsewhere (`manage: false`), and {why}"
    if users:
        message += f"; {_name_some(users)} would be judged with the copy, and registered with what is live"
    return make_finding(
        "MANAGED_ELSEWHERE_DIFFERS",
        Severity.ERROR if users else Severity.WARNING,
        registry,
        subject,
        message,
        f"take what is live into Git: `schemafed import --registry {registry} --subject {quote(subject.name)}"
        " --overwrite`",
    )


def pin_differs(registry: str, subject: DesiredSubject, reference: Reference, why: str) -> Finding:
    """A pinned text is not that of the version, or means other versions than it does there."""
    return make_finding(
        "PIN_DIFFERS",
        Severity.ERROR,
        registry,
        subject,
        f"it pins version {reference.version} of {reference.subject}, but {why}",
        "take the text from the registry; what that refers to is pinned in a sidecar beside it; or let the reference"
        " follow the repository",
    )


def many_vanished(registry: str, vanished: int, managed: int) -> Finding:
    """So much of what was applied is gone that the registry is likelier the wrong one, or shows us too little."""
    return Finding(
        "MANY_VANISHED",
        Severity.ERROR,
        Source.PLANNING,
        f"{vanished:,} of {managed:,} subjects that were applied here are not in the registry any more; that is"
        " likelier a wrong address or a missing permission than a deletion",
        registry=registry,
        fix="check the registry's `url` and what the credentials may read; if all of it was deleted, `--recreate '*'`"
        " creates it again, and `--allow-mass-change` forgets what Git dropped",
    )


def referenced(registry: str, subject: str, location: Location, users: Iterable[str]) -> Finding:
    """Something would be deleted to which something refers that stays.

    Args:
        users: what refers to it, in words.
    """
    return Finding(
        "REFERENCED",
        Severity.ERROR,
        Source.PLANNING,
        f"it cannot be deleted, since {_name_some(users)} would still refer to it",
        registry=registry,
        subject=subject,
        location=location,
        fix="delete those first (old versions refer to it too), or leave this one in Git",
    )


def _name_some(names: Iterable[str]) -> str:
    known = sorted(set(names))
    return ", ".join(known[:5]) + (f" and {len(known) - 5} more" if len(known) > 5 else "")


def mass_deletion(registry: str, number: int, managed: int) -> Finding:
    """A plan would delete so much of what is ours that it is likelier a mistake."""
    return Finding(
        "MASS_DELETION",
        Severity.ERROR,
        Source.PLANNING,
        f"{number:,} of {managed:,} subjects that were applied here would be deleted, or lose versions",
        registry=registry,
        fix="look at every one of them; `--allow-mass-change` lets them go",
    )


def not_judged(change: RegisterSchema, mode: Mode) -> Finding:
    """Nobody can judge the change, and the registry takes nothing that was not judged."""
    return make_finding(
        "NOT_JUDGED",
        Severity.ERROR,
        change.registry,
        change,
        f"nobody can judge whether this {change.after.format} schema keeps {mode}, so the registry would refuse it",
        "declare `compatibility: NONE` for the subject, or use a registry that judges the format itself",
        Source.COMPATIBILITY,
    )


def judged_by_server(change: RegisterSchema, mode: Mode) -> Finding:
    """The registry judges the change when it is applied, and could not be asked before."""
    return make_finding(
        "JUDGED_BY_SERVER",
        Severity.WARNING,
        change.registry,
        change,
        f"whether this {change.after.format} schema keeps {mode} is judged by the server when the plan is applied;"
        " it could not be asked before",
        source=Source.COMPATIBILITY,
    )


def judged_by_nobody(change: RegisterSchema, mode: Mode) -> Finding:
    """There are no rules for the format, neither here nor in the registry, so that it takes whatever is sent."""
    return make_finding(
        "JUDGED_BY_NOBODY",
        Severity.WARNING,
        change.registry,
        change,
        f"nobody judges whether this {change.after.format} text keeps {mode}: neither schemafed nor the registry has"
        " rules for the format",
        "see for yourself what changes for whom; `compatibility: NONE` says that this is meant",
        source=Source.COMPATIBILITY,
    )


def unanswered(change: RegisterSchema, error: RegistryError) -> Finding:
    """The registry failed when it was asked for its own verdict, and may fail or refuse when the plan is applied."""
    return make_finding(
        "SERVER_VERDICT_MISSING",
        Severity.WARNING,
        change.registry,
        change,
        f"the registry was asked whether it accepts this schema, and failed: {error.message}"
        + (f" ({error.detail})" if error.detail else ""),
        "see whether the registry can take the schema at all before you apply the plan",
        Source.REGISTRY,
    )


def verdicts_disagree(change: RegisterSchema, theirs: Verdict) -> Finding:
    """We find the change compatible and the registry does not."""
    words = "; ".join(f.message for f in theirs.findings)
    return make_finding(
        "VERDICTS_DISAGREE",
        Severity.ERROR,
        change.registry,
        change,
        f"schemafed finds this schema compatible under {theirs.mode}, but the registry does not: {words}",
        "trust the registry: change the schema such that it accepts it, and report the difference to schemafed",
        Source.COMPATIBILITY,
    )
