"""A report as GitHub-flavoured Markdown, for a comment on a pull request or the summary of a job."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import quote

from reconciler import __version__
from reconciler.model import Difference, DifferenceKind, Finding, Outcome, Severity
from reconciler.render.findings import group_alike
from reconciler.render.markdown_text import code, escape, escape_prose, fence, html_code, shorten
from reconciler.render.report import Entry, Group, Judgement, Report, State
from reconciler.render.words import MARKS, WHOLE, count, describe_versions, web_address

LIMIT = 60_000
"""So many characters a comment has at most; GitHub takes 65,536, and whoever posts it adds some."""
MOST_DIFFERENCES = 50
"""How many differences of one schema are shown before the rest is counted."""
MOST_NAMES = 20
MOST_OPEN = 3
"""Up to so many schemas show how they differ without a click."""
_URL_SAFE = ":/?#@!$&'*+,;=%~"
_NOTICE = 400
"""So many characters are kept for saying what was left out."""
_STATES: Mapping[State, str] = {
    State.PASSED: "✅",
    State.PENDING: "✅",
    State.BLOCKED: "❌",
    State.FAILED: "❌",
}
_SEVERITIES: Mapping[Severity, str] = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.INFO: "ℹ️"}
_OUTCOMES: Mapping[Outcome, str] = {Outcome.COMPATIBLE: "✅", Outcome.INCOMPATIBLE: "❌", Outcome.NOT_JUDGED: "❔"}


class _Page:
    """Blocks that fit into what a comment may have; a block is added whole or not at all."""

    def __init__(self, room: int) -> None:
        self.blocks: list[str] = []
        self.is_cut = False
        self._room = room

    def add(self, block: str, reserve: int = _NOTICE) -> bool:
        """Add a block if it fits and leaves the reserve free; else remember that something is missing."""
        if len(block) + 2 > self._room - reserve:
            self.is_cut = True
            return False
        self.blocks.append(block)
        self._room -= len(block) + 2
        return True

    def add_list(self, head: str, pieces: Sequence[str], tail: str = "", *, joint: str = "\n") -> int:
        """Add as many pieces as fit under a heading; how many did not."""
        room = self._room - _NOTICE - len(head) - len(tail) - 2
        taken = 0
        while taken < len(pieces) and len(pieces[taken]) + len(joint) <= room:
            room -= len(pieces[taken]) + len(joint)
            taken += 1
        if taken:
            self.add(head + joint.join(pieces[:taken]) + tail, 0)
        self.is_cut |= taken < len(pieces)
        return len(pieces) - taken


def render_markdown(report: Report, link: str | None = None, limit: int = LIMIT) -> str:
    """Write a comment that a reviewer who never saw the tool understands.

    Args:
        report: what to show.
        link: the address of the full report, or of the run that has it.
        limit: how many characters it has at most. What blocks stays, shortened if it must be; what is less important
            is left out first, and that is said.
    """
    address = web_address(link)
    head, foot = _head(report), _foot(report, address)
    page = _Page(limit - len(head) - len(foot) - 2)
    _add_blocking(page, report.blocking)
    for group in report.groups:
        _add_group(page, group, is_alone=len(report.groups) == 1)
    _add_findings(page, "What to look at", [f for f in report.findings if not f.blocks], is_open=True)
    _add_details(page, report)
    _add_findings(page, "There before this change, and not counted", report.known, is_open=False)
    cut = [_cut(address)] if page.is_cut else []
    return "\n\n".join((head, *cut, *page.blocks, foot)) + "\n"


def _head(report: Report) -> str:
    lines = [f"## {_STATES[report.state]} {escape(report.title)}: {escape(report.verdict)}"]
    lines.append(f"**{escape(report.summary)}**")
    lines += [f"> [!CAUTION]\n> {escape(alarm)}" for alarm in report.alarms]
    return "\n\n".join(lines)


def _foot(report: Report, link: str | None) -> str:
    full = [f"[The full report]({_address(link)})"] if link else []
    facts = [f"{escape(name)} {code(value)}" for name, value in report.facts]
    made = f"schemafed {__version__}"
    return f"<sub>{' · '.join((*full, *facts, made))}</sub>"


def _cut(link: str | None) -> str:
    where = f"It is in [the full report]({_address(link)})." if link else "`--report html=FILE` writes the full report."
    return f"> [!NOTE]\n> This was too long for a comment, and a part of it was left out. {where}"


def _address(link: str) -> str:
    return quote(link, safe=_URL_SAFE)


def _add_blocking(page: _Page, findings: Sequence[Finding]) -> None:
    if not findings:
        return
    head = f"### What blocks ({len(findings):,})\n\n"
    whole = _findings(findings)
    short = [_short_finding(finding) for finding in findings]
    if not page.add(head + "\n".join(whole)):
        left = page.add_list(head, short)
        if left:
            page.add(f"and {left:,} more that block", 0)


def _add_findings(page: _Page, title: str, findings: Sequence[Finding], *, is_open: bool) -> None:
    if not findings:
        return
    opening = "<details open>" if is_open else "<details>"
    head = f"{opening}\n<summary>{title} ({len(findings):,})</summary>\n\n"
    left = page.add_list(head, _findings(findings), "\n\n</details>")
    if left:
        page.add(f"and {left:,} more", 0)


def _add_group(page: _Page, group: Group, *, is_alone: bool) -> None:
    if not is_alone or group.entries:
        kind = f" ({escape(group.kind)})" if group.kind else ""
        page.add(f"### {code(group.name)}{kind}: {escape(group.note)}")
    if group.entries:
        columns = _columns(group.entries)
        titles = "| " + " | ".join(("", *columns)) + " |\n|" + "---|" * (len(columns) + 1) + "\n"
        rows = [_row(entry, columns) for entry in group.entries]
        left = page.add_list(titles, rows)
        if left:
            page.add(f"and {left:,} more", 0)
    if group.unmanaged:
        names = ", ".join(code(name) for name in group.unmanaged[:MOST_NAMES])
        more = len(group.unmanaged) - MOST_NAMES
        page.add(f"Unmanaged, left alone: {names}" + (f" and {more:,} more" if more > 0 else ""))


def _columns(entries: Sequence[Entry]) -> dict[str, Callable[[Entry], str]]:
    """The columns of a table of entries: those that any of them has something for."""
    columns: dict[str, Callable[[Entry], str]] = {
        "Subject": lambda entry: code(entry.name) if entry.subject is not None else f"*{entry.name}*",
        "Change": _what,
        "Compatibility": lambda entry: "<br>".join(map(_judgement, entry.judgements)),
        "Outcome": _outcome,
    }
    return {title: cell for title, cell in columns.items() if any(cell(entry) for entry in entries)}


def _row(entry: Entry, columns: Mapping[str, Callable[[Entry], str]]) -> str:
    return f"| `{MARKS[entry.kind]}` | " + " | ".join(cell(entry) for cell in columns.values()) + " |"


def _what(entry: Entry) -> str:
    what = f"**{escape(entry.what)}**" if entry.kind is DifferenceKind.REMOVED else escape(entry.what)
    return what if _has_details(entry) or not entry.reason else f"{what}<br><sub>{escape(entry.reason)}</sub>"


def _judgement(judgement: Judgement) -> str:
    if judgement.is_waived:
        return f"⚠️ {escape(judgement.text)}; **a waiver lets it through**"
    return f"{_OUTCOMES[judgement.outcome]} {escape(judgement.text)}"


def _has_details(entry: Entry) -> bool:
    return bool(entry.differences or entry.remarks)


def _outcome(entry: Entry) -> str:
    if entry.status is None:
        return ""
    mark = "❌" if entry.is_failed else "✅"
    return f"{mark} {': '.join(escape(part) for part in (entry.status, entry.problem) if part)}"


def _add_details(page: _Page, report: Report) -> None:
    """What differs in each schema, folded unless they are few: the first that does not fit ends it."""
    entries = [entry for entry in report.entries if _has_details(entry)]
    opening = "<details open>" if len(entries) <= MOST_OPEN else "<details>"
    left = page.add_list("### Details\n\n", [_details(entry, opening) for entry in entries], joint="\n\n")
    if left:
        page.add(f"and the details of {count(left, 'more change')}", 0)


def _details(entry: Entry, opening: str) -> str:
    told = f": {count(len(entry.differences), 'difference')}" if entry.differences else ""
    owner = f"{entry.registry}/" if entry.registry else ""
    lines = [f"{opening}\n<summary>{html_code(owner + entry.name)}{told}</summary>"]
    place = code(str(entry.location))
    lines.append(f"{place}: {escape_prose(entry.reason)}" if entry.reason else place)
    if entry.remarks:
        lines.append("\n".join(f"- {escape_prose(remark)}" for remark in entry.remarks[:MOST_NAMES]))
    if entry.differences:
        lines.append(fence([*_differences(entry.differences)], "diff"))
    return "\n\n".join((*lines, "</details>"))


def _differences(differences: Sequence[Difference]) -> Iterator[str]:
    for difference in differences[:MOST_DIFFERENCES]:
        for mark, described in (("-", difference.before), ("+", difference.after)):
            if described is not None:
                name = "" if difference.path == WHOLE else f"{difference.path}: "
                yield shorten(f"{mark} {name}{described}", 300)
    more = len(differences) - MOST_DIFFERENCES
    if more > 0:
        yield f"  and {count(more, 'more difference')}"


def _findings(findings: Sequence[Finding]) -> list[str]:
    """What is said of several places, or of several versions, is said once."""
    parts = (alike[n : n + MOST_NAMES] for alike in group_alike(findings) for n in range(0, len(alike), MOST_NAMES))
    return [_finding(alike) for alike in parts]


def _finding(alike: Sequence[Finding]) -> str:
    first = alike[0]
    places = [f"  {place}" for place in dict.fromkeys(map(_place, alike)) if place]
    versions = tuple(sorted({finding.against for finding in alike if finding.against is not None}))
    against = f" against {describe_versions(versions)}" if len(versions) > 1 else ""
    lines = [
        f"- {_SEVERITIES[first.severity]} **{escape_prose(first.message)}**",
        *places,
        f"  {code(first.code)}{against}",
    ]
    if first.fix:
        lines.append(f"  *Fix:* {escape_prose(first.fix)}")
    # Two spaces before a text keep it within the item, two after it end its line.
    return "  \n".join(lines)


def _short_finding(finding: Finding) -> str:
    return f"- {_SEVERITIES[finding.severity]} {code(finding.code, 60)} {_place(finding, 80)}".rstrip()


def _place(finding: Finding, most: int = 300) -> str:
    owner = "/".join(part for part in (finding.registry, finding.subject) if part)
    place = str(finding.location) if finding.location else ""
    return " in ".join(part for part in (code(owner, most), code(place, most)) if part)
