"""The report of an offline check, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from reconciler.model import Finding, Severity, Verdict
from reconciler.render.findings import render_findings
from reconciler.render.text import render_differences
from reconciler.render.words import OUTCOME_STYLES, count, describe_checked, describe_live, describe_verdict, printable

if TYPE_CHECKING:
    from reconciler.operations.checking.values import Checked, CheckedSubject

_MARKS: Mapping[str, tuple[str, str]] = {
    "added": ("+", "green"),
    "changed": ("~", "yellow"),
    "renamed": ("~", "yellow"),
    "dropped": ("-", "red"),
}
_SHORT = 12
MOST_SUBJECTS = 200
"""How many subjects a report names before it counts the rest; those that are incompatible always."""


def render_check(checked: Checked) -> Group:
    """What a change does to which subjects, what it breaks, what was there before, and one line that sums it up."""
    lines = [_heading(checked), *_subjects(checked)]
    if checked.known:
        lines += _section("There before this change, and not counted:", checked.known)
        lines += _section("Brought by this change:", checked.findings)
    else:
        lines += render_findings(checked.findings)
    return Group(*lines, Text(), _verdict(checked))


def _section(heading: str, findings: Sequence[Finding]) -> Iterator[Text]:
    if findings:
        yield from (Text(), Text(heading, "bold"))
    yield from (Text.assemble("  ", line) if line else line for line in render_findings(findings))


def _heading(checked: Checked) -> Text:
    base = checked.base
    at = f"{printable(base.name)} ({base.commit[:_SHORT]})" if base.commit else printable(base.name)
    number = len(checked.subjects)
    what = f"{count(number, 'subject')} of {checked.total:,} " if number else "no subject "
    differs = "differs" if number < 2 else "differ"
    return Text.assemble((checked.environment, "bold cyan"), f": {what}{differs} from {at}")


def _subjects(checked: Checked) -> Iterator[Text]:
    hidden = 0
    for index, subject in enumerate(checked.subjects):
        if index < MOST_SUBJECTS or subject.is_breaking:
            yield from _subject(subject, checked.commits.get(subject.name, ()))
        else:
            hidden += 1
    if hidden:
        yield Text(f"  and {hidden:,} more", "dim")


def _subject(subject: CheckedSubject, commits: tuple[str, ...]) -> Iterator[Text]:
    mark, style = _MARKS[subject.kind]
    yield Text.assemble((f"  {mark} ", style), (printable(subject.name), "bold"), f"  {_describe(subject)}")
    for verdict in subject.verdicts:
        yield Text.assemble("      ", (printable(describe_verdict(verdict)), OUTCOME_STYLES[verdict.outcome]))
    for live in subject.live:
        yield Text.assemble("      ", (printable(describe_live(live)), OUTCOME_STYLES[live.verdict.outcome]))
    for number in _told_versions(subject.verdicts):
        yield Text(f"      version {number} is that of commit {commits[number - 1][:_SHORT]}", "dim")
    yield from render_differences(subject.changes.differences)


def _describe(subject: CheckedSubject) -> str:
    file = f" ({subject.location.file})" if subject.kind == "dropped" else ""
    return printable(describe_checked(subject)) + file


def _told_versions(verdicts: tuple[Verdict, ...]) -> list[int]:
    """The versions that speak against a change: which of Git's they are is worth a line."""
    return sorted({f.against for v in verdicts for f in v.findings if f.blocks and f.against})


def _verdict(checked: Checked) -> Text:
    severities = [finding.severity for finding in checked.findings]
    errors, warnings = severities.count(Severity.ERROR), severities.count(Severity.WARNING)
    found = ", ".join((count(errors, "error"), count(warnings, "warning")))
    before = f"; {len(checked.known):,} there before" if checked.known else ""
    verdict = ("Passed.", "bold green") if checked.is_passed else ("Not passed.", "bold red")
    return Text.assemble(verdict, f" {found}{before}.")
