"""One request and its answer over a real socket: what is sent, what comes back, and what goes wrong."""

from __future__ import annotations

import json

import pytest

from reconciler.errors import (
    ForbiddenError,
    NotFoundError,
    OutcomeUnknownError,
    RegistryError,
    ThrottledError,
    UnauthorizedError,
    UnexpectedAnswerError,
    UnreachableError,
)
from reconciler.http import Request, make_basic, make_path
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.faults import FaultKind
from tests.doubles.wire import Access, HttpDouble, Reply
from tests.doubles.wire import Request as Received
from tests.unit.http.conftest import MakeClient, Waits

SUBJECTS = Request("GET", "/subjects")
WRITE = Request("PUT", "/config", body=b'{"compatibility": "FULL"}', is_write=True)


def answer_with_request(request: Received) -> Reply:
    told = {"path": request.path, "query": dict(request.query), "body": request.body.decode()}
    return Reply(200, json.dumps(told).encode())


def test_path_query_and_body_arrive_as_they_were_meant(make_client: MakeClient) -> None:
    path = make_path("subjects", "a/b c%ü?#&", "versions", 3)
    with HttpDouble(answer_with_request) as double:
        answer = make_client(f"{double.url}/below/").send(
            Request("POST", path, {"prefix": ":*:", "q": "ü &=+"}, body=b'{"ok": "\xc3\xbc"}')
        )

    assert answer.json() == {
        "path": "/below/subjects/a%2Fb%20c%25%C3%BC%3F%23%26/versions/3",
        "query": {"prefix": ":*:", "q": "ü &=+"},
        "body": '{"ok": "ü"}',
    }


@pytest.mark.parametrize("name", [".", ".."])
def test_a_name_of_dots_is_a_name(make_client: MakeClient, name: str) -> None:
    with HttpDouble(answer_with_request) as double:
        answer = make_client(double.url).send(Request("GET", make_path("subjects", name, "versions")))

    assert answer.json()["path"] == f"/subjects/{name.replace('.', '%2E')}/versions"


def test_below_host_leaves_the_registrys_path(make_client: MakeClient) -> None:
    with HttpDouble(answer_with_request) as double:
        answer = make_client(f"{double.url}/below").send(Request("GET", "/info", is_below_host=True))

    assert answer.json()["path"] == "/info"


@pytest.mark.parametrize("authorization", [make_basic("ann", "pä:ss"), "Bearer t0ken"])
def test_credentials_are_sent(make_client: MakeClient, authorization: str) -> None:
    with ConfluentDouble(users={"ann": "pä:ss"}, tokens=frozenset({"t0ken"})) as double:
        assert make_client(double.url, authorization=authorization).send(SUBJECTS).json() == []


def test_large_answers_come_compressed(make_client: MakeClient) -> None:
    text = b"[" + b'"subject",' * 50_000 + b"1]"
    with HttpDouble(lambda request: Reply(200, text)) as double:
        answer = make_client(double.url).send(SUBJECTS)

        assert answer.body == text
        assert double.requests[0].headers["accept-encoding"] == "gzip"


def test_one_connection_serves_many_requests(make_client: MakeClient) -> None:
    with HttpDouble(lambda request: Reply(200, b"[]")) as double:
        client = make_client(double.url)

        answers = [client.send(SUBJECTS).status for _ in range(5)]

    assert answers == [200] * 5


def test_a_server_that_closed_an_idle_connection_is_asked_over_a_new_one(make_client: MakeClient, waits: Waits) -> None:
    with HttpDouble(lambda request: Reply(200, b"[]", {"Connection": "close"})) as double:
        client = make_client(double.url)

        assert client.send(SUBJECTS).status == 200
        assert client.send(WRITE).status == 200
        assert waits.seconds == []


ERRORS = [
    (ConfluentDouble(users={"ann": "pw"}), SUBJECTS, UnauthorizedError, 401, 401, "`auth`"),
    (ConfluentDouble(deny=(("GET", "/subjects"),)), SUBJECTS, ForbiddenError, 403, 40301, "permission"),
    (ConfluentDouble(), Request("GET", "/subjects/s/versions/1", subject="s"), NotFoundError, 404, 40401, "url"),
]


@pytest.mark.parametrize(("double", "request_", "error", "status", "code", "fix"), ERRORS)
def test_refusals_are_told_apart(
    make_client: MakeClient,
    double: ConfluentDouble,
    request_: Request,
    error: type[RegistryError],
    status: int,
    code: int,
    fix: str,
) -> None:
    with double, pytest.raises(error) as caught:
        make_client(double.url).send(request_)

    told = caught.value
    assert (told.registry, told.status, told.code, told.subject) == ("orders", status, code, request_.subject)
    assert told.detail
    assert fix in (told.fix or "")


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.ERROR_500,
        FaultKind.ERROR_503,
        FaultKind.TOO_MANY_REQUESTS,
        FaultKind.HALF_JSON,
        FaultKind.DROP_BEFORE_READING,
        FaultKind.DROP_AFTER_COMMIT,
    ],
)
def test_a_read_survives_one_fault(make_client: MakeClient, kind: FaultKind) -> None:
    with ConfluentDouble() as double:
        double.faults.add(kind=kind)

        answer = make_client(double.url).send(SUBJECTS)

        assert answer.json() == []
        assert double.count() == 2
        assert double.faults.pending == ()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.ERROR_500, UnexpectedAnswerError),
        (FaultKind.ERROR_503, UnexpectedAnswerError),
        (FaultKind.TOO_MANY_REQUESTS, ThrottledError),
        (FaultKind.HALF_JSON, UnexpectedAnswerError),
        (FaultKind.DROP_BEFORE_READING, UnreachableError),
        (FaultKind.DROP_AFTER_COMMIT, UnreachableError),
    ],
)
def test_a_read_gives_up_with_the_reason(make_client: MakeClient, kind: FaultKind, error: type[RegistryError]) -> None:
    with ConfluentDouble() as double:
        double.faults.add(kind=kind, times=None)

        with pytest.raises(error) as caught:
            make_client(double.url, retries=2).send(SUBJECTS)

        assert type(caught.value) is error
        assert double.count() == 3
        assert caught.value.fix


