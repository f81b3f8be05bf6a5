"""GitHub, and Gitea, whose interface is GitHub's but for a few paths and words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reconciler.errors import ForgeError
from reconciler.forge.connection import Connection, Value, read_fields
from reconciler.forge.values import Comment, Issue, PullRequest, Review, ReviewState
from reconciler.http import make_path

_PAGE = {"per_page": "100", "limit": "50"}
"""How many of a page: GitHub's word and Gitea's; each passes over the other's."""
_STATES: Mapping[str, ReviewState] = {
    "approved": ReviewState.APPROVED,
    "changes_requested": ReviewState.CHANGES_REQUESTED,
    "request_changes": ReviewState.CHANGES_REQUESTED,
    "dismissed": ReviewState.WITHDRAWN,
}
"""GitHub's words and Gitea's, in small letters."""
_REFUSED = 422
"""How a forge answers what it understands and does not do."""
_NOBODY = frozenset({401, 403, 404})
"""How a forge answers a robot's token that asks who it is."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one forge differs.

    ``robot`` is who writes with a workflow's own token; ``reviewers_fix`` is what helps where reviewers are refused.
    """

    name: str
    robot: str
    reviewers_fix: str
    headers: Mapping[str, str] = field(default_factory=dict)
    tells_one_pull_request: bool = False
    finds_teams: bool = False


