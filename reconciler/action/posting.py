"""One comment for each key on a pull request, and one issue for drift: written once, then rewritten."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.action.outcomes import Outcome
from reconciler.forge import Comment, Forge, Issue
from reconciler.forge.markers import Marker, find_own, render_marker

MOST = 65_000
"""So many characters a forge takes, with some to spare."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Where something was written."""

    id: int
    url: str


def make_body(marker: Marker, report: str, outcome: Outcome) -> str:
    """Put a comment together: the hidden line that it is known by, and the report, folded where it says nothing new."""
    head = render_marker(marker)
    if outcome.is_quiet:
        environment = f" for {outcome.environment}" if outcome.environment.isidentifier() else ""
        report = f"<details>\n<summary>✅ schemafed: no changes{environment}</summary>\n\n{report}\n</details>\n"
    return f"{head}\n{report}"[:MOST]


def post_comment(forge: Forge, number: int, marker: Marker, body: str, *, only_if_there: bool = False) -> Posted | None:
    """Write a comment of ours, in place of the one with its key where there is one.

    Args:
        only_if_there: write none anew.

    Raises:
        ForgeError: it cannot be written.
    """
    there = find_own(forge.read_comments(number), marker.key, forge.read_own_name())
    if there is None and only_if_there:
        return None
    written = _rewrite(forge, number, there, body) if there else forge.write_comment(number, body)
    return Posted(written.id, written.url)


def _rewrite(forge: Forge, number: int, there: Comment, body: str) -> Comment:
    is_same = there.body.replace("\r\n", "\n").rstrip() == body.rstrip()
    return there if is_same else forge.rewrite_comment(number, there, body)


def post_issue(forge: Forge, title: str, marker: Marker, body: str, *, is_open: bool) -> Posted | None:
    """Open the one issue with a key, rewrite it, or close it; nothing where there is none and none is needed.

    Raises:
        ForgeError: it cannot be written.
    """
    there = find_own(forge.read_issues(), marker.key, forge.read_own_name())
    if there is None and not is_open:
        return None
    written = _rewrite_issue(forge, there, title, body, is_open) if there else forge.write_issue(title, body)
    return Posted(written.id, written.url)


def _rewrite_issue(forge: Forge, there: Issue, title: str, body: str, is_open: bool) -> Issue:
    is_same = is_open and there.title == title and there.body.replace("\r\n", "\n").rstrip() == body.rstrip()
    return there if is_same else forge.rewrite_issue(there, title, body, is_open=is_open)
