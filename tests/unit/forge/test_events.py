"""What a workflow runs for, told from a file that others wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import UsageError
from reconciler.forge.events import Event, make_github_event, make_gitlab_event, read_event

HEAD = "a" * 40
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["head", "base", "repo"]), inner),
    max_leaves=20,
)


def pull_request(repository: str = "acme/schemas") -> dict[str, object]:
    return {
        "pull_request": {
            "number": 7,
            "head": {"sha": HEAD, "repo": {"full_name": repository}},
            "base": {"repo": {"full_name": "acme/schemas"}},
        }
    }


def test_a_pull_request_of_the_repository_itself() -> None:
    assert make_github_event("pull_request", pull_request(), "b" * 40) == Event("pull_request", 7, HEAD)


@pytest.mark.parametrize("repository", ["mallory/schemas", ""])
def test_a_pull_request_of_another_repository_is_a_forks(repository: str) -> None:
    assert make_github_event("pull_request", pull_request(repository), None).is_fork


def test_one_whose_repository_was_deleted_is_a_forks() -> None:
    content = pull_request()
    content["pull_request"]["head"]["repo"] = None  # type: ignore[index]

    assert make_github_event("pull_request", content, None).is_fork


def test_a_push_is_of_no_pull_request() -> None:
    assert make_github_event("push", {"after": HEAD}, HEAD) == Event("push", None, HEAD)


@given(st.dictionaries(st.text(), JSON), JSON)
def test_whatever_the_file_holds_it_is_an_event(content: dict[str, object], pull: object) -> None:
    event = make_github_event("pull_request", {**content, "pull_request": pull}, "$(id)")

    assert event.pull_request is None or event.pull_request > 0
    assert event.commit is None


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[1]", "holds no object"),
        ("[" * 100_000, "is not JSON"),
        ("\udcff", "is not JSON"),
    ],
)
def test_a_file_that_is_no_event_is_told_and_is_of_no_pull_request(tmp_path: Path, text: str, trouble: str) -> None:
    file = tmp_path / "event.json"
    file.write_text(text, errors="surrogateescape")

    event = read_event({"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(file)})

    assert event.pull_request is None
    assert trouble in (event.trouble or "")


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    with file.open("wb") as handle:
        handle.truncate(33 << 20)

    event = read_event({"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(file)})

    assert event.trouble == "the file of the event has more than 32 MiB"


def test_a_missing_file_is_told() -> None:
    event = read_event({"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": "/nowhere/event.json"})

    assert event.trouble == "the file of the event cannot be read: No such file or directory"


def test_pull_request_target_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(pull_request()))

    with pytest.raises(UsageError, match="gives the secrets of the repository"):
        read_event({"GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_EVENT_PATH": str(file)})


def test_a_merge_request_of_gitlab() -> None:
    variables = {
        "GITLAB_CI": "true",
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_IID": "3",
        "CI_COMMIT_SHA": HEAD,
        "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "42",
        "CI_MERGE_REQUEST_PROJECT_ID": "42",
    }

    assert read_event(variables) == Event("merge_request_event", 3, HEAD)
    assert make_gitlab_event({**variables, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "43"}).is_fork
    assert make_gitlab_event({**variables, "CI_MERGE_REQUEST_IID": "3; id"}).pull_request is None
