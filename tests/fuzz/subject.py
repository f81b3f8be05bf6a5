"""What is tried with each example: everything that is ever asked of a schema's text, and of two of them."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler import compatibility
from reconciler.compatibility import Judged
from reconciler.errors import SchemaError
from reconciler.model import Dialect, Finding, Format, Mode
from reconciler.schemas import Document, Language, Parsed, language

EVERY_RULE = {
    Format.AVRO: "reconciler.compatibility.avro",
    Format.JSON: "reconciler.compatibility.json_schema",
    Format.PROTOBUF: "reconciler.compatibility.protobuf",
}
_PATHS = (
    "",
    "/",
    "#/",
    "/fields/0/type",
    "#/properties/a/~1b",
    "M.a",
    "#/M/1",
    "/fields/99999999999999999999",
    "\ud800",
)

_LOCATED = 10  # each looks through the whole text


@dataclass(frozen=True)
class Example:
    """Two texts of one format: each is tried alone, then as the next version of the other and as its reference."""

    format: Format
    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.format}\n{_shorten(self.first)}\n{_shorten(self.second)}"


def judge_every_format() -> None:
    """Let `check` judge formats whose rules are there, also those that it does not know of yet."""
    compatibility._RULES = {**EVERY_RULE, **compatibility._RULES}
    compatibility.JUDGED_FORMATS = frozenset(compatibility._RULES)


def try_example(example: Example) -> str:
    """Do everything with two texts.

    Returns:
        what came of each: `read` or `refused`, then the outcome of the check if there was one.

    Raises:
        Exception: whatever else is raised is what is looked for; UnicodeEncodeError: a message that cannot be shown.
    """
    second = _try_text(example.format, example.second, {})
    first = _try_text(example.format, example.first, {"reference": second} if second else {})
    words = ["read" if parsed else "refused" for parsed in (first, second)]
    if first and second:
        words.append(_try_check(first, second))
    return " ".join(words)


def _try_text(schema_format: Format, text: str, others: dict[str, Parsed]) -> Parsed | None:
    lang = language(schema_format)
    for path in _PATHS:
        lang.locate(text, path)
    try:
        lang.pretty(text)
    except SchemaError as error:
        _show_error(error)
    try:
        document = lang.read(text)
        parsed = lang.parse(document, _satisfy(document, others))
    except SchemaError as error:
        _show_error(error)
        return None
    _try_parsed(lang, parsed)
    return parsed


def _satisfy(document: Document, others: dict[str, Parsed]) -> dict[str, Parsed]:
    """Whatever a text needs, it gets, if only something else."""
    return {need.name: other for need in document.needs for other in others.values()}


def _try_parsed(lang: Language, parsed: Parsed) -> None:
    for dialect in Dialect:
        lang.canonical(parsed, dialect)
    for path in list(lang.outline(parsed))[:_LOCATED]:
        lang.locate(parsed.document.definition, path)
    try:
        lang.bundle(parsed, frozenset(parsed.dependencies))
    except SchemaError as error:
        _show_error(error)


def _try_check(new: Parsed, old: Parsed) -> str:
    try:
        verdict = compatibility.check(new, [Judged(1, old), Judged(2, new)], Mode.FULL_TRANSITIVE)
    except SchemaError as error:
        _show_error(error)
        return "not comparable"
    for finding in verdict.findings:
        _show_finding(finding)
    return str(verdict.outcome)


def _show_finding(finding: Finding) -> None:
    _show(finding.code, finding.message, finding.path or "", finding.fix or "")


def _show_error(error: SchemaError) -> None:
    _show(error.message, error.fix or "", error.path or "", error.code)
    if not error.message or error.line < 0 or error.column < 0:
        raise AssertionError(f"an error that says nothing: {error!r}")


def _show(*texts: str) -> None:
    """Make sure that what a user gets to see can be printed."""
    for text in texts:
        text.encode()


def _shorten(text: str) -> str:
    return ascii(text) if len(text) < 3_000 else f"{text[:1_500]!a} ... {len(text)} characters"
