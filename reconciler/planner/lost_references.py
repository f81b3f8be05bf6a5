"""What earlier versions refer to and a new one does not, where a registry reads the old by the references of the new.

Apicurio 3.3 resolves the references of the version that is posted, and reads the earlier versions that it compares with
by these: where one of them needs more, it refuses the new version, whatever else the two say. Its check on request
cannot read schemas with references at all, so only we can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from reconciler import compatibility
from reconciler.model import DesiredSubject, Finding, Format, Severity, Source
from reconciler.planner.findings import make_finding
from reconciler.schemas import Parsed


def check_lost_references(
    subject: DesiredSubject, registry: str, new: Parsed, compared: Sequence[compatibility.Judged]
) -> Iterator[Finding]:
    """Report each version that is compared with and uses a name that the new schema's references do not bring."""
    brought = frozenset(_find_brought(new))
    for old in compared:
        schema = old.parsed
        if schema.document.format is not new.document.format:
            continue
        own = frozenset(schema.document.defines)
        lost = sorted(
            need.name
            for need in schema.document.needs
            if not need.is_built_in and (brought | own).isdisjoint((need.name, *need.alternatives))
        )
        if lost:
            yield _make_lost(subject, registry, lost, old.version)


def _find_brought(new: Parsed) -> Iterator[str]:
    """The names that the references of a schema bring: in Avro near and far, else those that it refers to itself."""
    yield from new.dependencies
    waiting = list(new.dependencies.values()) if new.document.format is Format.AVRO else []
    seen: set[int] = set()
    while waiting:
        used = waiting.pop()
        if id(used) not in seen:
            seen.add(id(used))
            yield from used.document.defines
            waiting.extend(used.dependencies.values())


def _make_lost(subject: DesiredSubject, registry: str, lost: Iterable[str], version: int) -> Finding:
    names = ", ".join(f"`{name}`" for name in lost)
    finding = make_finding(
        "REFERENCE_DROPPED",
        Severity.ERROR,
        registry,
        subject,
        f"this registry reads version {version} with the references of the new one, which do not bring {names}, so it"
        " refuses the new one under every mode but NONE",
        "keep using the name, declare `compatibility: NONE` for the subject, or waive REFERENCE_DROPPED",
        Source.COMPATIBILITY,
    )
    return replace(finding, against=version)
