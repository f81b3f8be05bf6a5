"""Reports of one comparison of schemas, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from reconciler.model import Outcome, Severity
from reconciler.render.findings import group_alike, render_findings
from reconciler.render.text import render_difference
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
    lines += render_findings(judgement.differences)
    return Group(*lines, Text(), *_conclusion(judgement))


def _conclusion(judgement: Judgement) -> Iterator[Text]:
    severities = [alike[0].severity for alike in group_alike(judgement.differences)]
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
