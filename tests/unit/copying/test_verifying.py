"""Reading back: whatever is not as it was copied is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from reconciler.copying import Side, verify_copy
from reconciler.model import Metadata, Mode, Schema
from tests.unit.copying.copy_sides import ask, avro, plan, side, used, uses

A, AB = avro("a"), avro("a", "b")
NOTED = replace(AB, metadata=Metadata({"team": "a"}))
HISTORY = {1: A, 2: NOTED}
NUMBERS = {("m", 1): 1, ("s", 1): 1, ("s", 2): 2, ("t", 1): 1}


def check(target: Side, *, keeps_ids: bool = True) -> list[str]:
    """What is found of a target after a copy of three subjects into an empty one."""
    source = side("old", modes={"s": Mode.FULL}, m={1: used("x")}, s=HISTORY, t={1: uses("m", 1)})
    source = replace(source, settings={"s": {"write_mode": "READONLY"}})
    request = ask(source, keeps_ids=keeps_ids)
    made = plan(source, side("new"), request)
    return [f"{f.subject}: {f.message}" for f in verify_copy(source, target, request, made.subjects, NUMBERS)]


def copied(history: dict[int, Schema] = HISTORY, mode: Mode = Mode.FULL) -> Side:
    target = side("new", modes={"s": mode}, m={1: used("x")}, s=history, t={1: uses("m", 1)})
    return replace(target, settings={"s": {"write_mode": "READONLY"}})


def test_what_was_copied_is_found() -> None:
    assert check(copied()) == []


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda: copied({1: A}), "s: read back, it is not as it was copied: version 2 is not there any more"),
        (lambda: copied({1: AB, 2: NOTED}), "version 1 does not hold what version 1 does"),
        (lambda: copied({1: A, 2: AB}), "s: version 2 stands there with other metadata than version 2 has"),
        (lambda: copied(mode=Mode.NONE), "its mode is NONE, not FULL"),
        (lambda: replace(copied(), settings={}), "its setting write_mode is not what it was set to"),
        (
            lambda: replace(
                copied(), histories={**copied().histories, "t": side("x", t={1: uses("m", 2)}).histories["t"]}
            ),
            "t: read back, it is not as it was copied: version 1 does not hold what version 1 does",
        ),
        (
            lambda: replace(
                copied(),
                histories={**copied().histories, "m": tuple(replace(v, id=7) for v in copied().histories["m"])},
            ),
            "version 1 has id 7, and version 1 id 10",
        ),
    ],
)
def test_what_is_another_is_told(spoil: Callable[[], Side], words: str) -> None:
    (found,) = check(spoil())

    assert words in found
