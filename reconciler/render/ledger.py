"""Reports of the ledger, for a terminal: what happened, who holds it, what a run that was cut off had done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from reconciler.render.words import STATUS_MARKS, count, printable

if TYPE_CHECKING:
    from reconciler.ledger.values import Ledger
    from reconciler.operations.applying.recovery import Recovered
    from reconciler.operations.history import History, HistoryRow

_WORDS: Mapping[str, str] = {
    "register_schema": "register schema",
    "restore_version": "make an older schema the latest again",
    "set_compatibility": "set mode",
    "reset_compatibility": "take mode away",
    "set_default_compatibility": "set the registry's own mode",
    "set_settings": "set",
    "delete_versions": "delete newer versions",
    "delete_subject": "delete subject",
    "adopt": "found as declared, ours from now on",
    "correct": "found as declared",
    "orphan": "gone from Git, left in the registry",
    "forget": "no longer managed",
}
MOST_CHANGES = 50
"""How many changes of one run a report shows before it counts the rest."""
MOST_COMMITS = 5
"""How many commits of one subject a report shows before it counts the rest."""
_SHORT = 12


def render_recovered(found: Recovered) -> Group:
    """What an apply that was cut off had done, and what was taken back."""
    made = sum(outcome.outcome == "applied" for outcome in found.outcomes)
    total = len(found.outcomes)
    lines = [
        Text.assemble(("Took over", "bold yellow"), f" from a run that was cut off: {printable(found.holder)}."),
        Text(f"  It had made {made} of {count(total, 'change')}; what is left is planned anew."),
    ]
    lines += [
        Text.assemble(("  ✓ ", "green"), f"{registry}/{printable(subject)}: its mode, NONE for a while, was taken back")
        for registry, subject in found.restored
    ]
    return Group(*lines)


def render_lock(ledger: Ledger, *, is_at_work: bool) -> Group:
    """Who holds the ledger, since when, and what they were about to change."""
    intent = ledger.unfinished
    if intent is None or intent.lease is None:
        return Group(Text("Nobody holds the ledger."))
    lease = intent.lease
    state = (
        ("it may still be at work", "bold yellow") if is_at_work else ("it is gone, or its lease is over", "bold green")
    )
    rows = {
        "who": printable(intent.who),
        "where": f"process {lease.process} on {printable(lease.host)}",
        "run": printable(lease.run_url or ""),
        "since": f"{lease.begun:%Y-%m-%d %H:%M:%S} UTC",
        "until": f"{lease.expires:%Y-%m-%d %H:%M:%S} UTC",
        "commit": intent.source[:_SHORT],
        "intends": count(len(intent.changes), "change"),
    }
    lines = [Text.assemble(("An apply holds the ledger", "bold"), "; ", state, ".")]
    lines += [Text.assemble((f"  {name:<8}", "dim"), value) for name, value in rows.items() if value]
    return Group(*lines)


def render_history(history: History) -> Group:
    """What happened, the newest first: a heading a run, a line a change."""
    lines: list[Text] = []
    for _, rows in groupby(history.rows, key=lambda row: row.record):
        lines += [*_run(list(rows)), Text()]
    if not lines:
        return Group(Text(f"Nothing of that kind is recorded for environment {history.environment}."))
    return Group(*lines[:-1])


def _run(rows: list[HistoryRow]) -> Iterator[Text]:
    first = rows[0]
    yield Text.assemble((f"{first.when:%Y-%m-%d %H:%M:%S} UTC", "bold"), f"  {printable(first.headline)}")
    if first.source:
        author = f"  {printable(first.author)}" if first.author else ""
        subject = f"  {printable(first.commit_subject)}" if first.commit_subject else ""
        yield Text.assemble(("  commit ", "dim"), (first.source[:_SHORT], "yellow"), subject, (author, "dim"))
    by = f"  run by {printable(first.who)}"
    yield Text(f"{by}, {printable(first.run_url)}" if first.run_url else by, "dim")
    if first.approved_by:
        yield Text.assemble(("  approved by ", "dim"), printable(first.approved_by))
    for _, changes in groupby(rows[:MOST_CHANGES], key=lambda row: (row.registry, row.subject)):
        yield from _subject(list(changes))
    if len(rows) > MOST_CHANGES:
        yield Text(f"    and {len(rows) - MOST_CHANGES:,} more", "dim")


def _subject(rows: Sequence[HistoryRow]) -> Iterator[Text]:
    """What was changed of one subject, and the commits that brought it, but for one that the heading tells."""
    for row in rows:
        yield from _change(row)
    commits = rows[0].commits
    if [commit.commit for commit in commits] == [rows[0].source]:
        return
    for commit in commits[:MOST_COMMITS]:
        what = f" {printable(commit.subject)}, by {printable(commit.author)}"
        yield Text.assemble("        ", (commit.commit[:_SHORT], "yellow"), (what, "dim"))
    if more := commits[MOST_COMMITS:]:
        authors = [printable(author) for author in dict.fromkeys(commit.author for commit in more)]
        yield Text(f"        and {len(more):,} more, by {', '.join(authors[:MOST_COMMITS])}", "dim")


def _change(row: HistoryRow) -> Iterator[Text]:
    if row.kind is None:
        return
    mark, style = STATUS_MARKS.get(row.outcome or "", STATUS_MARKS["unknown"])
    name = f"{row.registry}/{printable(row.subject)}" if row.subject is not None else row.registry or ""
    what = _WORDS.get(row.kind, row.kind)
    to = f" to {row.mode}" if row.mode else f" {row.settings}" if row.settings else ""
    after = f" after {row.before}" if row.before is not None else ""
    version = f", version {row.version}{after}" if row.version is not None else ""
    owner = f"  ({printable(row.owner)})" if row.owner else ""
    yield Text.assemble((f"    {mark} ", style), (name, "bold"), f"  {what}{to}{version}", (owner, "dim"))
    if row.message:
        yield Text(f"        {row.outcome}: {printable(row.message)}", style)
