"""Writing what may have got lost, and waiting for what takes a while: the same for every kind of registry."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from reconciler.errors import OutcomeUnknownError, RegistryError, UnexpectedAnswerError, UnreachableError

Got = TypeVar("Got")

_FIRST_WAIT = 0.05


def write_once(write: Callable[[], Got], look: Callable[[], Got | None] | None, wait: Callable[[int], bool]) -> Got:
    """Write once; where it is not known what came of it, look, and write again only what is not there.

    Args:
        write: sends the request and reads its answer.
        look: finds the result in the registry; None where there is none. Where it is None itself, doing the same twice
            does no harm, and nothing is looked for.
        wait: told how many attempts there were, waits before the next, or says that these were enough; see
            :meth:`reconciler.http.HttpClient.wait_before_repeating`.

    Raises:
        OutcomeUnknownError: there were attempts enough, and looking did not tell either.
        UnreachableError, UnexpectedAnswerError: likewise, and it was looked up that it was not done.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            return write()
        except OutcomeUnknownError as lost:
            found = _look(look, lost) if look else None
            if found is not None:
                return found
            if not wait(attempt):
                if look is None:
                    raise
                raise _make_undone(lost) from lost


def look_until(look: Callable[[], Got | None], patience: float, longest_wait: float) -> Got | None:
    """Look at once, and again and again after waits that double, until something is seen.

    Args:
        patience: seconds after which it is looked for no more.
        longest_wait: the most seconds between two looks.

    Returns:
        what was seen; None where patience ran out.
    """
    begun, wait = time.monotonic(), _FIRST_WAIT
    while (seen := look()) is None and time.monotonic() - begun <= patience:
        time.sleep(wait)
        wait = min(wait * 2, longest_wait)
    return seen


def _look(look: Callable[[], Got | None], lost: OutcomeUnknownError) -> Got | None:
    try:
        return look()
    except RegistryError as blind:
        raise OutcomeUnknownError(
            f"{lost.message}; whether it was done could not be looked up",
            **_about(lost),
            detail=f"{lost.detail}; then: {blind.message}",
            fix="run again when the registry answers: what was done is found, what was not is done",
        ) from blind


def _make_undone(lost: OutcomeUnknownError) -> RegistryError:
    """What a lost write is once it is known not to have happened."""
    kind = UnreachableError if lost.status is None else UnexpectedAnswerError
    return kind(f"{lost.message}; it was looked up and was not done", **_about(lost), detail=lost.detail, fix=lost.fix)


def _about(lost: OutcomeUnknownError) -> dict[str, Any]:
    return {"registry": lost.registry, "subject": lost.subject, "status": lost.status, "code": lost.code}
