"""GitHub and Gitea, asked of doubles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reconciler.errors import ForgeError
from reconciler.forge import Forge, ReviewState, open_forge
from tests.doubles.faults import FaultKind
from tests.doubles.github import ROBOT, GitHubDouble
from tests.doubles.wire import Access, HttpDouble, Reply, Request, make_json_reply

TOKEN = "a-token"


@pytest.fixture
def github() -> Iterator[GitHubDouble]:
    with GitHubDouble(tokens=frozenset({TOKEN})) as double:
        yield double


def variables(url: str, **others: str) -> dict[str, str]:
    return {"GITHUB_API_URL": url, "GITHUB_REPOSITORY": "acme/schemas", "GITHUB_TOKEN": TOKEN, **others}


@pytest.fixture
def forge(github: GitHubDouble) -> Iterator[Forge]:
    opened = open_forge(variables(github.url))
    assert opened is not None
    yield opened
    opened.close()


def test_comments_are_read_over_all_pages_and_patched_in_place(github: GitHubDouble, forge: Forge) -> None:
    for number in range(5):
        github.add_comment(7, "bob", f"comment {number}")

    written = forge.write_comment(7, "ours")
    forge.rewrite_comment(7, written, "ours, again")

    assert [c.body for c in forge.read_comments(7)] == [*(f"comment {n}" for n in range(5)), "ours, again"]
    assert written.author == ROBOT


def test_a_workflows_token_is_the_robots_and_a_persons_is_theirs(github: GitHubDouble, forge: Forge) -> None:
    as_robot = forge.read_own_name()
    github.login = "ada"

    assert as_robot == ROBOT
    assert forge.read_own_name() == "ada"


def test_reviews_members_and_pull_requests_of_a_commit(github: GitHubDouble, forge: Forge) -> None:
    head, merged = "a" * 40, "b" * 40
    github.add_pull_request(7, head, repository="mallory/schemas")
    github.merge(7, merged)
    github.add_review(7, "bob", "APPROVED", head)
    github.add_review(7, "eve", "CHANGES_REQUESTED", head)
    github.add_review(7, "bob", "DISMISSED", head)
    github.store.teams["acme/payments"] = ["bob", "carol", "dan"]

    (found,) = forge.read_pull_requests_of(merged)
    reviews = forge.read_reviews(7)

    assert (found.number, found.head, found.is_merged, found.is_fork) == (7, head, True, True)
    assert [(r.author, r.state) for r in reviews] == [
        ("bob", ReviewState.APPROVED),
        ("eve", ReviewState.CHANGES_REQUESTED),
        ("bob", ReviewState.WITHDRAWN),
    ]
    assert forge.read_members("acme/payments") == {"bob", "carol", "dan"}


def test_reviews_are_asked_of_people_and_of_teams_by_their_short_names(github: GitHubDouble, forge: Forge) -> None:
    github.add_pull_request(7, "a" * 40)

    forge.request_reviews(7, ["bob"], ["acme/payments"])

    assert github.store.requested[7] == {"reviewers": ["bob"], "team_reviewers": ["payments"]}


def test_issues_are_told_from_pull_requests_and_closed(github: GitHubDouble, forge: Forge) -> None:
    github.add_pull_request(7, "a" * 40)
    issue = forge.write_issue("drift", "much")

    open_ones = forge.read_issues()
    forge.rewrite_issue(issue, "drift", "none", is_open=False)

    assert open_ones == (issue,)
    assert forge.read_issues() == ()
    assert github.store.issues[0]["state"] == "closed"


@pytest.mark.parametrize(
    ("status", "fix"),
    [
        (401, "check the token"),
        (403, "give the token the permission"),
        (404, "check that the token may see the repository"),
        (422, "look at the forge's status"),
        (500, "look at the forge's status"),
    ],
)
def test_an_answer_that_refuses_is_an_error_in_the_words_of_a_forge(
    github: GitHubDouble, forge: Forge, status: int, fix: str
) -> None:
    github.faults.add(kind=FaultKind.ERROR_500, method="POST", path="*", status=status, times=None)

    with pytest.raises(ForgeError) as caught:
        forge.write_comment(7, "text")

    assert f"status {status}" in str(caught.value)
    assert str(caught.value).startswith("cannot comment on the pull request")
    assert (caught.value.fix or "").startswith(fix)
    assert "registry" not in f"{caught.value} {caught.value.fix}"


def test_a_comment_is_never_sent_twice(github: GitHubDouble, forge: Forge) -> None:
    github.faults.add(kind=FaultKind.DROP_AFTER_COMMIT, method="POST", path="*")

    with pytest.raises(ForgeError):
        forge.write_comment(7, "text")

    assert github.comments_of(7) == ["text"]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"id": "x"}', b"null"])
def test_an_answer_that_is_none_is_an_error(body: bytes) -> None:
    with HttpDouble(lambda _: Reply(200, body), access=Access(tokens=frozenset({TOKEN}))) as double:
        opened = open_forge(variables(double.url))
        assert opened is not None
        with pytest.raises(ForgeError):
            opened.write_comment(7, "text")
        with pytest.raises(ForgeError):
            opened.read_comments(7)
        opened.close()


def test_a_list_that_never_ends_is_left_and_only_the_path_of_a_link_is_followed() -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Reply:
        asked.append(request)
        link = f'<http://elsewhere.example/page?page={len(asked)}>; rel="next"'
        return make_json_reply(200, [], Link=link)

    with HttpDouble(answer, access=Access(tokens=frozenset({TOKEN}))) as double:
        opened = open_forge(variables(double.url))
        assert opened is not None
        assert opened.read_comments(7) == ()
        opened.close()

    assert {request.path for request in asked[1:]} == {"/page"}
    assert len(asked) == 100


def test_gitea_tells_one_pull_request_and_looks_teams_up_by_name() -> None:
    pull_request = {
        "number": 3,
        "user": {"login": "ada"},
        "head": {"sha": "a" * 40, "repo": {"full_name": "acme/schemas"}},
        "base": {"ref": "main", "repo": {"full_name": "acme/schemas"}},
        "html_url": "http://gitea/acme/schemas/pulls/3",
        "merged": True,
    }
    answers = {
        f"/api/v1/repos/acme/schemas/commits/{'b' * 40}/pull": pull_request,
        "/api/v1/orgs/acme/teams/search": {"ok": True, "data": [{"id": 9, "name": "Payments"}]},
        "/api/v1/teams/9/members": [{"login": "bob"}],
        "/api/v1/repos/acme/schemas/pulls/3/reviews": [
            {"user": {"login": "bob"}, "state": "APPROVED", "dismissed": True, "commit_id": "a" * 40},
            {"user": {"login": "eve"}, "state": "REQUEST_CHANGES", "commit_id": "a" * 40},
            {"user": None, "state": "COMMENT", "commit_id": "a" * 40},
        ],
    }

    def answer(request: Request) -> Reply:
        found = answers.get(request.path)
        return make_json_reply(404, {"message": "not found"}) if found is None else make_json_reply(200, found)

    with HttpDouble(answer, access=Access(tokens=frozenset({TOKEN}))) as double:
        opened = open_forge(variables(f"{double.url}/api/v1", GITEA_ACTIONS="true"))
        assert opened is not None
        assert [p.number for p in opened.read_pull_requests_of("b" * 40)] == [3]
        assert opened.read_pull_requests_of("c" * 40) == ()
        assert opened.read_members("acme/payments") == {"bob"}
        states = [(r.author, r.state.value) for r in opened.read_reviews(3)]
        assert states == [("bob", "withdrawn"), ("eve", "changes_requested"), ("", "commented")]
        assert opened.read_own_name() == "gitea-actions"
        opened.close()


@pytest.mark.parametrize(
    ("marks", "fix"),
    [({}, "may see the repository"), ({"GITEA_ACTIONS": "true"}, "Gitea lets no workflow choose reviewers")],
    ids=["github", "gitea"],
)
def test_reviewers_that_a_forge_refuses_are_told_with_what_helps(marks: dict[str, str], fix: str) -> None:
    refused = make_json_reply(422, {"message": "Doer can't choose reviewer"})

    with HttpDouble(lambda request: refused, access=Access(tokens=frozenset({TOKEN}))) as double:
        opened = open_forge(variables(double.url, **marks))
        assert opened is not None
        with pytest.raises(ForgeError, match="cannot ask for reviews: status 422: Doer can't choose reviewer") as error:
            opened.request_reviews(3, ["bob"], [])
        opened.close()

    assert fix in (error.value.fix or "")


def test_without_a_token_or_a_repository_there_is_no_forge() -> None:
    assert open_forge({}) is None
    assert open_forge({"GITHUB_REPOSITORY": "acme/schemas"}) is None
    assert open_forge({"GITHUB_TOKEN": "t", "GITHUB_REPOSITORY": "../../x/y"}) is None
