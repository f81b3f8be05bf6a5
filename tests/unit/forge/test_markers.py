"""How a comment of ours is known again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.forge import Comment
from reconciler.forge.markers import Marker, find_own, read_marker, render_marker


@given(st.text(), st.text())
def test_a_marker_is_read_as_it_was_written_and_nothing_in_it_ends_it(key: str, value: str) -> None:
    marker = Marker(key, {"environment": value})

    text = render_marker(marker)

    assert read_marker(f"{text}\nthe report") == marker
    assert text.count("--") == 2
    assert "\n" not in text


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no marker",
        'before <!-- schemafed {"key": "plan"} -->',
        "<!-- schemafed {} -->",
        "<!-- schemafed {broken} -->",
        '<!-- schemafed {"key": 7} -->',
        "<!-- schemafed " + "{" * 5000 + "} -->",
    ],
)
def test_what_is_no_marker_is_none(body: str) -> None:
    assert read_marker(body) is None


def test_the_first_comment_of_ours_with_the_key_is_it_and_no_one_else_is_believed() -> None:
    marker = render_marker(Marker("plan"))
    comments = [
        Comment(1, "mallory", marker, ""),
        Comment(2, "robot", render_marker(Marker("check")), ""),
        Comment(3, "Robot", marker, ""),
        Comment(4, "robot", marker, ""),
    ]

    found = find_own(comments, "plan", "robot")

    assert found == comments[2]
    assert find_own(comments, "apply", "robot") is None
