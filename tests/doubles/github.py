"""The part of GitHub's REST interface that pull requests need, in memory: after its published description."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.forge import ForgeDouble, Route
from tests.doubles.wire import Access, Reply, Request, make_json_reply

ROBOT = "github-actions[bot]"
_REPOSITORY = "acme/schemas"


@dataclass
class Store:
    """What the repository holds; the content of each thing is as the interface shows it."""

    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    issues: list[dict[str, Any]] = field(default_factory=list)
    pull_requests: dict[int, dict[str, Any]] = field(default_factory=dict)
    commits: dict[str, list[int]] = field(default_factory=dict)
    reviews: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    teams: dict[str, list[str]] = field(default_factory=dict)
    requested: dict[int, dict[str, Any]] = field(default_factory=dict)
    last_id: int = 100

    def number(self) -> int:
        self.last_id += 1
        return self.last_id


class GitHubDouble(ForgeDouble):
    """GitHub with one repository, `acme/schemas`; `tokens` are those it takes.

    A workflow's token may not ask whose it is, and writes as the robot. `login` makes it a person's token.
    """

    def __init__(self, *, tokens: frozenset[str] = frozenset(), deny: tuple[tuple[str, str], ...] = ()) -> None:
        self.store = Store()
        self.login: str | None = None
        super().__init__(_ROUTES, "Not Found", Access(tokens=tokens, deny=deny))

    def add_pull_request(self, number: int, head: str, *, repository: str = _REPOSITORY, base: str = "main") -> None:
        self.store.pull_requests[number] = {
            "number": number,
            "user": {"login": "ada"},
            "head": {"sha": head, "repo": {"full_name": repository}},
            "base": {"ref": base, "repo": {"full_name": _REPOSITORY}},
            "html_url": f"{self.url}/acme/schemas/pull/{number}",
            "merged_at": None,
        }

    def merge(self, number: int, commit: str) -> None:
        self.store.pull_requests[number]["merged_at"] = "2027-01-01T00:00:00Z"
        self.store.commits.setdefault(commit, []).append(number)

    def add_comment(self, number: int, author: str, body: str) -> dict[str, Any]:
        id_ = self.store.number()
        comment = {"id": id_, "user": {"login": author}, "body": body, "html_url": f"{self.url}/comment/{id_}"}
        self.store.comments.setdefault(number, []).append(comment)
        return comment

    def add_review(self, number: int, author: str, state: str, commit: str) -> None:
        review = {
            "user": {"login": author},
            "state": state,
            "commit_id": commit,
            "submitted_at": "2027-01-01T00:00:00Z",
        }
        self.store.reviews.setdefault(number, []).append(review)

    def comments_of(self, number: int) -> list[str]:
        return [comment["body"] for comment in self.store.comments.get(number, [])]

    @property
    def author(self) -> str:
        return self.login or ROBOT


def _read_user(double: GitHubDouble, request: Request, _: Mapping[str, str]) -> Reply:
    if double.login is None:
        return make_json_reply(403, {"message": "Resource not accessible by integration"})
    return make_json_reply(200, {"login": double.login})


def _list_comments(double: GitHubDouble, request: Request, names: Mapping[str, str]) -> Reply:
    return double.page(request, double.store.comments.get(int(names["number"]), []))


def _add_comment(double: GitHubDouble, request: Request, names: Mapping[str, str]) -> Reply:
    body = json.loads(request.body)["body"]
    if len(body) > 65_536:
        return make_json_reply(422, {"message": "Validation Failed"})
    return make_json_reply(201, double.add_comment(int(names["number"]), double.author, body))


def _patch_comment(double: GitHubDouble, request: Request, names: Mapping[str, str]) -> Reply:
    every = (comment for comments in double.store.comments.values() for comment in comments)
    found = next((comment for comment in every if comment["id"] == int(names["id"])), None)
    if found is None:
        return make_json_reply(404, {"message": "Not Found"})
    found["body"] = json.loads(request.body)["body"]
    return make_json_reply(200, found)


def _read_pull_request(double: GitHubDouble, request: Request, names: Mapping[str, str]) -> Reply:
    found = double.store.pull_requests.get(int(names["number"]))
    return make_json_reply(200, found) if found else make_json_reply(404, {"message": "Not Found"})


def _list_of_commit(double: GitHubDouble, request: Request, names: Mapping[str, str]) -> Reply:
    numbers = double.store.commits.get(names["sha"], [])
    return double.page(request, [double.store.pull_requests[number] for number in numbers])


def _list_reviews(double: GitHubDouble, request: Request, names: Mapping[str, str]) -> Reply:
    return double.page(request, double.store.reviews.get(int(names["number"]), []))


def _list_members(double: GitHubDouble, request: Request, names: Mapping[str, str]) -> Reply:
    members = double.store.teams.get(f"{names['organization']}/{names['team']}")
    if members is None:
        return make_json_reply(404, {"message": "Not Found"})
    return double.page(request, [{"login": member} for member in members])


def _request_reviews(double: GitHubDouble, request: Request, names: Mapping[str, str]) -> Reply:
    double.store.requested[int(names["number"])] = json.loads(request.body)
    return make_json_reply(201, double.store.pull_requests[int(names["number"])])


def _list_issues(double: GitHubDouble, request: Request, _: Mapping[str, str]) -> Reply:
    # GitHub counts pull requests among the issues.
    pulls = [{**p, "pull_request": {}, "body": "", "state": "open"} for p in double.store.pull_requests.values()]
    return double.page(request, [*pulls, *(issue for issue in double.store.issues if issue["state"] == "open")])


def _add_issue(double: GitHubDouble, request: Request, _: Mapping[str, str]) -> Reply:
    number = double.store.number()
    place = {"number": number, "user": {"login": double.author}, "html_url": f"{double.url}/issues/{number}"}
    issue = {**place, "state": "open", **json.loads(request.body)}
    double.store.issues.append(issue)
    return make_json_reply(201, issue)


def _patch_issue(double: GitHubDouble, request: Request, names: Mapping[str, str]) -> Reply:
    found = next((issue for issue in double.store.issues if issue["number"] == int(names["number"])), None)
    if found is None:
        return make_json_reply(404, {"message": "Not Found"})
    found.update(json.loads(request.body))
    return make_json_reply(200, found)


_ROOT = "/repos/acme/schemas"
_ROUTES: tuple[Route, ...] = (
    ("GET", "/user", _read_user),
    ("GET", rf"{_ROOT}/issues/(?P<number>\d+)/comments", _list_comments),
    ("POST", rf"{_ROOT}/issues/(?P<number>\d+)/comments", _add_comment),
    ("PATCH", rf"{_ROOT}/issues/comments/(?P<id>\d+)", _patch_comment),
    ("GET", rf"{_ROOT}/pulls/(?P<number>\d+)", _read_pull_request),
    ("GET", rf"{_ROOT}/commits/(?P<sha>[0-9a-f]+)/pulls", _list_of_commit),
    ("GET", rf"{_ROOT}/pulls/(?P<number>\d+)/reviews", _list_reviews),
    ("POST", rf"{_ROOT}/pulls/(?P<number>\d+)/requested_reviewers", _request_reviews),
    ("GET", r"/orgs/(?P<organization>[^/]+)/teams/(?P<team>[^/]+)/members", _list_members),
    ("GET", rf"{_ROOT}/issues", _list_issues),
    ("POST", rf"{_ROOT}/issues", _add_issue),
    ("PATCH", rf"{_ROOT}/issues/(?P<number>\d+)", _patch_issue),
)
