"""The values of a subject, of a change to it, of a registry and of the repository."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import basename, dirname

from reconciler.model import NO_METADATA, DesiredSubject, Finding, Mode
from reconciler.policy.facts import Break, Change, Reference, Registry, Repository, Schema, Subject
from reconciler.policy.schema_facts import compare_definitions, compare_fields
from reconciler.policy.words import find_cases, split_words

NO_OWNERS: Callable[[str], tuple[str, ...]] = lambda file: ()  # noqa: E731


@dataclass(frozen=True)
class Surroundings:
    """What a subject stands in: the others, the registries that get them, and whom CODEOWNERS names for a file.

    ``names`` has, by registry, the names of the subjects there; ``levels`` and ``kinds`` what is declared of it.
    """

    subjects: Mapping[str, DesiredSubject]
    names: Mapping[str, Mapping[str, str]]
    levels: Mapping[str, Mode | None] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    find_code_owners: Callable[[str], tuple[str, ...]] = NO_OWNERS
    has_code_owners_file: bool = False

    def __post_init__(self) -> None:
        referrers: dict[str, list[str]] = {}
        for name, subject in self.subjects.items():
            for target in dict.fromkeys(r.subject for r in subject.schema.references):
                referrers.setdefault(target, []).append(name)
        object.__setattr__(self, "_referrers", referrers)

    def referrers(self, name: str) -> Sequence[str]:
        """The subjects that refer to one."""
        found: dict[str, list[str]] = getattr(self, "_referrers")  # noqa: B009
        return found.get(name, ())

    def judged_mode(self, subject: DesiredSubject) -> Mode:
        """The mode that a subject is judged by offline: its own, the one level of its registries, BACKWARD."""
        levels = {self.levels.get(name) for name, names in self.names.items() if subject.name in names}
        level = next(iter(levels)) if len(levels) == 1 else None
        return subject.mode or level or subject.inherited_mode or Mode.BACKWARD


def make_subject(subject: DesiredSubject, around: Surroundings) -> Subject:
    """Make the values of a subject."""
    file = subject.location.file
    metadata = subject.schema.metadata or NO_METADATA
    names = {registry: names[subject.name] for registry, names in around.names.items() if subject.name in names}
    return {
        "name": subject.name,
        "words": list(split_words(subject.name)),
        "cases": list(find_cases(subject.name)),
        "file": file,
        "folder": dirname(file),
        "stem": basename(file).partition(".")[0],
        "owner": subject.owner or "",
        "code_owners": list(around.find_code_owners(file)),
        "has_code_owners_file": around.has_code_owners_file,
        "tags": list(subject.tags),
        "registries": sorted(names),
        "kinds": sorted({around.kinds.get(registry, "") for registry in names}),
        "names": names,
        "mode": str(subject.mode or ""),
        "judged_mode": str(around.judged_mode(subject)),
        "is_managed": subject.manage,
        "metadata": {
            "properties": dict(metadata.properties),
            "tags": {path: list(tags) for path, tags in metadata.tags.items()},
            "sensitive": list(metadata.sensitive),
        },
        "references": _make_references(subject, around),
        "referrers": list(around.referrers(subject.name)),
        "waivers": [
            {"code": w.code, "path": w.path or "", "reason": w.reason, "approver": w.approver, "until": w.until}
            for w in subject.waivers
        ],
    }


def _make_references(subject: DesiredSubject, around: Surroundings) -> list[Reference]:
    made: list[Reference] = []
    for reference in subject.schema.references:
        other = around.subjects.get(reference.subject)
        metadata = (other.schema.metadata if other else None) or NO_METADATA
        made.append(
            {
                "name": reference.name,
                "subject": reference.subject,
                "version": reference.version or 0,
                "is_pinned": reference.version is not None,
                "owner": (other.owner if other else None) or "",
                "tags": list(other.tags) if other else [],
                "mode": str(around.judged_mode(other)) if other else "",
                "metadata": dict(metadata.properties),
                "folder": dirname(other.location.file) if other else "",
            }
        )
    return made


def make_change(
    kind: str,
    before: Schema | None,
    after: Schema,
    modes: tuple[Mode | None, Mode],
    *,
    is_text_changed: bool,
    breaks: Iterable[Finding] = (),
    registry: str = "",
) -> Change:
    """Make the values of what happens to a subject; ``modes`` are those that it was and is judged by."""
    old, new = modes
    return {
        "kind": kind,
        "registry": registry,
        "mode_before": str(old or ""),
        "mode_after": str(new),
        "is_loosened": old is not None and not old.allows(new),
        "is_text_changed": is_text_changed,
        "before": before,
        "fields": compare_fields(before, after),
        "definitions": compare_definitions(before, after),
        "breaks": [_make_break(finding) for finding in breaks if finding.blocks],
    }


def _make_break(finding: Finding) -> Break:
    at = finding.path or ""
    direction = str(finding.direction or "")
    return {"code": finding.code, "direction": direction, "at": at, "path": at, "message": finding.message}


def make_registry(name: str, around: Surroundings) -> Registry:
    """Make the values of a registry."""
    return {
        "name": name,
        "kind": around.kinds.get(name, ""),
        "level": str(around.levels.get(name) or ""),
        "subjects": sorted(around.names.get(name, ())),
    }


def make_repository(around: Surroundings) -> Repository:
    """Make the values of the whole repository."""
    return {
        "subjects": sorted(around.subjects),
        "owners": sorted({s.owner for s in around.subjects.values() if s.owner}),
        "registries": sorted(around.names),
        "has_code_owners_file": around.has_code_owners_file,
    }
