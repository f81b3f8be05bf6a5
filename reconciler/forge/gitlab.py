"""GitLab: merge requests, notes and approvals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from reconciler.forge.connection import Connection, Value, read_fields
from reconciler.forge.values import Comment, Issue, PullRequest, Review, ReviewState
from reconciler.http import make_path

_PAGE = {"per_page": "100"}


class GitLab:
    """A project on GitLab; see :class:`reconciler.forge.values.Forge`.

    Args:
        project: its number, or its path.
    """

    def __init__(self, connection: Connection, project: str) -> None:
        self._connection = connection
        self._path = make_path("projects", project)

    @property
    def name(self) -> str:
        """What people call it."""
        return "GitLab"

    def read_own_name(self) -> str:
        """The name under which the token writes."""
        purpose = "ask whose token it is"
        return str(read_fields(purpose, self._connection.get("/user", purpose), lambda user: user["username"]))

    def read_comments(self, number: int) -> tuple[Comment, ...]:
        """The notes on a merge request, oldest first."""
        query = {"sort": "asc", "order_by": "created_at"}
        return self._read_all(f"{_request(number)}/notes", "read the notes of the merge request", _comment, query)

    def write_comment(self, number: int, body: str) -> Comment:
        """Add a note to a merge request."""
        purpose = "comment on the merge request"
        return self._write("POST", f"{_request(number)}/notes", purpose, {"body": body}, _comment)

    def rewrite_comment(self, number: int, comment: Comment, body: str) -> Comment:
        """Put another text in place of a note's."""
        path = f"{_request(number)}/notes/{comment.id}"
        return self._write("PUT", path, "update the note on the merge request", {"body": body}, _comment)

    def read_pull_request(self, number: int) -> PullRequest:
        """Read one merge request."""
        purpose = f"read merge request {number}"
        found = self._connection.get(self._path + _request(number), purpose)
        return read_fields(purpose, found, _merge_request)

    def read_pull_requests_of(self, commit: str) -> tuple[PullRequest, ...]:
        """The merge requests that brought a commit."""
        path = f"/repository/commits/{commit}/merge_requests"
        return self._read_all(path, f"find the merge request of commit {commit[:12]}", _merge_request)

    def read_reviews(self, number: int) -> tuple[Review, ...]:
        """Who approves of a merge request, each of the commit that was its newest one then.

        Which one that was is told by the time, where GitLab tells it; else it forgets approvals of older commits by
        itself, if it is told to.
        """
        purpose = f"read the approvals of merge request {number}"
        found = self._connection.get(f"{self._path}{_request(number)}/approvals", purpose)
        approvals = read_fields(purpose, found, _approvals)
        if not any(review.when for review in approvals):
            return approvals
        pushes = sorted(self._read_all(f"{_request(number)}/versions", purpose, _push), reverse=True)
        return tuple(replace(review, commit=_find_head(pushes, review.when)) for review in approvals)

    def read_members(self, team: str) -> frozenset[str]:
        """The people of a group, those of the groups above it too."""
        purpose = f"read the members of group {team}"
        members = self._connection.get_all(make_path("groups", team, "members", "all"), purpose, _PAGE)
        return frozenset(read_fields(purpose, member, lambda content: str(content["username"])) for member in members)

    def request_reviews(self, number: int, people: Iterable[str], teams: Iterable[str]) -> None:
        """Ask people to review a merge request, and all members of teams, since GitLab asks no groups."""
        names = {*people}.union(*(self.read_members(team) for team in teams))
        purpose = "ask for reviews"
        found = [self._connection.get("/users", purpose, {"username": name}) for name in sorted(names)]
        wanted = {read_fields(purpose, users, lambda content: int(content[0]["id"])) for users in found if users}
        content = self._connection.get(self._path + _request(number), purpose)
        # What is written takes the place of whoever was asked before.
        there = read_fields(purpose, content, lambda each: {int(user["id"]) for user in each.get("reviewers") or ()})
        if not wanted <= there:
            asked = {"reviewer_ids": sorted(wanted | there)}
            self._connection.write("PUT", self._path + _request(number), purpose, asked)

    def read_issues(self) -> tuple[Issue, ...]:
        """The open issues."""
        return self._read_all("/issues", "read the open issues", _issue, {"state": "opened"})

    def write_issue(self, title: str, body: str) -> Issue:
        """Open an issue."""
        return self._write("POST", "/issues", "open an issue", {"title": title, "description": body}, _issue)

    def rewrite_issue(self, issue: Issue, title: str, body: str, *, is_open: bool) -> Issue:
        """Put other texts in place of an issue's, and close it or leave it open."""
        content = {"title": title, "description": body, **({} if is_open else {"state_event": "close"})}
        return self._write("PUT", f"/issues/{issue.id}", f"update issue {issue.id}", content, _issue)

    def close(self) -> None:
        """Give back the connections."""
        self._connection.close()

    def _read_all(
        self, path: str, purpose: str, read: Callable[[Any], Value], query: Mapping[str, str] | None = None
    ) -> tuple[Value, ...]:
        found = self._connection.get_all(self._path + path, purpose, {**(query or {}), **_PAGE})
        return tuple(read_fields(purpose, each, read) for each in found)

    def _write(
        self, method: str, path: str, purpose: str, content: Mapping[str, object], read: Callable[[Any], Value]
    ) -> Value:
        return read_fields(purpose, self._connection.write(method, self._path + path, purpose, content), read)


def _request(number: int) -> str:
    return f"/merge_requests/{number}"


def _comment(content: Any) -> Comment:
    return Comment(int(content["id"]), str(content["author"]["username"]), content["body"] or "", "")


def _issue(content: Any) -> Issue:
    return Issue(
        int(content["iid"]),
        str(content["author"]["username"]),
        str(content["title"]),
        content["description"] or "",
        str(content["web_url"]),
        content["state"] == "opened",
    )


def _merge_request(content: Any) -> PullRequest:
    return PullRequest(
        int(content["iid"]),
        str(content["author"]["username"]),
        str(content["sha"]),
        str(content["target_branch"]),
        str(content["web_url"]),
        content["state"] == "merged",
        content["source_project_id"] != content["target_project_id"],
    )


def _push(content: Any) -> tuple[datetime, str]:
    return datetime.fromisoformat(content["created_at"]), str(content["head_commit_sha"])


def _find_head(pushes: Sequence[tuple[datetime, str]], when: datetime | None) -> str | None:
    """The commit that was the newest at a time; ``pushes`` begin with the last one."""
    if when is None or not pushes:
        return None
    return next((commit for at, commit in pushes if at <= when), pushes[-1][1])


def _approvals(content: Any) -> tuple[Review, ...]:
    when = {entry["user"]["username"]: entry.get("approved_at") for entry in content["approved_by"]}
    return tuple(
        Review(str(name), ReviewState.APPROVED, when=datetime.fromisoformat(at) if at else None)
        for name, at in when.items()
    )
