"""The part of GitLab's REST interface that merge requests need, in memory: after its published description."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.forge import ForgeDouble, Route
from tests.doubles.wire import Access, Reply, Request, make_json_reply

PROJECT = "42"
TOKEN = "glpat-token-of-a-project"
ROBOT = "project_42_bot"


@dataclass
class Store:
    """What the project holds; the content of each thing is as the interface shows it."""

    merge_requests: dict[int, dict[str, Any]] = field(default_factory=dict)
    versions: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    approvals: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    notes: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    commits: dict[str, list[int]] = field(default_factory=dict)
    issues: list[dict[str, Any]] = field(default_factory=list)
    users: dict[str, int] = field(default_factory=lambda: {ROBOT: 1, "ada": 5, "bob": 6, "carol": 7})
    groups: dict[str, list[str]] = field(default_factory=dict)

    def user(self, name: str) -> dict[str, Any]:
        return {"id": self.users[name], "username": name}


class GitLabDouble(ForgeDouble):
    """GitLab with one project, number 42, and one token, whose notes the robot writes."""

    def __init__(self) -> None:
        self.store = Store()
        super().__init__(_ROUTES, "404 Not Found", Access())

    @property
    def api(self) -> str:
        return f"{self.url}/api/v4"

    def push(self, number: int, head: str, at: str, *, source: str = PROJECT) -> None:
        """Open a merge request of ada's, or push to it."""
        self.store.merge_requests[number] = {
            "iid": number,
            "author": self.store.user("ada"),
            "sha": head,
            "target_branch": "main",
            "web_url": f"{self.url}/acme/schemas/-/merge_requests/{number}",
            "state": "opened",
            "source_project_id": int(source),
            "target_project_id": int(PROJECT),
            "reviewers": [],
        }
        self.store.versions.setdefault(number, []).insert(0, {"head_commit_sha": head, "created_at": at})

    def approve(self, number: int, name: str, at: str | None) -> None:
        when = {"approved_at": at} if at else {}
        self.store.approvals.setdefault(number, []).append({"user": self.store.user(name), **when})

    def merge(self, number: int, commit: str) -> None:
        self.store.merge_requests[number]["state"] = "merged"
        self.store.commits.setdefault(commit, []).append(number)

    def notes_of(self, number: int) -> list[str]:
        return [note["body"] for note in self.store.notes.get(number, [])]

    def find_answer(self, request: Request) -> Reply:
        if request.headers.get("private-token") != TOKEN:
            return make_json_reply(401, {"message": "401 Unauthorized"})
        return super().find_answer(request)


def _list_notes(double: GitLabDouble, request: Request, names: Mapping[str, str]) -> Reply:
    return double.page(request, double.store.notes.get(int(names["iid"]), []))


def _add_note(double: GitLabDouble, request: Request, names: Mapping[str, str]) -> Reply:
    notes = double.store.notes.setdefault(int(names["iid"]), [])
    notes.append({"id": len(notes) + 1, "author": double.store.user(ROBOT), **json.loads(request.body)})
    return make_json_reply(201, notes[-1])


def _put_note(double: GitLabDouble, request: Request, names: Mapping[str, str]) -> Reply:
    note = double.store.notes[int(names["iid"])][int(names["id"]) - 1]
    note.update(json.loads(request.body))
    return make_json_reply(200, note)


def _read_merge_request(double: GitLabDouble, request: Request, names: Mapping[str, str]) -> Reply:
    return make_json_reply(200, double.store.merge_requests[int(names["iid"])])


def _put_merge_request(double: GitLabDouble, request: Request, names: Mapping[str, str]) -> Reply:
    found = double.store.merge_requests[int(names["iid"])]
    wanted = json.loads(request.body)["reviewer_ids"]
    found["reviewers"] = [double.store.user(name) for name, id_ in double.store.users.items() if id_ in wanted]
    return make_json_reply(200, found)


def _list_of_commit(double: GitLabDouble, request: Request, names: Mapping[str, str]) -> Reply:
    numbers = double.store.commits.get(names["sha"], [])
    return double.page(request, [double.store.merge_requests[number] for number in numbers])


def _read_approvals(double: GitLabDouble, request: Request, names: Mapping[str, str]) -> Reply:
    return make_json_reply(200, {"approved_by": double.store.approvals.get(int(names["iid"]), [])})


def _list_versions(double: GitLabDouble, request: Request, names: Mapping[str, str]) -> Reply:
    return double.page(request, double.store.versions.get(int(names["iid"]), []))


def _list_members(double: GitLabDouble, request: Request, names: Mapping[str, str]) -> Reply:
    members = double.store.groups.get(names["group"])
    if members is None:
        return make_json_reply(404, {"message": "404 Group Not Found"})
    return double.page(request, [double.store.user(name) for name in members])


def _list_users(double: GitLabDouble, request: Request, _: Mapping[str, str]) -> Reply:
    name = request.query["username"]
    return double.page(request, [double.store.user(name)] if name in double.store.users else [])


def _list_issues(double: GitLabDouble, request: Request, _: Mapping[str, str]) -> Reply:
    return double.page(request, [issue for issue in double.store.issues if issue["state"] == request.query["state"]])


def _add_issue(double: GitLabDouble, request: Request, _: Mapping[str, str]) -> Reply:
    number = len(double.store.issues) + 1
    place = {"iid": number, "author": double.store.user(ROBOT), "web_url": f"{double.url}/issues/{number}"}
    double.store.issues.append({**place, "state": "opened", **json.loads(request.body)})
    return make_json_reply(201, double.store.issues[-1])


def _put_issue(double: GitLabDouble, request: Request, names: Mapping[str, str]) -> Reply:
    issue = double.store.issues[int(names["iid"]) - 1]
    content = json.loads(request.body)
    state = {"state": "closed"} if content.pop("state_event", None) == "close" else {}
    issue.update({**content, **state})
    return make_json_reply(200, issue)


def _read_user(double: GitLabDouble, request: Request, _: Mapping[str, str]) -> Reply:
    return make_json_reply(200, double.store.user(ROBOT))


_ROOT = f"/api/v4/projects/{PROJECT}"
_MERGE_REQUEST = rf"{_ROOT}/merge_requests/(?P<iid>\d+)"
_ROUTES: tuple[Route, ...] = (
    ("GET", "/api/v4/user", _read_user),
    ("GET", "/api/v4/users", _list_users),
    ("GET", r"/api/v4/groups/(?P<group>[^/]+)/members/all", _list_members),
    ("GET", f"{_MERGE_REQUEST}/notes", _list_notes),
    ("POST", f"{_MERGE_REQUEST}/notes", _add_note),
    ("PUT", rf"{_MERGE_REQUEST}/notes/(?P<id>\d+)", _put_note),
    ("GET", _MERGE_REQUEST, _read_merge_request),
    ("PUT", _MERGE_REQUEST, _put_merge_request),
    ("GET", f"{_MERGE_REQUEST}/approvals", _read_approvals),
    ("GET", f"{_MERGE_REQUEST}/versions", _list_versions),
    ("GET", rf"{_ROOT}/repository/commits/(?P<sha>[0-9a-f]+)/merge_requests", _list_of_commit),
    ("GET", f"{_ROOT}/issues", _list_issues),
    ("POST", f"{_ROOT}/issues", _add_issue),
    ("PUT", rf"{_ROOT}/issues/(?P<iid>\d+)", _put_issue),
)
