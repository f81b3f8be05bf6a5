"""What every forge has, as values, and what is asked of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ReviewState(StrEnum):
    """What a reviewer says; a comment says neither."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    WITHDRAWN = "withdrawn"
    COMMENTED = "commented"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a pull request or an issue; ``author`` as the forge calls who wrote it."""

    id: int
    author: str
    body: str
    url: str


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue; ``id`` is the number that people see."""

    id: int
    author: str
    title: str
    body: str
    url: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request; on GitLab a merge request. ``head`` is its newest commit, ``base`` the branch it goes to."""

    number: int
    author: str
    head: str
    base: str
    url: str
    is_merged: bool
    is_fork: bool


@dataclass(frozen=True, slots=True)
class Review:
    """What one person said of a pull request, and of which commit; ``commit`` None where the forge does not tell."""

    author: str
    state: ReviewState
    commit: str | None = None
    when: datetime | None = None


class Forge(Protocol):
    """One repository on a forge, asked with one token.

    Every method raises ForgeError where the forge cannot be reached or does not do it; whoever calls decides whether
    the lack matters.
    """

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def read_own_name(self) -> str:
        """The name under which the token writes."""
        ...

    def read_comments(self, number: int) -> tuple[Comment, ...]:
        """The comments on a pull request, oldest first."""
        ...

    def write_comment(self, number: int, body: str) -> Comment:
        """Add a comment to a pull request."""
        ...

    def rewrite_comment(self, number: int, comment: Comment, body: str) -> Comment:
        """Put another text in place of a comment's."""
        ...

    def read_pull_request(self, number: int) -> PullRequest:
        """Read one pull request."""
        ...

    def read_pull_requests_of(self, commit: str) -> tuple[PullRequest, ...]:
        """The pull requests that brought a commit."""
        ...

    def read_reviews(self, number: int) -> tuple[Review, ...]:
        """What was said of a pull request, oldest first."""
        ...

    def read_members(self, team: str) -> frozenset[str]:
        """The people of a team, which is written as in CODEOWNERS, without ``@``."""
        ...

    def request_reviews(self, number: int, people: Iterable[str], teams: Iterable[str]) -> None:
        """Ask people and teams to review a pull request."""
        ...

    def read_issues(self) -> tuple[Issue, ...]:
        """The open issues."""
        ...

    def write_issue(self, title: str, body: str) -> Issue:
        """Open an issue."""
        ...

    def rewrite_issue(self, issue: Issue, title: str, body: str, *, is_open: bool) -> Issue:
        """Put other texts in place of an issue's, and close it or leave it open."""
        ...

    def close(self) -> None:
        """Give back the connections."""
        ...
