"""GitLab, asked of a double."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reconciler.forge import Forge, open_forge
from tests.doubles.gitlab import PROJECT, ROBOT, TOKEN, GitLabDouble

FIRST, SECOND = "a" * 40, "c" * 40


@pytest.fixture
def gitlab() -> Iterator[GitLabDouble]:
    """A project with a merge request, 3, to which was pushed twice."""
    with GitLabDouble() as double:
        double.store.groups["acme/payments"] = ["ada", "bob", "carol"]
        double.push(3, FIRST, "2027-01-01T10:00:00.000Z")
        double.push(3, SECOND, "2027-01-02T10:00:00.000Z")
        yield double


@pytest.fixture
def forge(gitlab: GitLabDouble) -> Iterator[Forge]:
    opened = open_forge({"CI_API_V4_URL": gitlab.api, "CI_PROJECT_ID": PROJECT, "SCHEMAFED_GITLAB_TOKEN": TOKEN})
    assert opened is not None
    yield opened
    opened.close()


def test_a_note_is_written_once_and_then_rewritten(gitlab: GitLabDouble, forge: Forge) -> None:
    note = forge.write_comment(3, "the plan")
    forge.rewrite_comment(3, note, "another plan")

    assert [c.body for c in forge.read_comments(3)] == ["another plan"]
    assert forge.read_own_name() == note.author == ROBOT


def test_members_and_the_merge_request_of_a_commit(gitlab: GitLabDouble, forge: Forge) -> None:
    gitlab.merge(3, "b" * 40)

    (found,) = forge.read_pull_requests_of("b" * 40)

    assert (found.number, found.base, found.head, found.is_merged, found.is_fork) == (3, "main", SECOND, True, False)
    assert forge.read_pull_request(3) == found
    assert forge.read_members("acme/payments") == {"ada", "bob", "carol"}


def test_an_approval_is_of_the_commit_that_was_the_newest_when_it_was_given(gitlab: GitLabDouble, forge: Forge) -> None:
    gitlab.approve(3, "bob", "2027-01-01T12:00:00.000Z")
    gitlab.approve(3, "carol", "2027-01-02T12:00:00.000Z")
    gitlab.approve(3, "ada", None)

    reviews = forge.read_reviews(3)

    assert [(r.author, r.commit) for r in reviews] == [("bob", FIRST), ("carol", SECOND), ("ada", None)]
    assert {r.state.value for r in reviews} == {"approved"}


def test_a_team_is_asked_as_the_people_in_it_and_nobody_else_is_taken_away(gitlab: GitLabDouble, forge: Forge) -> None:
    gitlab.store.groups["acme/platform"] = ["carol"]
    forge.request_reviews(3, ["bob", "nobody-knows"], [])
    forge.request_reviews(3, [], ["acme/platform"])
    writes = [request for request in gitlab.requests if request.method == "PUT"]
    forge.request_reviews(3, ["bob"], [])

    assert [user["username"] for user in gitlab.store.merge_requests[3]["reviewers"]] == ["bob", "carol"]
    assert len(writes) == 2
    assert [request for request in gitlab.requests if request.method == "PUT"] == writes


def test_an_issue_is_opened_and_closed(gitlab: GitLabDouble, forge: Forge) -> None:
    issue = forge.write_issue("drift", "much")
    (found,) = forge.read_issues()
    forge.rewrite_issue(issue, "drift", "none", is_open=False)

    assert found == issue
    assert forge.read_issues() == ()
    assert (gitlab.store.issues[0]["state"], gitlab.store.issues[0]["description"]) == ("closed", "none")
