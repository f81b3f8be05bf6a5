"""Findings as lines of a report: one voice, whichever command has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from rich.text import Text

from reconciler.model import Finding, Severity, Source
from reconciler.render.words import describe_versions, printable

SEVERITY_STYLES: Mapping[Severity, str] = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "yellow",
    Severity.INFO: "cyan",
}
MOST_ALIKE = 20
"""How many findings of one code a report shows before it counts the rest, unless they block."""
_RANKS = {severity: rank for rank, severity in enumerate(Severity)}
_Kind = tuple[object, ...]


def render_findings(findings: Iterable[Finding]) -> list[Text]:
    """Show findings, the worst first; all that block.

    Each begins with its sentence; its places follow, its code, and what to do. What is said of several places, or of
    several versions, is said once; and so is a fix that findings of one code and subject share.
    """
    lines: list[Text] = []
    shown: Counter[tuple[Severity, str]] = Counter()
    left: Counter[tuple[Severity, str]] = Counter()
    told: set[_Kind] = set()
    for alike in group_alike(sorted(findings, key=lambda f: _RANKS[f.severity])):
        first = alike[0]
        kind = (first.severity, first.code)
        fit = alike if first.blocks else alike[: MOST_ALIKE - shown[kind]]
        shown[kind] += len(fit)
        left[kind] += len(alike) - len(fit)
        if fit:
            remedy = (first.code, first.fix, first.registry, first.subject)
            lines += [Text(), *_lines(fit, is_fix_told=remedy in told)]
            told.add(remedy)
    for (severity, code), number in left.items():
        if number:
            label = (str(severity), SEVERITY_STYLES[severity])
            lines += [Text(), Text.assemble(label, f": and {number:,} more of {printable(code)}")]
    return lines


def group_alike(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Put together, in their order, findings of one code that say the same of several places or versions."""
    groups: dict[_Kind, list[Finding]] = {}
    for finding in findings:
        said = (_of_any_version(finding.message, finding.against), _of_any_version(finding.fix, finding.against))
        groups.setdefault((finding.severity, finding.code, finding.direction, *said), []).append(finding)
    return list(groups.values())


def _of_any_version(text: str | None, version: int | None) -> str | None:
    return text.replace(f"version {version}", "the version") if text and version is not None else text


def _lines(alike: list[Finding], *, is_fix_told: bool) -> Iterator[Text]:
    first = alike[0]
    is_harmless = first.source is Source.COMPATIBILITY and first.severity is Severity.INFO
    label = "harmless" if is_harmless else str(first.severity)
    yield Text.assemble((label, SEVERITY_STYLES[first.severity]), f": {printable(first.message)}")
    for place in dict.fromkeys(map(_place, alike)):
        if place:
            yield Text(f"  {printable(place)}")
    versions = tuple(sorted({f.against for f in alike if f.against is not None}))
    against = f"against {describe_versions(versions)}" if versions else ""
    code = "  ".join(part for part in (first.code, str(first.direction or ""), against) if part)
    yield Text(f"  {printable(code)}", "dim")
    if first.fix and not is_fix_told:
        yield Text.assemble(("  fix: ", "green"), printable(first.fix))


def _place(finding: Finding) -> str:
    """The line of a file, the place in the schema, and whose it is, as far as each is known."""
    owner = "/".join(part for part in (finding.registry, finding.subject) if part)
    return "  ".join(part for part in (str(finding.location or ""), finding.path or "", owner) if part)
