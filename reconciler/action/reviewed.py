"""The plan that was reviewed: its digest stands in the comment on the pull request that brought the commit."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.forge import Forge, PullRequest
from reconciler.forge.markers import find_own, read_marker

NONE = "none"
"""What an apply expects where a pull request was merged without a plan of it: no digest is this."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Which plan was reviewed, for an apply.

    ``digest`` is None where there was nothing to review: the commit came without a pull request.
    """

    digest: str | None
    pull_request: PullRequest | None = None
    note: str | None = None


def load_reviewed(forge: Forge, commit: str, key: str, branch: str) -> Reviewed:
    """Read which plan was reviewed in the pull request that brought a commit.

    Args:
        key: of the comment that shows plans.
        branch: the branch that is applied; pull requests to others do not count.

    Raises:
        ForgeError: it cannot be read.
    """
    merged = [p for p in forge.read_pull_requests_of(commit) if p.is_merged and branch in ("", p.base)]
    if not merged:
        return Reviewed(None, note="No pull request brought this commit, so no plan of it was reviewed.")
    found = max(merged, key=lambda pull_request: pull_request.number)
    comment = find_own(forge.read_comments(found.number), key, forge.read_own_name())
    marker = read_marker(comment.body) if comment else None
    if marker is None or not marker.facts.get("digest"):
        return Reviewed(NONE, found, f"Pull request {found.number} has no comment with a plan.")
    if marker.facts.get("commit") != found.head:
        note = f"The plan in pull request {found.number} is not of its last commit, so it was not reviewed."
        return Reviewed(NONE, found, note)
    return Reviewed(marker.facts["digest"], found)
