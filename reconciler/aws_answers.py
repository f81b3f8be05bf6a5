"""Answers of AWS that are not whole: its SDK for Python takes a body that it cannot parse for an empty one.

So an answer that was cut off, or a proxy's page with status 200, would say that there is nothing. Here such an answer
is asked for again, as the SDK does where a connection breaks, and is an error in the end.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from botocore.exceptions import HTTPClientError

_FIRST_WAIT = 0.1


class UnusableAnswerError(HTTPClientError):
    """The last attempt, too, got an answer that is cut off, or is not the service's."""

    fmt = "the answer to {operation} is cut off, or is not the service's"


def refuse_cut_answers(client: Any, attempts: int) -> None:
    """Let a client of a service that answers in JSON take whole answers only.

    Args:
        client: of boto3; each of its calls may raise :class:`UnusableAnswerError` from now on.
        attempts: the most that it sends a request.
    """
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register(f"needs-retry.{service}", partial(_ask_again, attempts))


def _ask_again(most: int, *, response: Any, operation: Any, attempts: int, **_: object) -> float | None:
    """How long to wait before the next attempt, in seconds; None where none is needed."""
    if response is None or _is_whole(response[0], operation):
        return None
    if attempts >= most:
        raise UnusableAnswerError(operation=operation.name)
    return float(_FIRST_WAIT * 2 ** (attempts - 1))


def _is_whole(answer: Any, operation: Any) -> bool:
    told = answer.headers.get("Content-Length") or ""
    if told.isdecimal() and int(told) != len(answer.content):
        return False
    if answer.status_code >= 300:
        return True  # an error has its status, whatever is written in it
    says_nothing = not (operation.output_shape and operation.output_shape.members)
    return _is_object(answer.content) or (says_nothing and not answer.content)


def _is_object(content: bytes) -> bool:
    try:
        return isinstance(json.loads(content), dict)
    except ValueError:
        return False
