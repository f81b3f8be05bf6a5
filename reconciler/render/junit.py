"""A report as JUnit XML, for CI systems that show tests: a case for each subject, failed where something blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from itertools import count as counting
from xml.etree import ElementTree

from reconciler.model import Finding
from reconciler.render.report import Entry, Report, State
from reconciler.render.words import printable, single_line

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ELSEWHERE = "repository"
"""The suite of what belongs to no registry."""


@dataclass
class _Case:
    suite: str
    name: str
    file: str = ""
    line: int = 0
    entry: Entry | None = None
    findings: list[Finding] = field(default_factory=list)
    error: str = ""

    @property
    def is_failed(self) -> bool:
        return any(f.blocks for f in self.findings) or (self.entry is not None and self.entry.is_failed)


def render_junit(report: Report) -> str:
    """Write a suite for each registry; a case tells what changes, and holds the findings of its subject."""
    cases = _cases(report)
    title = _attribute(f"schemafed: {report.title}")
    whole = ElementTree.Element("testsuites", {"name": title, **_counts(cases)})
    for name in dict.fromkeys(case.suite for case in cases):
        mine = [case for case in cases if case.suite == name]
        suite = ElementTree.SubElement(whole, "testsuite", {"name": _attribute(name), **_counts(mine)})
        for case in mine:
            _write(case, suite)
    ElementTree.indent(whole)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(whole, encoding="unicode") + "\n"


def _cases(report: Report) -> list[_Case]:
    """A case for each entry; what was found beside them is one for each subject, or each place."""
    cases: dict[tuple[str, str], _Case] = {}
    for group in report.groups:
        for entry in group.entries:
            suite = entry.registry or group.name
            names = chain((entry.name,), (f"{entry.name} {entry.what}{' again' * number}" for number in counting()))
            name = next(name for name in names if (suite, name) not in cases)
            cases[suite, name] = _Case(suite, name, entry.location.file, entry.location.line, entry)
    for finding in report.findings:
        key = _find_case(finding, report, cases)
        place = finding.location
        case = cases.setdefault(key, _Case(*key, place.file if place else "", place.line if place else 0))
        case.findings.append(finding)
    made = list(cases.values())
    if report.state is State.FAILED and not any(case.is_failed for case in made):
        return [*made, _Case(ELSEWHERE, report.title, error=f"{report.verdict}: {report.summary}")]
    return made or [_Case(ELSEWHERE, report.verdict)]


def _find_case(finding: Finding, report: Report, cases: dict[tuple[str, str], _Case]) -> tuple[str, str]:
    suites = [finding.registry] if finding.registry else [group.name for group in report.groups]
    name = finding.subject or (str(finding.location) if finding.location else finding.code)
    known = ((suite, name) for suite in suites if (suite, name) in cases)
    return next(known, (finding.registry or ELSEWHERE, name))


def _write(case: _Case, suite: ElementTree.Element) -> None:
    attributes = {"classname": case.suite, "name": case.name, "file": case.file, "line": str(case.line or "")}
    element = ElementTree.SubElement(
        suite, "testcase", {name: _attribute(value) for name, value in attributes.items() if value}
    )
    if case.error:
        ElementTree.SubElement(element, "error", message=_attribute(case.error)).text = _text(case.error)
    if case.entry and case.entry.is_failed:
        became = f"{case.entry.status}: {case.entry.problem or ''}"
        _fail(element, case.entry.what, [became, f"fix: {case.entry.fix}" if case.entry.fix else ""])
    for finding in case.findings:
        if finding.blocks:
            _fail(element, finding.message, _lines(finding), finding.code)
    told = [line for finding in case.findings if not finding.blocks for line in (finding.severity, *_lines(finding))]
    output = [*(_told(case.entry) if case.entry else ()), *told]
    if output:
        ElementTree.SubElement(element, "system-out").text = _text("\n".join(output))


def _fail(element: ElementTree.Element, message: str, lines: Sequence[str], kind: str = "failed") -> None:
    failure = ElementTree.SubElement(element, "failure", type=_attribute(kind), message=_attribute(message))
    failure.text = _text("\n".join(line for line in lines if line))


def _lines(finding: Finding) -> list[str]:
    place = [str(finding.location)] if finding.location else []
    return [" ".join((finding.code, *place)), finding.message, *([f"fix: {finding.fix}"] if finding.fix else [])]


def _told(entry: Entry) -> Iterator[str]:
    yield entry.what
    yield from (judgement.text for judgement in entry.judgements)


def _counts(cases: Sequence[_Case]) -> dict[str, str]:
    counts = {
        "tests": len(cases),
        "failures": sum(c.is_failed for c in cases),
        "errors": sum(bool(c.error) for c in cases),
    }
    return {name: str(number) for name, number in counts.items()}


def _attribute(text: str) -> str:
    return _text(single_line(text))


def _text(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", printable(text))
