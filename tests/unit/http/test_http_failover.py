"""Which endpoint is asked, and what is sent to another one."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from reconciler.http import Request, Response, make_endpoint
from reconciler.http.failover import FailoverTransport, Fleet
from reconciler.http.faults import FaultKind, TransportError

READ = Request("GET", "/subjects")
WRITE = Request("POST", "/subjects/a/versions", is_write=True)
REFUSED = TransportError(FaultKind.CONNECT, "refused", was_sent=False)
CUT = TransportError(FaultKind.CUT, "cut", was_sent=True)
Outcome = int | TransportError


@dataclass
class Scripted:
    """A transport that answers with statuses or faults in their order, the last one for ever."""

    outcomes: list[Outcome]
    asked: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, request: Request) -> Response:
        outcome = self.outcomes[min(self.asked, len(self.outcomes) - 1)]
        self.asked += 1
        if isinstance(outcome, TransportError):
            raise outcome
        return Response(outcome, self.headers, b"", request)

    def close(self) -> None:
        self.asked = -1


def make(*outcomes: Outcome | list[Outcome]) -> tuple[FailoverTransport, list[Scripted]]:
    scripted = [Scripted(each if isinstance(each, list) else [each]) for each in outcomes]
    fleet = Fleet([make_endpoint(f"http://{name}:1") for name in "abc"[: len(scripted)]])
    return FailoverTransport(fleet, scripted), scripted


@pytest.mark.parametrize("first", [REFUSED, CUT, 502, 503, 504], ids=str)
def test_a_read_goes_to_the_next_one_and_stays_there(first: Outcome) -> None:
    transport, (a, b) = make(first, 200)

    assert [transport.send(READ).status for _ in range(3)] == [200, 200, 200]
    assert (a.asked, b.asked) == (1, 3)


@pytest.mark.parametrize("first", [200, 404, 401, 429, 500], ids=str)
def test_other_answers_are_answers(first: int) -> None:
    transport, (a, b) = make(first, 200)

    assert transport.send(READ).status == first
    assert (a.asked, b.asked) == (1, 0)


def test_a_status_that_is_expected_is_an_answer() -> None:
    transport, (_, b) = make(503, 200)

    assert transport.send(Request("GET", "/", accepts=frozenset({503}))).status == 503
    assert b.asked == 0


def test_a_write_that_never_left_goes_to_the_next_one() -> None:
    transport, (a, b) = make(REFUSED, 200)

    assert transport.send(WRITE).status == 200
    assert (a.asked, b.asked) == (1, 1)


def test_a_write_that_was_turned_away_goes_to_the_next_one() -> None:
    transport, (a, b) = make(503, 200)
    a.headers["retry-after"] = "1"

    assert transport.send(WRITE).status == 200
    assert b.asked == 1


@pytest.mark.parametrize("first", [502, 503, 504], ids=str)
def test_a_write_that_may_have_happened_is_not_sent_again_and_is_looked_up_elsewhere(first: int) -> None:
    transport, (a, b) = make(first, 200)

    assert transport.send(WRITE).status == first
    assert (a.asked, b.asked) == (1, 0)
    assert transport.send(READ).status == 200
    assert (a.asked, b.asked) == (1, 1)


def test_a_write_whose_answer_was_lost_is_not_sent_again() -> None:
    transport, (_, b) = make(CUT, 200)

    with pytest.raises(TransportError) as caught:
        transport.send(WRITE)

    assert caught.value.was_sent
    assert b.asked == 0
    assert transport.send(READ).status == 200


def test_where_none_answers_the_fault_has_what_was_wrong_with_each() -> None:
    transport, scripted = make(REFUSED, CUT, REFUSED)

    with pytest.raises(TransportError) as caught:
        transport.send(READ)

    assert caught.value.detail == "http://a:1: refused; http://b:1: cut; http://c:1: refused"
    assert [each.asked for each in scripted] == [1, 1, 1]


def test_after_none_has_answered_all_are_tried_again() -> None:
    transport, (a, b) = make([REFUSED, 200], REFUSED)
    with pytest.raises(TransportError):
        transport.send(READ)

    assert transport.send(READ).status == 200
    assert (a.asked, b.asked) == (2, 1)


def test_closing_closes_all() -> None:
    transport, scripted = make(200, 200)

    transport.close()

    assert [each.asked for each in scripted] == [-1, -1]
