"""One function over many inputs on several threads: results in order, memory bounded, interruptible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

Input = TypeVar("Input")
Output = TypeVar("Output")

_AHEAD = 4
"""How many inputs a thread may be ahead of the consumer; keeps the others busy while one of them is slow."""


def run_in_order(function: Callable[[Input], Output], inputs: Iterable[Input], threads: int) -> Iterator[Output]:
    """Apply ``function`` to every input on up to ``threads`` threads and give the results in the inputs' order.

    Inputs are taken in the caller's thread, a bounded number ahead of the results. Whoever stops consuming stops the
    work; what is under way then ends by itself on daemon threads, so that an interrupt never waits for a server.

    Raises:
        whatever ``function`` raised, at that input's place.
    """
    if threads == 1:
        yield from map(function, inputs)
        return
    pending: SimpleQueue[tuple[int, Input] | None] = SimpleQueue()
    done: SimpleQueue[tuple[int, Output | None, BaseException | None]] = SimpleQueue()
    numbered = enumerate(inputs)
    first = list(islice(numbered, threads if threads == 2 else threads * _AHEAD))
    workers = [Thread(target=_work, args=(function, pending, done), daemon=True) for _ in first[:threads]]
    for item in first:
        pending.put(item)
    for worker in workers:
        worker.start()
    try:
        yield from _collect(numbered, len(first), pending, done)
    finally:
        _empty(pending)
        for _ in workers:
            pending.put(None)


def _collect(
    numbered: Iterator[tuple[int, Input]],
    under_way: int,
    pending: SimpleQueue[tuple[int, Input] | None],
    done: SimpleQueue[tuple[int, Output | None, BaseException | None]],
) -> Iterator[Output]:
    early: dict[int, tuple[Output | None, BaseException | None]] = {}
    expected = 0
    while under_way:
        while expected not in early:
            index, output, error = done.get()
            early[index] = (output, error)
        output, error = early.pop(expected)
        if error is not None:
            raise error
        expected += 1
        under_way -= 1
        following = next(numbered, None)
        if following is not None:
            pending.put(following)
            under_way += 1
        yield output  # type: ignore[misc]


def _work(
    function: Callable[[Input], Output],
    pending: SimpleQueue[tuple[int, Input] | None],
    done: SimpleQueue[tuple[int, Output | None, BaseException | None]],
) -> None:
    while (item := pending.get()) is not None:
        index, value = item
        try:
            done.put((index, function(value), None))
        except BaseException as error:  # noqa: BLE001 - it is raised again where the result is consumed
            done.put((index, None, error))


def _empty(pending: SimpleQueue[tuple[int, Input] | None]) -> None:
    with suppress(Empty):
        while True:
            pending.get_nowait()
