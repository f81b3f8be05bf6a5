"""The retry policy, as values."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reconciler.http.faults import FaultKind, TransportError
from reconciler.http.messages import Request, Response
from reconciler.http.retry import (
    RetryPolicy,
    make_retry_after,
    may_repeat_after_answer,
    may_repeat_after_fault,
)

READ = Request("GET", "/subjects")
WRITE = Request("PUT", "/config", is_write=True)
NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempt", "random", "delay"),
    [(1, 1.0, 0.5), (2, 1.0, 1.0), (3, 1.0, 2.0), (4, 1.0, 3.0), (5, 1.0, None), (2, 0.5, 0.5), (2, 0.0, 0.0)],
)
def test_waits_double_up_to_the_longest_and_are_drawn_from_zero(
    attempt: int, random: float, delay: float | None
) -> None:
    policy = RetryPolicy(retries=4, first_delay=0.5, longest_delay=3.0)

    assert policy.make_delay(attempt, None, random) == delay


@pytest.mark.parametrize(("retry_after", "delay"), [(0.0, 0.25), (7.0, 7.0), (60.0, 60.0), (61.0, None)])
def test_the_servers_own_wait_counts_unless_it_is_too_long(retry_after: float, delay: float | None) -> None:
    assert RetryPolicy(first_delay=0.25).make_delay(1, retry_after, 1.0) == delay


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5", 5.0),
        ("0.5", 0.5),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert make_retry_after({"retry-after": text}, NOW) == seconds


def test_no_retry_after_says_nothing() -> None:
    assert make_retry_after({}, NOW) is None


FAULTS = [
    (FaultKind.NAME, False, True, True),
    (FaultKind.CONNECT, False, True, True),
    (FaultKind.TIMEOUT, False, True, True),
    (FaultKind.TIMEOUT, True, True, False),
    (FaultKind.CUT, True, True, False),
    (FaultKind.GARBLED, True, True, False),
    (FaultKind.CERTIFICATE, False, False, False),
    (FaultKind.CLIENT_CERTIFICATE, False, False, False),
    (FaultKind.TLS, False, False, False),
]


@pytest.mark.parametrize(("kind", "was_sent", "read", "write"), FAULTS)
def test_a_write_is_repeated_only_if_it_never_left(kind: FaultKind, was_sent: bool, read: bool, write: bool) -> None:
    fault = TransportError(kind, "words", was_sent=was_sent)

    assert (may_repeat_after_fault(READ, fault), may_repeat_after_fault(WRITE, fault)) == (read, write)


@pytest.mark.parametrize(("detail", "repeated"), [("407 Proxy Authentication Required", False), ("refused", True)])
def test_a_proxy_that_said_no_is_not_asked_again(detail: str, repeated: bool) -> None:
    fault = TransportError(FaultKind.PROXY, detail, was_sent=False)

    assert may_repeat_after_fault(READ, fault) is repeated


ANSWERS = [
    (200, {}, False, False),
    (404, {}, False, False),
    (409, {}, False, False),
    (429, {}, True, True),
    (500, {}, True, False),
    (502, {}, True, False),
    (503, {}, True, False),
    (503, {"retry-after": "1"}, True, True),
    (504, {}, True, False),
    (501, {}, False, False),
]


@pytest.mark.parametrize(("status", "headers", "read", "write"), ANSWERS)
def test_answers_that_ask_to_be_tried_again(status: int, headers: dict[str, str], read: bool, write: bool) -> None:
    response = Response(status, headers, b"")

    assert (may_repeat_after_answer(READ, response), may_repeat_after_answer(WRITE, response)) == (read, write)


def test_a_status_that_the_caller_understands_is_an_answer() -> None:
    request = Request("POST", "/compatibility", accepts=frozenset({500}))

    assert not may_repeat_after_answer(request, Response(500, {}, b""))
