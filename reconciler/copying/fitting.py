"""Which subjects a target cannot have at all: a row a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from reconciler.copying.contents import used_versions
from reconciler.copying.findings import make_left_out
from reconciler.copying.values import CopyRequest, Side
from reconciler.model import Finding, LiveVersion
from reconciler.registry import Capabilities

_Problem = tuple[str, str] | None
_OTHER_NAME = "change the registry's `name` template"


def _format(target: str, versions: list[LiveVersion], c: Capabilities) -> _Problem:
    unknown = sorted({v.schema.format for v in versions} - c.formats)
    if not unknown:
        return None
    return (
        f"it is in format {', '.join(unknown)}, which is not stored there",
        f"it stores {', '.join(sorted(c.formats))}",
    )


def _references(target: str, versions: list[LiveVersion], c: Capabilities) -> _Problem:
    unknown = sorted({v.schema.format for v in versions if v.schema.references} - c.references)
    if not unknown:
        return None
    return f"it refers to other subjects, which {', '.join(unknown)} schemas cannot there", "write what it uses into it"


def _name(target: str, versions: list[LiveVersion], c: Capabilities) -> _Problem:
    if c.names is None or c.names.pattern.fullmatch(target):
        return None
    return f"it cannot be called `{target}` there: a name is {c.names.described}", _OTHER_NAME


def _size(target: str, versions: list[LiveVersion], c: Capabilities) -> _Problem:
    largest = max((len(v.schema.definition.encode("utf-8", "surrogatepass")) for v in versions), default=0)
    if c.max_bytes is None or largest <= c.max_bytes:
        return None
    return f"a version has {largest:,} bytes, and {c.max_bytes:,} are the most there", "split it"


_RULES: tuple[Callable[[str, list[LiveVersion], Capabilities], _Problem], ...] = (_format, _references, _name, _size)


def find_unfit(source: Side, target: Side, request: CopyRequest) -> dict[str, Finding]:
    """By subject of the source, why the target cannot have it: itself, or what it refers to."""
    found = dict(_find_own(source, target, request))
    while further := dict(_find_by_references(source, target, request, found)):
        found |= further
    return found


def _find_own(source: Side, target: Side, request: CopyRequest) -> Iterator[tuple[str, Finding]]:
    takers = Counter(request.names.values())
    for subject, name in request.names.items():
        versions = _wanted(source, request, subject)
        live = source.subjects.get(subject)
        if live is not None and live.problem:
            yield subject, _make(target, subject, live.problem, "mend it in the source, or leave it out by --except")
        elif takers[name] > 1:
            why = f"it and another subject would both be called `{name}` there"
            yield subject, _make(target, subject, why, _OTHER_NAME)
        elif subject in request.misnamed:
            yield subject, _make(target, subject, request.misnamed[subject], _OTHER_NAME)
        else:
            problem = next((p for rule in _RULES if (p := rule(name, versions, target.capabilities))), None)
            if problem:
                yield subject, _make(target, subject, *problem)


def _find_by_references(
    source: Side, target: Side, request: CopyRequest, unfit: Mapping[str, Finding]
) -> Iterator[tuple[str, Finding]]:
    for subject in request.names:
        if subject in unfit:
            continue
        used = {use for v in _wanted(source, request, subject) for use in used_versions(v.schema)}
        for other, number in sorted(used):
            if other in unfit or other not in request.names:
                yield subject, _make(target, subject, f"it refers to {other}, which is not copied", None)
                break
            if (other, number) not in request.wanted:
                why = f"it refers to version {number} of {other}, which {source.name} does not show"
                yield subject, _make(target, subject, why, "restore that version, or delete what refers to it")
                break


def _wanted(source: Side, request: CopyRequest, subject: str) -> list[LiveVersion]:
    return [v for v in source.histories.get(subject, ()) if (subject, v.version) in request.wanted]


def _make(target: Side, subject: str, why: str, fix: str | None) -> Finding:
    return make_left_out(target.name, subject, f"the subject is not copied: {why}", fix)
