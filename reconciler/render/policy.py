"""Rules, what they see, and how their tests came out, for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from reconciler.render.findings import render_findings
from reconciler.render.words import count, printable

if TYPE_CHECKING:
    from reconciler.operations.policies.testing import Case
    from reconciler.operations.policy import Explained, Listed

_STYLES: Mapping[str, str] = {"error": "bold red", "warning": "yellow", "info": "cyan", "off": "dim"}


def render_rules(listed: Listed) -> Group:
    """Every rule by its pack, with its level and what it demands."""
    lines: list[Text] = []
    width = max((len(each.rule.code) for each in listed.rules), default=0)
    for pack, rules in groupby(listed.rules, key=lambda each: each.rule.pack):
        lines += [Text(printable(pack), "bold")]
        for each in rules:
            level = each.level or "off"
            lines += [
                Text.assemble(
                    "  ", (f"{level:8}", _STYLES[level]), f"{each.rule.code:{width}}  ", printable(each.rule.title)
                )
            ]
    lines += render_findings(listed.findings)
    number = sum(bool(each.level) for each in listed.rules)
    return Group(*lines, Text(), Text(f"{number} of {count(len(listed.rules), 'rule')} on in {listed.environment}"))


def render_explained(explained: Explained) -> Group:
    """The values as JSON, then the rules that hold and what they find."""
    lines = [
        Text(line) for line in json.dumps(explained.document()["values"], indent=2, ensure_ascii=False).split("\n")
    ]
    lines += [Text()]
    for chosen in explained.rules:
        style = _STYLES[chosen.severity]
        lines.append(
            Text.assemble((f"{chosen.severity:8}", style), f"{chosen.rule.code}  ", printable(chosen.rule.title))
        )
    return Group(*lines, *render_findings(explained.findings), Text(), Text(_sum_up(explained)))


def _sum_up(explained: Explained) -> str:
    rules, findings = count(len(explained.rules), "rule"), count(len(explained.findings), "finding")
    return f"{explained.subject}: {rules} on, {findings}"


def render_cases(cases: Sequence[Case]) -> Group:
    """A line a test, and how what was found differs from what was expected."""
    return Group(*(line for case in cases for line in _case(case)), Text(), _verdict(cases))


def _case(case: Case) -> Iterator[Text]:
    mark = ("passed ", "green") if case.is_passed else ("failed ", "bold red")
    yield Text.assemble(mark, printable(case.name))
    if not case.is_passed:
        yield from (Text(f"  {printable(line)}", "red" if line[:1] == "-" else "green") for line in case.difference)


def _verdict(cases: Sequence[Case]) -> Text:
    failed = sum(not case.is_passed for case in cases)
    if failed:
        return Text(f"{failed} of {count(len(cases), 'test')} failed: - is expected, + is found", "bold red")
    return Text(f"{count(len(cases), 'test')} passed", "green")
