"""A report as one HTML file that needs nothing else: no other file, no host, no server."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler import __version__
from reconciler.model import Outcome
from reconciler.render.report import Report
from reconciler.render.words import MARKS, WHOLE, count, printable, single_line, web_address

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_TEMPLATES = Path(__file__).parent / "templates"
_OUTCOMES: Mapping[Outcome, str] = {Outcome.COMPATIBLE: "✓", Outcome.INCOMPATIBLE: "✗", Outcome.NOT_JUDGED: "?"}


def render_html(report: Report, link: str | None = None) -> str:
    """Write a page with everything in it, to be searched, folded and printed.

    Args:
        report: what to show.
        link: the address of the run that it comes from.
    """
    style, script = (_read(name) for name in ("report.css", "report.js"))
    sources = f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    policy = f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"
    template = _environment().get_template("report.html")
    return template.render(
        report=report,
        link=web_address(link),
        style=_trusted(style),
        script=_trusted(script),
        policy=policy,
        version=__version__,
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FileSystemLoader(_TEMPLATES),
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_clean,
    )
    made.globals.update(marks=MARKS, outcomes=_OUTCOMES, whole=WHOLE, count=count)
    made.filters.update(prose=_prose, line=single_line)
    return made


def _clean(value: object) -> object:
    """Every text that goes into the page passes here, so that none can hide or reorder what stands around it."""
    from markupsafe import Markup

    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _prose(text: str) -> Markup:
    """A sentence of ours, in which names stand in backticks: they become code."""
    from markupsafe import Markup, escape

    parts = re.split(r"`([^`]+)`", printable(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def _trusted(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - our own file


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


@cache
def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")
