"""GitLab, asked of a double."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.forge import Forge, open_forge
from tests.doubles.wire import Access, HttpDouble, Reply, Request, make_json_reply

TOKEN = "glpat-token"
ADA = {"username": "ada", "id": 5}


class GitLabDouble(HttpDouble):
    """One project, `42`, with one merge request, `3`."""

    def __init__(self) -> None:
        self.notes: list[dict[str, Any]] = []
        self.issues: list[dict[str, Any]] = []
        self.reviewers: list[int] = []
        super().__init__(self._route, access=Access())

    def _route(self, request: Request) -> Reply:
        if request.headers.get("private-token") != TOKEN:
            return make_json_reply(401, {"message": "401 Unauthorized"})
        content = json.loads(request.body) if request.body else {}
        path = request.path.removeprefix("/api/v4")
        return make_json_reply(200, self._answer(request.method, path, content))

    def _answer(self, method: str, path: str, content: dict[str, Any]) -> object:
        merge_request = {
            "iid": 3,
            "author": ADA,
            "sha": "a" * 40,
            "target_branch": "main",
            "web_url": "http://gitlab/3",
            "state": "merged",
            "source_project_id": 42,
            "target_project_id": 42,
        }
        match method, path:
            case "POST", "/projects/42/merge_requests/3/notes":
                self.notes.append({"id": len(self.notes) + 1, "author": ADA, **content})
                return self.notes[-1]
            case "PUT", "/projects/42/merge_requests/3/notes/1":
                self.notes[0].update(content)
                return self.notes[0]
            case "PUT", "/projects/42/merge_requests/3":
                self.reviewers = content["reviewer_ids"]
                return merge_request
            case "POST", "/projects/42/issues":
                issue = {"iid": 1, "author": ADA, "web_url": "http://gitlab/issue", "state": "opened", **content}
                self.issues.append(issue)
                return issue
            case "PUT", "/projects/42/issues/1":
                self.issues[0].update(content)
                return self.issues[0]
        answers: dict[str, object] = {
            "/user": ADA,
            "/users": [ADA],
            "/projects/42/merge_requests/3/notes": self.notes,
            "/projects/42/merge_requests/3": merge_request,
            f"/projects/42/repository/commits/{'b' * 40}/merge_requests": [merge_request],
            "/projects/42/merge_requests/3/approvals": {"approved_by": [{"user": ADA}]},
            "/groups/acme%2Fpayments/members/all": [ADA],
            "/projects/42/issues": self.issues,
        }
        return answers[path]


@pytest.fixture
def gitlab() -> Iterator[GitLabDouble]:
    with GitLabDouble() as double:
        yield double


@pytest.fixture
def forge(gitlab: GitLabDouble) -> Iterator[Forge]:
    opened = open_forge(
        {"CI_API_V4_URL": f"{gitlab.url}/api/v4", "CI_PROJECT_ID": "42", "SCHEMAFED_GITLAB_TOKEN": TOKEN}
    )
    assert opened is not None
    yield opened
    opened.close()


def test_a_note_is_written_once_and_then_rewritten(gitlab: GitLabDouble, forge: Forge) -> None:
    note = forge.write_comment(3, "the plan")
    forge.rewrite_comment(3, note, "another plan")

    assert [c.body for c in forge.read_comments(3)] == ["another plan"]
    assert forge.read_own_name() == note.author == "ada"


def test_approvals_members_and_the_merge_request_of_a_commit(forge: Forge) -> None:
    (found,) = forge.read_pull_requests_of("b" * 40)

    assert (found.number, found.base, found.is_merged, found.is_fork) == (3, "main", True, False)
    assert forge.read_pull_request(3) == found
    assert [(r.author, r.state.value) for r in forge.read_reviews(3)] == [("ada", "approved")]
    assert forge.read_members("acme/payments") == {"ada"}


def test_a_team_is_asked_as_the_people_in_it(gitlab: GitLabDouble, forge: Forge) -> None:
    forge.request_reviews(3, [], ["acme/payments"])

    assert gitlab.reviewers == [5]


def test_an_issue_is_opened_and_closed(gitlab: GitLabDouble, forge: Forge) -> None:
    issue = forge.write_issue("drift", "much")
    (found,) = forge.read_issues()
    forge.rewrite_issue(issue, "drift", "none", is_open=False)

    assert found == issue
    assert gitlab.issues[0]["state_event"] == "close"
    assert gitlab.issues[0]["description"] == "none"
