"""Many reads at once: whatever the server does on the way, every answer comes, in order, or the error at its place."""

from __future__ import annotations

from itertools import islice

import pytest

from reconciler.errors import UnreachableError
from reconciler.http import HttpClient, LeanTransport, Request, make_endpoint
from tests.doubles.faults import FaultKind
from tests.doubles.wire import HttpDouble, Reply
from tests.doubles.wire import Request as Received
from tests.unit.http.conftest import MakeClient, Waits, make_client_over

COUNT = 60
PATHS = [f"/{number}" for number in range(COUNT)]
READS = [Request("GET", path) for path in PATHS]


def echo(request: Received) -> Reply:
    return Reply(200, request.path.encode())


def read_all(client: HttpClient, connections: int = 4) -> list[str]:
    return [answer.body.decode() for answer in client.send_all(READS, connections)]


@pytest.mark.parametrize(
    "kind", [FaultKind.ERROR_503, FaultKind.ERROR_500, FaultKind.TOO_MANY_REQUESTS, FaultKind.DROP_BEFORE_READING]
)
def test_trouble_on_the_way_is_waited_for_once(make_client: MakeClient, waits: Waits, kind: FaultKind) -> None:
    with HttpDouble(echo) as double:
        double.faults.add(path="/30", kind=kind)

        assert read_all(make_client(double.url)) == PATHS

    # A server may close a connection that was used before at any time, so that this alone may be asked again at once.
    assert len(waits.seconds) <= 1
    assert waits.seconds or kind is FaultKind.DROP_BEFORE_READING


def test_trouble_that_stays_is_told_after_all_attempts(make_client: MakeClient, waits: Waits) -> None:
    with HttpDouble(echo) as double:
        double.faults.add(path="/30", kind=FaultKind.DROP_BEFORE_READING, times=None)
        answers = make_client(double.url, retries=2).send_all(READS, 4)

        assert [answer.body.decode() for answer in islice(answers, 30)] == PATHS[:30]
        with pytest.raises(UnreachableError):
            next(answers)


@pytest.mark.parametrize("connections", [2, 4, 100])
def test_a_server_that_ends_every_connection_is_asked_to_the_end(make_client: MakeClient, connections: int) -> None:
    with HttpDouble(lambda request: Reply(200, request.path.encode(), {"Connection": "close"})) as double:
        assert read_all(make_client(double.url), connections) == PATHS


def test_a_redirect_among_many_is_followed(make_client: MakeClient) -> None:
    def answer(request: Received) -> Reply:
        return Reply(302, headers={"Location": "/moved"}) if request.path == "/30" else echo(request)

    with HttpDouble(answer) as double:
        found = read_all(make_client(double.url))

    assert found == [*PATHS[:30], "/moved", *PATHS[31:]]


def test_a_status_that_is_understood_is_an_answer(make_client: MakeClient) -> None:
    reads = [Request("GET", path, accepts=frozenset({404})) for path in PATHS]
    with HttpDouble(lambda request: Reply(404, request.path.encode())) as double:
        answers = list(make_client(double.url).send_all(reads, 4))
        assert double.count() == COUNT

    assert {answer.status for answer in answers} == {404}
    assert [(answer.request, answer.registry) for answer in answers] == [(read, "orders") for read in reads]


def test_no_server_is_an_error_of_the_first_request(make_client: MakeClient) -> None:
    with HttpDouble(echo) as double:
        url = double.url

    with pytest.raises(UnreachableError, match="GET /0"):
        read_all(make_client(url))


def test_a_silent_server_is_waited_for_no_longer_than_told(make_client: MakeClient) -> None:
    with HttpDouble(echo) as double:
        double.faults.add(kind=FaultKind.SLOW, delay=30, times=None)

        with pytest.raises(UnreachableError, match="no answer in time"):
            read_all(make_client(double.url, timeout=0.2, retries=0))


def test_connections_of_a_reading_that_was_given_up_are_closed_with_the_others(waits: Waits) -> None:
    with HttpDouble(echo) as double:
        transport = LeanTransport(make_endpoint(double.url))
        client = make_client_over(transport, make_endpoint(double.url), 0, waits)
        answers = client.send_all(READS, 4)
        next(answers)
        (running,) = transport._running
        client.close()

    assert not running.idle
    assert not transport._running
    assert not transport._idle