GITHUB = Kind(
    "GitHub",
    "github-actions[bot]",
    "check that whoever is asked may see the repository",
    {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
)
GITEA = Kind(
    "Gitea",
    "gitea-actions",
    # Seen on 1.26: only people choose reviewers there, whatever the token of a workflow may do.
    "ask them yourself: Gitea lets no workflow choose reviewers, unless the input `github-token` is a person's",
    tells_one_pull_request=True,
    finds_teams=True,
)


class GitHub:
    """A repository on GitHub or Gitea; see :class:`reconciler.forge.values.Forge`.

    Args:
        repository: as ``owner/name``.
    """

    def __init__(self, connection: Connection, repository: str, kind: Kind = GITHUB) -> None:
        self._connection = connection
        self._path = make_path("repos", *repository.split("/"))
        self._kind = kind

    @property
    def name(self) -> str:
        """What people call it."""
        return self._kind.name

    def read_own_name(self) -> str:
        """The name under which the token writes; a workflow's own token may not ask, and is the robot's."""
        purpose = "ask whose token it is"
        try:
            user = self._connection.get("/user", purpose)
        except ForgeError as error:
            if error.status in _NOBODY:
                return self._kind.robot
            raise
        return read_fields(purpose, user, lambda content: str(content["login"]))

    def read_comments(self, number: int) -> tuple[Comment, ...]:
        """The comments on a pull request, oldest first."""
        return self._read_all(f"/issues/{number}/comments", "read the comments of the pull request", _comment)

    def write_comment(self, number: int, body: str) -> Comment:
        """Add a comment to a pull request."""
        purpose = "comment on the pull request"
        return self._write("POST", f"/issues/{number}/comments", purpose, {"body": body}, _comment)

    def rewrite_comment(self, number: int, comment: Comment, body: str) -> Comment:
        """Put another text in place of a comment's."""
        purpose = "update the comment on the pull request"
        return self._write("PATCH", f"/issues/comments/{comment.id}", purpose, {"body": body}, _comment)

    def read_pull_request(self, number: int) -> PullRequest:
        """Read one pull request."""
        purpose = f"read pull request {number}"
        content = self._connection.get(f"{self._path}/pulls/{number}", purpose)
        return read_fields(purpose, content, _pull_request)

    def read_pull_requests_of(self, commit: str) -> tuple[PullRequest, ...]:
        """The pull requests that brought a commit; Gitea tells one at most."""
        purpose = f"find the pull request of commit {commit[:12]}"
        path = f"/commits/{commit}"
        if not self._kind.tells_one_pull_request:
            return self._read_all(f"{path}/pulls", purpose, _pull_request)
        try:
            found = self._connection.get(f"{self._path}{path}/pull", purpose)
        except ForgeError as error:
            if error.status == 404:
                return ()
            raise
        return (read_fields(purpose, found, _pull_request),)

    def read_reviews(self, number: int) -> tuple[Review, ...]:
        """What was said of a pull request, oldest first."""
        return self._read_all(f"/pulls/{number}/reviews", f"read the reviews of pull request {number}", _review)

    def read_members(self, team: str) -> frozenset[str]:
        """The people of a team, written ``organization/team``; a workflow's own token may not read them on GitHub."""
        organization, _, name = team.partition("/")
        purpose = f"read the members of team {team}"
        path = make_path("orgs", organization, "teams", name, "members")
        if self._kind.finds_teams:
            path = make_path("teams", self._find_team(organization, name), "members")
        members = self._connection.get_all(path, purpose, _PAGE)
        return frozenset(read_fields(purpose, member, lambda content: str(content["login"])) for member in members)

    def request_reviews(self, number: int, people: Iterable[str], teams: Iterable[str]) -> None:
        """Ask people and teams to review a pull request."""
        asked = {"reviewers": sorted(people), "team_reviewers": sorted(team.rpartition("/")[2] for team in teams)}
        path = f"{self._path}/pulls/{number}/requested_reviewers"
        try:
            self._connection.write("POST", path, "ask for reviews", asked)
        except ForgeError as error:
            if error.status != _REFUSED:
                raise
            raise ForgeError(str(error), fix=self._kind.reviewers_fix, status=error.status) from error

    def read_issues(self) -> tuple[Issue, ...]:
        """The open issues, without the pull requests, which GitHub counts among them."""
        purpose = "read the open issues"
        query = {"state": "open", "type": "issues", **_PAGE}
        found = self._connection.get_all(f"{self._path}/issues", purpose, query)
        return tuple(read_fields(purpose, each, _issue) for each in found if each.get("pull_request") is None)

    def write_issue(self, title: str, body: str) -> Issue:
        """Open an issue."""
        return self._write("POST", "/issues", "open an issue", {"title": title, "body": body}, _issue)

    def rewrite_issue(self, issue: Issue, title: str, body: str, *, is_open: bool) -> Issue:
        """Put other texts in place of an issue's, and close it or leave it open."""
        content = {"title": title, "body": body, "state": "open" if is_open else "closed"}
        return self._write("PATCH", f"/issues/{issue.id}", f"update issue {issue.id}", content, _issue)

    def close(self) -> None:
        """Give back the connections."""
        self._connection.close()

    def _read_all(self, path: str, purpose: str, read: Callable[[Any], Value]) -> tuple[Value, ...]:
        found = self._connection.get_all(self._path + path, purpose, _PAGE)
        return tuple(read_fields(purpose, each, read) for each in found)

    def _write(
        self, method: str, path: str, purpose: str, content: Mapping[str, object], read: Callable[[Any], Value]
    ) -> Value:
        return read_fields(purpose, self._connection.write(method, self._path + path, purpose, content), read)

    def _find_team(self, organization: str, name: str) -> int:
        purpose = f"find team {organization}/{name}"
        path = make_path("orgs", organization, "teams", "search")
        found = self._connection.get(path, purpose, {"q": name})
        teams: dict[str, int] = read_fields(
            purpose, found, lambda content: {str(t["name"]).casefold(): int(t["id"]) for t in content["data"]}
        )
        if name.casefold() not in teams:
            raise ForgeError(f"cannot {purpose}: there is none that the token may see", fix="check the team's name")
        return teams[name.casefold()]


def _comment(content: Any) -> Comment:
    return Comment(int(content["id"]), _login(content["user"]), content["body"] or "", str(content["html_url"]))


def _issue(content: Any) -> Issue:
    return Issue(
        int(content["number"]),
        _login(content["user"]),
        str(content["title"]),
        content["body"] or "",
        str(content["html_url"]),
        content["state"] == "open",
    )


def _pull_request(content: Any) -> PullRequest:
    head, base = content["head"], content["base"]
    return PullRequest(
        int(content["number"]),
        _login(content["user"]),
        str(head["sha"]),
        str(base["ref"]),
        str(content["html_url"]),
        bool(content.get("merged_at") or content.get("merged")),
        # A fork that was deleted since is told as null.
        (head.get("repo") or {}).get("full_name") != (base.get("repo") or {}).get("full_name"),
    )


def _review(content: Any) -> Review:
    state = _STATES.get(content["state"].lower(), ReviewState.COMMENTED)
    when = content.get("submitted_at")
    return Review(
        _login(content["user"]),
        ReviewState.WITHDRAWN if content.get("dismissed") else state,
        content.get("commit_id") or None,
        datetime.fromisoformat(when) if when else None,
    )


def _login(user: Any) -> str:
    """The name of who did it; an account that was deleted since is told as null."""
    return str(user["login"]) if user else ""
