"""What a server says when it refuses, in whichever shape it says it."""

from __future__ import annotations

import pytest

from reconciler.errors import OutcomeUnknownError, RegistryError, RejectedError, UnexpectedAnswerError
from reconciler.http.failures import make_answer_error, read_words
from reconciler.http.messages import Request, Response

WORDS = [
    (b'{"error_code": 42201, "message": "bad"}', (42201, "bad")),
    (b'{"error_code": 422, "message": ["one", "two"]}', (422, "one; two")),
    (b'{"detail": "why", "title": "what", "status": 409}', (409, "why")),
    (b'{"errorCode": "ATLAS-404", "errorMessage": "gone"}', ("ATLAS-404", "gone")),
    (b'{"something": 1}', (None, '{"something": 1}')),
    (b'"Not Found"', (None, '"Not Found"')),
    (b"<html><head><title>\n 502  Bad Gateway</title>", (None, 'an HTML page titled "502 Bad Gateway"')),
    (b"<h1>Sorry</h1>", (None, 'an HTML page titled "Sorry"')),
    (b"plain\n words", (None, "plain words")),
    (b"", (None, None)),
    (b"x" * 500, (None, "x" * 199 + "…")),
]


@pytest.mark.parametrize(("body", "expected"), WORDS)
def test_the_servers_words_are_found(body: bytes, expected: tuple[object, object]) -> None:
    assert read_words(Response(400, {}, body)) == expected


@pytest.mark.parametrize(
    ("status", "is_write", "error"),
    [
        (409, True, RejectedError),
        (422, True, RejectedError),
        (400, False, RejectedError),
        (500, False, UnexpectedAnswerError),
        (500, True, OutcomeUnknownError),
        (418, False, UnexpectedAnswerError),
    ],
)
def test_statuses_become_errors(status: int, is_write: bool, error: type[RegistryError]) -> None:
    request = Request("PUT", "/x", is_write=is_write, subject="s", purpose="set the mode")

    told = make_answer_error(Response(status, {}, b"{}", request, "orders"), {})

    assert type(told) is error
    assert str(told).startswith("orders/s: cannot set the mode: ")


def test_the_fix_of_the_servers_own_code_wins() -> None:
    response = Response(422, {}, b'{"error_code": 42205, "message": "read only"}')

    assert make_answer_error(response, {42205: "open it"}).fix == "open it"
