"""What a workflow runs for. The file of an event is written by others: it is read, never trusted."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.errors import UsageError

MOST_BYTES = 32 * 1024 * 1024
"""GitHub sends no larger events; a larger file is not read."""
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_UNSAFE = "pull_request_target"


@dataclass(frozen=True, slots=True)
class Event:
    """What a workflow runs for.

    ``pull_request`` is its number, None where it runs for none; ``is_fork`` says that its author may have no right to
    write to this repository, so that there are no secrets and nothing can be written. ``trouble`` is why the file of
    the event could not be used.
    """

    name: str
    pull_request: int | None = None
    commit: str | None = None
    is_fork: bool = False
    trouble: str | None = None


def read_event(variables: Mapping[str, str]) -> Event:
    """Read what a workflow runs for, from the variables and the event's file.

    Raises:
        UsageError: it runs for ``pull_request_target``, which hands secrets to code from outside.
    """
    if variables.get("CI_MERGE_REQUEST_IID") or variables.get("GITLAB_CI"):
        return make_gitlab_event(variables)
    name = variables.get("GITHUB_EVENT_NAME", "")
    if name == _UNSAFE:
        raise UsageError(
            f"this workflow runs on `{_UNSAFE}`, which gives the secrets of the repository to whoever opens a pull"
            " request",
            fix="run it on `pull_request`; a pull request from a fork is then checked without secrets",
        )
    content, trouble = _read_content(variables.get("GITHUB_EVENT_PATH"))
    return make_github_event(name, content, variables.get("GITHUB_SHA"), trouble)


def make_github_event(name: str, content: Mapping[str, Any], commit: str | None, trouble: str | None = None) -> Event:
    """Make an event of the content of its file; what is not of the kind that it should be counts as missing."""
    pull_request = _member(content, "pull_request")
    head, base = _member(pull_request, "head"), _member(pull_request, "base")
    number = pull_request.get("number")
    is_numbered = isinstance(number, int) and not isinstance(number, bool) and number > 0
    sha = head.get("sha") if pull_request else commit
    return Event(
        name,
        number if is_numbered else None,
        sha if isinstance(sha, str) and _COMMIT.fullmatch(sha) else None,
        # Whose repository cannot be told is a stranger's.
        bool(pull_request)
        and _repository(head) != (_repository(base) or _repository({"repo": content.get("repository")})),
        trouble,
    )


def make_gitlab_event(variables: Mapping[str, str]) -> Event:
    """Make an event of the variables of a pipeline."""
    number = variables.get("CI_MERGE_REQUEST_IID", "")
    commit = variables.get("CI_COMMIT_SHA", "")
    return Event(
        variables.get("CI_PIPELINE_SOURCE", ""),
        int(number) if re.fullmatch(r"[1-9][0-9]{0,17}", number) else None,
        commit if _COMMIT.fullmatch(commit) else None,
        bool(number)
        and variables.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID") != variables.get("CI_MERGE_REQUEST_PROJECT_ID"),
    )


def _read_content(path: str | None) -> tuple[Mapping[str, Any], str | None]:
    """The content of an event's file, and why it cannot be used."""
    if not path:
        return {}, None
    try:
        with Path(path).open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            return {}, f"the file of the event has more than {MOST_BYTES >> 20} MiB"
        content = json.loads(text)
    except OSError as error:
        return {}, f"the file of the event cannot be read: {error.strerror}"
    except (ValueError, RecursionError):
        return {}, "the file of the event is not JSON"
    return (content, None) if isinstance(content, dict) else ({}, "the file of the event holds no object")


def _member(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = content.get(name)
    return value if isinstance(value, dict) else {}


def _repository(side: Mapping[str, Any]) -> object:
    return _member(side, "repo").get("full_name")