@pytest.mark.parametrize("kind", [FaultKind.TOO_MANY_REQUESTS, FaultKind.ERROR_503])
def test_a_write_is_repeated_when_the_server_said_that_it_did_nothing(
    make_client: MakeClient, kind: FaultKind, waits: Waits
) -> None:
    with ConfluentDouble() as double:
        double.faults.add(kind=kind, retry_after="7")

        assert make_client(double.url).send(WRITE).status == 200
        assert double.count("PUT") == 2
        assert waits.seconds == [7.0]


@pytest.mark.parametrize(
    "kind", [FaultKind.ERROR_500, FaultKind.HALF_JSON, FaultKind.DROP_BEFORE_READING, FaultKind.DROP_AFTER_COMMIT]
)
def test_a_write_that_may_have_happened_is_sent_once(make_client: MakeClient, kind: FaultKind) -> None:
    with ConfluentDouble() as double:
        double.faults.add(kind=kind)

        with pytest.raises(OutcomeUnknownError):
            make_client(double.url).send(WRITE)

        assert double.count("PUT") == 1


def test_a_write_to_a_busy_server_that_names_no_time_has_an_unknown_outcome(make_client: MakeClient) -> None:
    with ConfluentDouble() as double:
        double.faults.add(kind=FaultKind.ERROR_503, retry_after=None)

        with pytest.raises(OutcomeUnknownError) as caught:
            make_client(double.url).send(WRITE)

        assert caught.value.status == 503


@pytest.mark.parametrize("is_write", [False, True])
def test_a_port_that_nobody_listens_on_is_unreachable(make_client: MakeClient, is_write: bool, waits: Waits) -> None:
    with HttpDouble(answer_with_request) as double:
        url = double.url

    with pytest.raises(UnreachableError) as caught:
        make_client(url, retries=2).send(WRITE if is_write else SUBJECTS)

    assert f"no connection ({url})" in caught.value.message
    assert len(waits.seconds) == 2


def test_a_host_without_an_address_is_told_as_such(make_client: MakeClient) -> None:
    with pytest.raises(UnreachableError, match="host name cannot be resolved"):
        make_client("http://registry.invalid", retries=0).send(SUBJECTS)


@pytest.mark.parametrize(("request_", "error"), [(SUBJECTS, UnreachableError), (WRITE, OutcomeUnknownError)])
def test_a_silent_server_is_not_waited_for_forever(
    make_client: MakeClient, request_: Request, error: type[RegistryError]
) -> None:
    with ConfluentDouble() as double:
        double.faults.add(kind=FaultKind.SLOW, delay=30)

        with pytest.raises(error, match="no answer in time"):
            make_client(double.url, retries=0, timeout=0.2).send(request_)


def test_a_page_instead_of_json_is_shown(make_client: MakeClient) -> None:
    with ConfluentDouble() as double:
        double.faults.add(kind=FaultKind.HTML)

        with pytest.raises(UnexpectedAnswerError) as caught:
            make_client(double.url).send(SUBJECTS).json()

    assert "proxy of the company" in (caught.value.detail or "")
    assert caught.value.registry == "orders"
    assert "login page" in (caught.value.fix or "")


def test_an_error_page_is_told_by_its_title(make_client: MakeClient) -> None:
    with ConfluentDouble() as double:
        double.faults.add(kind=FaultKind.HTML, status=502, times=None)

        with pytest.raises(UnexpectedAnswerError) as caught:
            make_client(double.url).send(SUBJECTS)

    assert str(caught.value) == (
        'orders: GET /subjects failed: the server failed (HTTP 502): an HTML page titled "502 Bad Gateway"'
    )


def redirect_to(target: str, access: Access | None = None) -> HttpDouble:
    def answer(request: Received) -> Reply:
        return Reply(200, b"[]") if request.path.startswith("/new") else Reply(307, headers={"Location": target})

    return HttpDouble(answer, access=access)


@pytest.mark.parametrize("target", ["/new/subjects", "new/subjects?deleted=true"])
def test_a_read_follows_a_redirect_on_the_same_server(make_client: MakeClient, target: str) -> None:
    with redirect_to(target) as double:
        assert make_client(double.url).send(SUBJECTS).json() == []
        assert double.requests[-1].path == "/new/subjects"


def test_a_write_follows_no_redirect(make_client: MakeClient) -> None:
    with redirect_to("/new/config") as double:
        with pytest.raises(UnexpectedAnswerError, match="points elsewhere, to /new/config"):
            make_client(double.url).send(WRITE)

        assert double.count() == 1


def test_credentials_do_not_follow_a_redirect_to_another_server(make_client: MakeClient) -> None:
    access = Access(tokens=frozenset({"t"}))
    with HttpDouble(answer_with_request) as other, redirect_to(f"{other.url}/new", access) as double:
        with pytest.raises(UnexpectedAnswerError) as caught:
            make_client(double.url, authorization="Bearer t").send(SUBJECTS)

        assert other.requests == []
        assert other.url in caught.value.message
        assert "`url`" in (caught.value.fix or "")


def test_a_redirect_in_a_circle_ends(make_client: MakeClient) -> None:
    with redirect_to("/subjects") as double:
        with pytest.raises(UnexpectedAnswerError, match="points elsewhere"):
            make_client(double.url).send(SUBJECTS)

        assert double.count() == 4
