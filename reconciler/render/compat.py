"""Reports of one comparison of schemas, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from reconciler.model import Finding, Outcome, Severity
from reconciler.render.text import SEVERITY_STYLES, render_difference
from reconciler.render.words import count, describe_verdict, printable

if TYPE_CHECKING:
    from reconciler.operations.compat import Judgement
    from reconciler.operations.diff import Compared

MOST_VERSIONS = 20
"""How many versions a report names before it leaves the others to the machine's report."""
_STYLES: Mapping[Outcome, str] = {
    Outcome.COMPATIBLE: "bold green",
    Outcome.INCOMPATIBLE: "bold red",
    Outcome.NOT_JUDGED: "bold yellow",
}


def render_judgement(judgement: Judgement) -> Group:
    """Show what was compared, every difference with its place and what to do, and the verdict."""
    verdict = judgement.verdict
    lines = [Text.assemble((printable(judgement.new), "bold"), f" ({judgement.format}) after:")]
    numbers = list(judgement.versions)[-MOST_VERSIONS:]
    if len(numbers) < len(judgement.versions):
        lines.append(Text(f"  {len(judgement.versions) - len(numbers):,} older versions", "dim"))
    for number in numbers:
        is_compared = number in verdict.versions
        source = printable(judgement.versions[number])
        label = source if source.endswith(f"version {number}") else f"version {number}: {source}"
        lines.append(Text(f"  {label}" if is_compared else f"  {label} (does not count)", "" if is_compared else "dim"))
    told: set[tuple[str, str | None]] = set()
    for finding in judgement.differences:
        lines += [Text(), *_finding(finding, is_fix_told=(finding.code, finding.fix) in told)]
        told.add((finding.code, finding.fix))
    return Group(*lines, Text(), *_conclusion(judgement))


def _finding(finding: Finding, *, is_fix_told: bool) -> Iterator[Text]:
    """The sentence first, then where, and what to do; a fix that stands above is not said again."""
    severity = finding.severity
    label = str(severity) if finding.blocks else "harmless"
    yield Text.assemble((label, SEVERITY_STYLES[severity]), f": {printable(finding.message)}")
    against = f"against version {finding.against}" if finding.against else ""
    place = (str(finding.location or ""), finding.path or "")
    yield from _dim("  ".join(part for part in place if part))
    yield from _dim("  ".join(part for part in (finding.code, str(finding.direction or ""), against) if part))
    if finding.fix and not is_fix_told:
        yield Text.assemble(("  fix: ", "green"), printable(finding.fix))


def _dim(text: str) -> Iterator[Text]:
    if text:
        yield Text(f"  {printable(text)}", "dim")


def _conclusion(judgement: Judgement) -> Iterator[Text]:
    severities = [finding.severity for finding in judgement.differences]
    breaking = severities.count(Severity.ERROR)
    counts = (
        count(breaking, "difference breaks", "differences break") if breaking else "",
        count(len(severities) - breaking, "harmless difference") if len(severities) > breaking else "",
    )
    found = ", ".join(part for part in counts if part)
    described = describe_verdict(judgement.verdict)
    style = _STYLES[judgement.verdict.outcome]
    yield Text.assemble((described[0].upper() + described[1:], style), f": {found}." if found else ".")
    if judgement.verdict.outcome is Outcome.NOT_JUDGED:
        yield Text(
            f"schemafed has no rules for {judgement.format} as {judgement.dialect} judges it; only a registry can tell."
        )


def render_comparison(compared: Compared) -> Group:
    """Show the structural difference of two schemas, as plans do."""
    lines = [
        Text.assemble(("a  ", "red"), printable(compared.a.name), (f"  {compared.a.format}", "dim")),
        Text.assemble(("b  ", "green"), printable(compared.b.name), (f"  {compared.b.format}", "dim")),
        *(render_difference(difference) for difference in compared.differences),
    ]
    if compared.differences:
        lines.append(Text(f"{count(len(compared.differences), 'difference')}."))
    elif compared.has_same_text:
        lines.append(Text("No difference."))
    else:
        lines.append(Text("No difference in structure; the texts are not the same to the letter."))
    return Group(*lines)
