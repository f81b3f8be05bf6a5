"""The one issue of drift: opened, rewritten in place, left alone where nothing is new, closed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reconciler.action.posting import post_issue
from reconciler.forge import Forge, open_forge
from reconciler.forge.markers import Marker, render_marker
from tests.doubles.github import GitHubDouble

MARKER = Marker("drift")
TITLE = "Drift in prod: what is live is not what was applied"


@pytest.fixture
def github() -> Iterator[GitHubDouble]:
    with GitHubDouble(tokens=frozenset({"token"})) as double:
        yield double


@pytest.fixture
def forge(github: GitHubDouble) -> Iterator[Forge]:
    opened = open_forge({"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": "acme/schemas"}, "token")
    assert opened is not None
    yield opened
    opened.close()


def body(text: str) -> str:
    return f"{render_marker(MARKER)}\n{text}"


def test_drift_is_one_issue_from_when_it_is_seen_until_it_is_gone(github: GitHubDouble, forge: Forge) -> None:
    nothing = post_issue(forge, TITLE, MARKER, body("none"), is_open=False)
    first = post_issue(forge, TITLE, MARKER, body("one subject"), is_open=True)
    second = post_issue(forge, TITLE, MARKER, body("two subjects"), is_open=True)
    writes = len([request for request in github.requests if request.method != "GET"])
    third = post_issue(forge, TITLE, MARKER, body("two subjects"), is_open=True)

    (issue,) = github.store.issues
    assert nothing is None
    assert first is not None
    assert first == second == third
    assert (issue["state"], issue["body"]) == ("open", body("two subjects"))
    assert writes == 2
    assert len([request for request in github.requests if request.method != "GET"]) == writes

    post_issue(forge, TITLE, MARKER, body("none"), is_open=False)
    assert [(each["state"], each["body"]) for each in github.store.issues] == [("closed", body("none"))]


def test_drift_that_comes_again_is_another_issue(github: GitHubDouble, forge: Forge) -> None:
    post_issue(forge, TITLE, MARKER, body("one subject"), is_open=True)
    post_issue(forge, TITLE, MARKER, body("none"), is_open=False)
    post_issue(forge, TITLE, MARKER, body("again"), is_open=True)

    assert [each["state"] for each in github.store.issues] == ["closed", "open"]


def test_an_issue_of_somebody_else_with_our_line_is_left_alone(github: GitHubDouble, forge: Forge) -> None:
    mallory = {"number": 1, "user": {"login": "mallory"}, "title": TITLE, "body": body("x"), "html_url": "http://x"}
    github.store.issues.append({**mallory, "state": "open"})

    post_issue(forge, TITLE, MARKER, body("one subject"), is_open=True)

    assert [(each["user"]["login"], each["state"]) for each in github.store.issues] == [
        ("mallory", "open"),
        ("github-actions[bot]", "open"),
    ]
