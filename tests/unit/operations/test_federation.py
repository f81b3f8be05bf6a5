"""Many registries side by side."""

from __future__ import annotations

from threading import Barrier

import pytest

from reconciler.errors import RegistryError
from reconciler.federation import for_each


def test_registries_are_asked_side_by_side() -> None:
    together = Barrier(3, timeout=10)

    def ask(name: str, number: int) -> str:
        together.wait()
        return name * number

    answers = for_each({"a": 1, "b": 2, "c": 3}, ask)

    assert list(answers.items()) == [("a", "a"), ("b", "bb"), ("c", "ccc")]


def test_an_error_of_one_registry_is_the_answer_for_it() -> None:
    refusal = RegistryError("refunds does not answer")

    def ask(name: str, fails: bool) -> str:
        if fails:
            raise refusal
        return name

    assert for_each({"orders": False, "refunds": True}, ask) == {"orders": "orders", "refunds": refusal}


def test_a_defect_is_raised_and_not_taken_for_an_answer() -> None:
    def ask(name: str, number: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        for_each({"orders": 1}, ask)
