"""Many at once, in order; and one after the other, paced."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count, islice

import pytest

from reconciler.errors import NotFoundError
from reconciler.http import ClientSettings, Request
from reconciler.http.pace import Pace
from reconciler.http.side_by_side import run_in_order
from tests.doubles.wire import HttpDouble, Reply
from tests.doubles.wire import Request as Received
from tests.unit.http.conftest import MakeClient, Waits


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_inputs(threads: int) -> None:
    assert list(run_in_order(lambda n: n * n, range(100), threads)) == [n * n for n in range(100)]


def test_nothing_in_nothing_out() -> None:
    assert list(run_in_order(str, [], 4)) == []


def test_a_slow_first_one_holds_its_place() -> None:
    second_is_done = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert second_is_done.wait(10)
        else:
            second_is_done.set()
        return number

    assert list(run_in_order(work, [0, 1, 2], 2)) == [0, 1, 2]


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_comes_at_its_place(threads: int) -> None:
    def work(number: int) -> int:
        if number == 2:
            raise ValueError("two")
        return number

    results = run_in_order(work, range(10), threads)

    assert list(islice(results, 2)) == [0, 1]
    with pytest.raises(ValueError, match="two"):
        next(results)


@pytest.mark.parametrize(("threads", "most"), [(1, 3), (2, 5), (3, 15)])
def test_endless_inputs_are_taken_a_bounded_number_ahead(threads: int, most: int) -> None:
    taken: list[int] = []

    def numbers() -> Iterator[int]:
        for number in count():
            taken.append(number)
            yield number

    assert list(islice(run_in_order(lambda n: n, numbers(), threads), 3)) == [0, 1, 2]
    assert len(taken) <= most


def test_whoever_stops_consuming_leaves_no_thread_behind() -> None:
    before = set(threading.enumerate())
    results = run_in_order(lambda n: n, count(), 4)
    next(results)
    workers = set(threading.enumerate()) - before

    results.close()  # type: ignore[attr-defined]
    for worker in workers:
        worker.join(10)

    assert workers
    assert not any(worker.is_alive() for worker in workers)


def echo(request: Received) -> Reply:
    return Reply(404, b"{}") if request.path == "/7" else Reply(200, request.path.encode())


def test_many_requests_over_several_connections(make_client: MakeClient) -> None:
    with HttpDouble(echo) as double:
        answers = make_client(double.url).send_all((Request("GET", f"/1{n}") for n in range(50)), 8)

        assert [answer.body for answer in answers] == [f"/1{n}".encode() for n in range(50)]


def test_one_of_many_that_fails_stops_the_rest(make_client: MakeClient) -> None:
    with HttpDouble(echo) as double:
        answers = make_client(double.url).send_all((Request("GET", f"/{n}") for n in range(1_000)), 2)

        with pytest.raises(NotFoundError):
            list(answers)
        assert double.count() < 1_000


def test_requests_are_paced() -> None:
    now = 100.0
    slept: list[float] = []
    pace = Pace(4.0, clock=lambda: now, sleep=slept.append)

    for _ in range(4):
        pace.wait()

    assert slept == [0.25, 0.5, 0.75]


def test_a_client_keeps_its_pace(make_client: MakeClient, waits: Waits) -> None:
    with HttpDouble(echo) as double:
        client = make_client(double.url, settings=ClientSettings(requests_per_second=0.001))
        client.send(Request("GET", "/1"))
        client.send(Request("GET", "/2"))

    (seconds,) = waits.seconds
    assert 900 < seconds <= 1_000


def test_no_limit_never_waits() -> None:
    slept: list[float] = []
    pace = Pace(None, sleep=slept.append)

    pace.wait()
    pace.wait()

    assert slept == []
