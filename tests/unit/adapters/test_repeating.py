"""Writes whose answer gets lost: found, repeated, known not to have happened, or unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from adapters._repeating import write_once
from reconciler.errors import OutcomeUnknownError, RegistryError, UnauthorizedError, UnreachableError


def lost() -> OutcomeUnknownError:
    return OutcomeUnknownError("the connection broke", registry="orders", subject="order", fix="run again")


def play(*results: str | RegistryError) -> Callable[[], str]:
    """Gives or raises one result after the other; asking for more than there are is an error."""
    left: Iterator[str | RegistryError] = iter(results)

    def one() -> str:
        result = next(left)
        if isinstance(result, RegistryError):
            raise result
        return result

    return one


def look(*results: str | None) -> Callable[[], str | None]:
    left = iter(results)
    return lambda: next(left)


def up_to(attempts: int) -> Callable[[int], bool]:
    return lambda attempt: attempt < attempts


def test_what_is_answered_is_not_looked_for() -> None:
    assert write_once(play("done"), look(), up_to(1)) == "done"


def test_what_is_found_is_not_written_again() -> None:
    assert write_once(play(lost()), look("found"), up_to(3)) == "found"


def test_what_is_not_found_is_written_again() -> None:
    assert write_once(play(lost(), lost(), "done"), look(None, None), up_to(3)) == "done"


def test_what_does_no_harm_twice_is_repeated_without_a_look() -> None:
    assert write_once(play(lost(), "done"), None, up_to(2)) == "done"
    with pytest.raises(OutcomeUnknownError, match=r"the connection broke$"):
        write_once(play(lost(), lost()), None, up_to(2))


def test_what_was_looked_up_in_the_end_is_known_not_to_be_done() -> None:
    with pytest.raises(UnreachableError, match="it was looked up and was not done") as raised:
        write_once(play(lost(), lost()), look(None, None), up_to(2))

    assert (raised.value.registry, raised.value.subject, raised.value.fix) == ("orders", "order", "run again")


def test_what_cannot_be_looked_up_is_unknown_whatever_the_reason() -> None:
    blind = play(UnauthorizedError("the token is over", registry="orders"))

    with pytest.raises(OutcomeUnknownError, match="could not be looked up") as raised:
        write_once(play(lost()), blind, up_to(3))

    assert "the token is over" in str(raised.value.detail)
