"""Reports of one comparison of schemas, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from rich.console import Group as Lines
from rich.text import Text

from reconciler.model import DifferenceKind, Location, Outcome, Severity
from reconciler.render.findings import group_alike, render_findings
from reconciler.render.report import Entry, Group, Report, State
from reconciler.render.report import Judgement as JudgementInWords
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


def render_judgement(judgement: Judgement) -> Lines:
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
    return Lines(*lines, Text(), *_conclusion(judgement))


def _conclusion(judgement: Judgement) -> Iterator[Text]:
    found = _count_differences(judgement)
    described = describe_verdict(judgement.verdict)
    style = _STYLES[judgement.verdict.outcome]
    yield Text.assemble((described[0].upper() + described[1:], style), f": {found}." if found else ".")
    if judgement.verdict.outcome is Outcome.NOT_JUDGED:
        yield Text(
            f"schemafed has no rules for {judgement.format} as {judgement.dialect} judges it; only a registry can tell."
        )


def _count_differences(judgement: Judgement) -> str:
    severities = [alike[0].severity for alike in group_alike(judgement.differences)]
    breaking = severities.count(Severity.ERROR)
    harmless = len(severities) - breaking
    if not breaking:
        return count(harmless, "harmless difference") if harmless else ""
    breaks = count(breaking, "difference breaks", "differences break")
    return f"{breaks}, {harmless:,} {'is' if harmless == 1 else 'are'} harmless" if harmless else breaks


def make_judgement_report(judgement: Judgement) -> Report:
    """Say what a comparison came to, for every format of reports."""
    name = judgement.subject or PurePath(judgement.new).stem
    verdict = judgement.verdict
    entry = Entry(
        judgement.registry,
        name,
        DifferenceKind.CHANGED,
        f"{judgement.format}, after {count(len(judgement.versions), 'version')}",
        Location(judgement.new),
        judgements=(JudgementInWords(verdict.outcome, describe_verdict(verdict)),),
    )
    compared = f"{count(len(verdict.versions), 'version')} compared"
    return Report(
        "compat",
        f"Compatibility of {judgement.new}",
        State.PASSED if judgement.is_compatible else State.BLOCKED,
        str(verdict.outcome),
        f"{describe_verdict(verdict)}: {_count_differences(judgement) or 'no difference'}",
        (Group(judgement.registry or "files", judgement.dialect, compared, (entry,)),),
        tuple(replace(f, registry=judgement.registry, subject=name) for f in judgement.differences),
    )


def render_comparison(compared: Compared) -> Lines:
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
    return Lines(*lines)
