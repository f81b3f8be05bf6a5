"""A report as workflow commands of GitHub Actions, which put each finding on its line of the pull request.

The syntax, and what must be escaped in it, is that of the runner's ``ActionCommand``; Gitea's runner reads it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.model import Finding, Severity
from reconciler.render.findings import group_alike
from reconciler.render.report import Report, State
from reconciler.render.words import count, printable, single_line

MOST = 10
"""How many annotations of a kind are shown: GitHub drops those that come after."""
_COMMANDS: Mapping[Severity, tuple[str, str]] = {
    Severity.ERROR: ("error", "error"),
    Severity.WARNING: ("warning", "warning"),
    Severity.INFO: ("notice", "note"),
}


def render_annotations(report: Report) -> str:
    """Write a line for each finding, errors first, at most :data:`MOST` of a kind; the last says how many more are."""
    lines = [] if report.state is not State.FAILED else [_command("error", {"title": report.title}, _failure(report))]
    for severity, (command, noun) in _COMMANDS.items():
        lines += _lines(_one_each(f for f in report.findings if f.severity is severity), command, noun)
    return "".join(f"{line}\n" for line in lines)


def render_message(command: str, title: str, text: str) -> str:
    """Write one annotation that is of no file: ``command`` is ``error``, ``warning`` or ``notice``."""
    return _command(command, {"title": title}, text)


def _one_each(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, but only one of those that say the same of one place in several versions."""
    found: list[Finding] = []
    for alike in group_alike(findings):
        places: dict[object, Finding] = {}
        for finding in alike:
            places.setdefault((finding.location, finding.registry, finding.subject, finding.path), finding)
        found += places.values()
    return found


def _lines(findings: list[Finding], command: str, noun: str) -> Iterator[str]:
    more = len(findings) - MOST
    for number, finding in enumerate(findings[:MOST], 1):
        text = _describe(finding)
        if number == MOST and more > 0:
            text += f"\n\nand {count(more, f'more {noun}')}"
        yield _command(command, _properties(finding), text)


def _properties(finding: Finding) -> dict[str, str]:
    place = finding.location
    found = {"file": place.file, "line": str(place.line or 1), "col": str(place.column or "")} if place else {}
    return {name: value for name, value in (*found.items(), ("title", finding.code)) if value}


def _describe(finding: Finding) -> str:
    owner = "/".join(single_line(part) for part in (finding.registry, finding.subject) if part)
    return "\n".join(part for part in (owner, finding.message, f"fix: {finding.fix}" if finding.fix else "") if part)


def _failure(report: Report) -> str:
    return "\n".join((f"{report.verdict}: {report.summary}", *report.alarms))


def _command(command: str, properties: Mapping[str, str], text: str) -> str:
    listed = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items())
    return f"::{command} {listed}::{_escape(printable(text))}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(single_line(text)).replace(":", "%3A").replace(",", "%2C")
