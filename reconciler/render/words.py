"""The words and marks that all reports share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from reconciler.model import (
    Change,
    DeleteSubject,
    DeleteVersions,
    DifferenceKind,
    Outcome,
    Plan,
    RegisterSchema,
    ResetCompatibility,
    RestoreVersion,
    SetCompatibility,
    SetDefaultCompatibility,
    SetSettings,
    SettingValue,
    Verdict,
)

if TYPE_CHECKING:
    from reconciler.operations.checking.live_verdicts import LiveVerdict
    from reconciler.operations.checking.values import CheckedSubject

MARKS: Mapping[DifferenceKind, str] = {
    DifferenceKind.ADDED: "+",
    DifferenceKind.REMOVED: "-",
    DifferenceKind.CHANGED: "~",
}

OUTCOME_STYLES: Mapping[Outcome, str] = {
    Outcome.COMPATIBLE: "green",
    Outcome.INCOMPATIBLE: "bold red",
    Outcome.NOT_JUDGED: "yellow",
}

STATUS_MARKS: Mapping[str, tuple[str, str]] = {
    "applied": ("✓", "green"),
    "failed": ("✗", "bold red"),
    "skipped": ("-", "yellow"),
    "unknown": ("?", "bold yellow"),
    "noted": ("=", "cyan"),
    "intended": ("…", "bold yellow"),
}
"""What became of a change, in an apply and in the ledger: a mark and its style."""

WHOLE = "$"
"""The path of a difference of the schema as a whole."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_COMMAND = re.compile(r"(^[^\S\n]*:(?=:)|##(?=\[))", re.MULTILINE)


def printable(text: str) -> str:
    """Replace what could move a terminal's cursor or reorder a line, so that a schema's text cannot fake a report.

    What GitHub's runner would take for a command in a log (``::`` where a line begins, ``##[`` anywhere) is told apart
    by a space of no width.
    """
    return _COMMAND.sub("\\1\N{ZERO WIDTH SPACE}", _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text))


def single_line(text: str) -> str:
    """The same on one line, for places that a line break would end."""
    return " ".join(printable(text).split())


def web_address(link: str | None) -> str | None:
    """The address, if it is one of the web: whatever else a link may do, no report has it."""
    return link if link and link.startswith(("https://", "http://")) else None


def count(number: int, noun: str, plural: str | None = None) -> str:
    """``1 change``, ``2 changes``, ``1,200 changes``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def describe_verdict(verdict: Verdict | None) -> str:
    """One line: compatible with what, under which mode, and where that mode comes from."""
    if verdict is None:
        return ""
    under = ", ".join(part for part in (verdict.mode, verdict.basis) if part)
    if not verdict.versions and verdict.outcome is Outcome.COMPATIBLE:
        return f"nothing to be compatible with ({under})"
    by = "" if verdict.judge == "schemafed" else f" as {verdict.judge} judges"
    return f"{verdict.outcome} with {describe_versions(verdict.versions)}{by} ({under})"


def describe_live(live: LiveVerdict) -> str:
    """One line of what a registry's own versions say of a change."""
    return f"in {live.registry}: {describe_verdict(live.verdict)}"


def describe_versions(versions: tuple[int, ...]) -> str:
    """``version 3``, ``versions 1 and 2``, ``versions 1 to 3``, ``versions 1, 3 and 7``.

    ``what is there`` where no number is known.
    """
    if not versions:
        return "what is there"
    if len(versions) == 1:
        return f"version {versions[0]}"
    if len(versions) > 2 and versions == tuple(range(versions[0], versions[-1] + 1)):
        return f"versions {versions[0]} to {versions[-1]}"
    return f"versions {', '.join(map(str, versions[:-1]))} and {versions[-1]}"


