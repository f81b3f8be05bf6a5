"""Names as file names, and patterns of files."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.repository.names import escape_name, escape_names, unescape_name
from reconciler.repository.patterns import compile_pattern

FORBIDDEN = set('/\\:*?"<>|') | {chr(i) for i in range(32)}


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("order-value", "order-value"),
        ("a/b", "a%2Fb"),
        (":.ctx:order", "%3A.ctx%3Aorder"),
        (".hidden", "%2Ehidden"),
        ("dot.", "dot%2E"),
        ("space ", "space%20"),
        ("100%", "100%25"),
        ("con", "%63on"),
        ("größe", "größe"),
        (unicodedata.normalize("NFD", "é"), "e%CC%81"),
    ],
)
def test_escaped(name: str, file: str) -> None:
    assert escape_name(name) == file
    assert unescape_name(file) == name


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_name_comes_back(name: str) -> None:
    file = escape_name(name)

    assert unescape_name(file) == name
    assert not FORBIDDEN & set(file) and not file.startswith(".") and not file.endswith((".", " "))


def test_names_that_differ_in_case_lie_side_by_side() -> None:
    files = escape_names(["Order", "order", "ORDER", "other", "É", "é"])

    assert files["order"] == "order" and files["other"] == "other"
    assert len({file.casefold() for file in files.values()}) == 6
    assert {unescape_name(file) for file in files.values()} == set(files)


@pytest.mark.parametrize("text", ["100%", "%", "%zz", "%FF"])
def test_what_is_not_escaped_stands_for_itself(text: str) -> None:
    assert unescape_name(text) == text


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.avro", "a.avro", True),
        ("*.avro", "x/y/a.avro", True),
        ("*.avro", "a.avsc", False),
        ("/a.json", "a.json", True),
        ("/a.json", "b/a.json", False),
        ("fragments/**", "fragments/a/b", True),
        ("fragments/**", "x/fragments/a", False),
        ("fragments", "x/fragments/a", True),
        ("broken/*", "broken/a", True),
        ("broken/*", "a/broken/b", False),
        ("**/jsonschema/*", "a/b/jsonschema/1-0-0", True),
        ("**/jsonschema/*", "jsonschema/1-0-0", True),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("gen/", "gen/a", True),
        ("gen/", "gen", False),
        ("[ab]?.json", "ax.json", True),
        ("[!ab].json", "a.json", False),
        ("**", "a/b", True),
        ("A.json", "a.json", False),
    ],
)
def test_pattern(pattern: str, path: str, matches: bool) -> None:
    assert compile_pattern(pattern).matches(path) == matches


def test_patterns_that_would_never_end_if_tried_one_way_after_the_other() -> None:
    assert not compile_pattern("*a" * 60 + "b").matches("a" * 250)
    assert not compile_pattern("**/*/" * 60 + "b").matches("/".join("a" * 200))
