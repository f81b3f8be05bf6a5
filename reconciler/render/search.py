"""What was found in registries: for a terminal, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from reconciler.render.words import count, printable

if TYPE_CHECKING:
    from reconciler.operations.find import Found, Search

FORMAT_VERSION = 1
_COLUMNS = ("registry", "subject", "version", "by", "path", "what", "fingerprint")
MOST_FOUND = 200
"""How much of one registry a report shows before it counts the rest."""


def render_search(search: Search) -> Group:
    """Show what fits, registry by registry."""
    lines: list[Text] = []
    for registry, each in groupby(search.found, key=lambda found: found.registry):
        found = list(each)
        lines.append(Text(registry, "bold cyan"))
        lines += [_line(one) for one in found[:MOST_FOUND]]
        if len(found) > MOST_FOUND:
            lines.append(Text(f"  and {len(found) - MOST_FOUND:,} more; --output json has all", "dim"))
        lines.append(Text())
    for _, why in search.unread:
        lines.append(Text.assemble(("not searched: ", "bold red"), printable(why)))
    subjects = len({(found.registry, found.subject) for found in search.found})
    lines.append(Text(f"{count(subjects, 'subject')} for `{printable(search.wanted)}`."))
    return Group(*lines)


def render_search_json(search: Search) -> str:
    """The same as JSON, ending in a newline."""
    document = {
        "version": FORMAT_VERSION,
        "wanted": search.wanted,
        "found": [asdict(found) for found in search.found],
        "unread": [{"registry": registry, "reason": why} for registry, why in search.unread],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def render_search_csv(search: Search) -> str:
    """What was found as CSV, with a heading."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(found) for found in search.found)
    return stream.getvalue()


def _line(found: Found) -> Text:
    what = {
        "name": "",
        "element": f"  {printable(found.path or '')}  {printable(found.what or '')}",
        "fingerprint": f"  {found.fingerprint}",
    }[found.by]
    return Text.assemble("  ", (printable(found.subject), "bold"), (f"  version {found.version}", "dim"), what)