def describe_change(change: Change) -> str:
    """One line of what a change does, without its subject."""
    match change:
        case RegisterSchema(before=None):
            return f"new subject, {change.after.format}"
        case RegisterSchema(before=before) if before is not None:
            return f"new version after {before.version}, {change.after.format}"
        case RestoreVersion():
            newer = f"as a new version after {change.before.version}"
            return f"version {change.version}'s schema becomes the latest again, {newer}"
        case SetCompatibility():
            return f"mode {change.before or 'inherited'} → {change.after}"
        case ResetCompatibility():
            return f"mode {change.before} → inherited"
        case SetDefaultCompatibility():
            return f"the registry's own mode {change.before or 'unset'} → {change.after}"
        case SetSettings():
            whose = "the registry's own settings" if change.subject is None else "settings"
            return f"{whose}: {describe_settings(change.before, change.after)}"
        case DeleteVersions():
            what = describe_versions(change.versions)
            return f"delete {what} {_deleted(change)}, so that version {change.after.version} is the latest again"
        case DeleteSubject():
            every = f" with {count(len(change.versions), 'version')}" if change.versions else ""
            return f"delete the subject{every}, {_deleted(change)}"
    raise AssertionError(change)


def describe_settings(before: Mapping[str, SettingValue | None], after: Mapping[str, SettingValue | None]) -> str:
    """``write_mode READWRITE → READONLY, alias unset → orders``; objects as JSON."""
    return ", ".join(f"{n} {describe_setting(before.get(n))} → {describe_setting(v)}" for n, v in after.items())


def describe_setting(value: SettingValue | None) -> str:
    """A setting's value in a line; ``unset`` where there is none."""
    if value is None:
        return "unset"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _deleted(change: DeleteVersions | DeleteSubject) -> str:
    return "for good" if change.is_permanent else "softly"


def describe_checked(subject: CheckedSubject) -> str:
    """One line of what a change of the repository does to a subject, without its name."""
    match subject.kind:
        case "renamed":
            return f"was {subject.before}: a new subject for registries, where the other one is dropped"
        case "dropped":
            return "is not declared any more"
        case "added":
            return "added"
    changes = subject.changes
    if not changes.is_known:
        return "changed, from what cannot be read any more"
    other = [
        f"mode {changes.modes[0] or 'not declared'} → {changes.modes[1] or 'not declared'}" if changes.modes else "",
        "its metadata" if changes.has_new_metadata else "",
        "its settings" if changes.has_new_settings else "",
        "its rules" if changes.has_new_rules else "",
    ]
    told = ", ".join(part for part in other if part)
    if changes.differences or told:
        return f"changed: {told}" if told else "changed"
    return "changed, though not in structure"


def describe_deletions(changes: Iterable[Change]) -> str:
    """One line of everything that a plan deletes; empty where it deletes nothing."""
    subjects = [c for c in changes if isinstance(c, DeleteSubject)]
    newer = [c for c in changes if isinstance(c, DeleteVersions)]
    gone = f"{count(len(subjects), 'subject')} with {count(sum(len(c.versions) for c in subjects), 'version')}"
    left = f"{count(sum(len(c.versions) for c in newer), 'version')} of {count(len(newer), 'subject')} that stay"
    lasting = sum(c.is_permanent for c in subjects) + sum(c.is_permanent for c in newer)
    how = f"; {count(lasting, 'deletion')} for good, which nothing undoes" if lasting else ""
    return " and ".join([*([gone] if subjects else []), *([left] if newer else [])]) + how


def summarize(plan: Plan) -> str:
    """The one-line summary that ends every report of a plan."""
    s = plan.summary
    parts = [
        count(s.creates, "subject") + " to create" if s.creates else "",
        count(s.updates, "new version") if s.updates else "",
        count(s.restores, "older schema") + " to restore" if s.restores else "",
        count(s.modes, "mode") + " to set" if s.modes else "",
        count(s.settings, "change") + " of settings" if s.settings else "",
        count(s.deletes, "deletion") if s.deletes else "",
    ]
    changes = ", ".join(part for part in parts if part) or "no changes"
    rest = [f"{s.unchanged:,} unchanged", f"{s.unmanaged:,} unmanaged" if s.unmanaged else ""]
    problems = [count(s.errors, "error") if s.errors else "", count(s.warnings, "warning") if s.warnings else ""]
    sections = (changes, *(", ".join(part for part in section if part) for section in (rest, problems)))
    return "; ".join(section for section in sections if section)
