"""Text from outside, made safe for GitHub-flavoured Markdown: it shows as it is, and is no markup, link or mention."""

from __future__ import annotations

import re
from html import escape as escape_html

from reconciler.render.words import single_line

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>~&$!#])")
_LEADING = re.compile(r"^([-+/=:]|\d+(?=[.)]))")
_SCHEME = re.compile(r"(?i)(\w):(?=//)|\b(www)(?=\.)")
_CALL = re.compile(r"(@|\\#)(?=\w)")
"""What a forge makes a mention of a person, or a link to an issue; no escape of Markdown keeps it from that."""
_TICKS = re.compile(r"`+")


def escape(text: str, most: int = 1_000) -> str:
    """Show text as it is, on one line, cut where it is longer than ``most`` characters."""
    return _LEADING.sub(_unlead, _escape(shorten(text, most)))


def escape_prose(text: str, most: int = 1_000) -> str:
    """Show a sentence of ours, in which names stand in backticks: they become code."""
    parts = shorten(text, most).split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = [f"{parts[-2]}`{parts[-1]}"]
    prose = "".join((code(part) or _escape("``")) if number % 2 else _escape(part) for number, part in enumerate(parts))
    return _LEADING.sub(_unlead, prose)


def code(text: str, most: int = 300) -> str:
    """Show text as code; nothing where there is none."""
    clean = shorten(text, most)
    if not clean:
        return ""
    if "|" in clean:
        # Within a table no code span can hold a bar such that every reader of Markdown takes it for text.
        return f"<code>{_as_entities(clean)}</code>"
    ticks = "`" * (max((len(run) for run in _TICKS.findall(clean)), default=0) + 1)
    pad = " " if clean.startswith("`") or clean.endswith("`") else ""
    return f"{ticks}{pad}{clean}{pad}{ticks}"


def html_code(text: str, most: int = 300) -> str:
    """Show text as code within an element of HTML."""
    return f"<code>{escape_html(shorten(text, most))}</code>"


def fence(lines: list[str], language: str = "") -> str:
    """A block of code that no line of it can end."""
    longest = max((len(run) for line in lines for run in _TICKS.findall(line)), default=0)
    ticks = "`" * max(3, longest + 1)
    return "\n".join((f"{ticks}{language}", *lines, ticks))


def shorten(text: str, most: int) -> str:
    """The same on one line, cut where it is too long."""
    clean = single_line(text)
    return clean if len(clean) <= most else f"{clean[: most - 1]}…"


def _escape(text: str) -> str:
    special = _SPECIAL.sub(r"\\\1", text).replace("|", "&#124;")
    unlinked = _SCHEME.sub(lambda found: f"{found[1]}\\:" if found[1] else f"{found[2]}\N{ZERO WIDTH SPACE}", special)
    return _CALL.sub("\\1\N{ZERO WIDTH SPACE}", unlinked)


def _unlead(found: re.Match[str]) -> str:
    """Keep a text from beginning a list, a rule, or what GitLab takes for a command."""
    return f"{found[1]}\\" if found[1].isdigit() else f"\\{found[1]}"


def _as_entities(text: str) -> str:
    return "".join(c if c.isalnum() or c in " -" or not c.isascii() else f"&#{ord(c)};" for c in text)
