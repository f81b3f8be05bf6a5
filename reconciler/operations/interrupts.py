"""Signals that end a run, where they must wait or count as Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType


@contextmanager
def ignoring_interrupts() -> Iterator[None]:
    """Let Ctrl-C do nothing to us and to the programs that we run: what was done is written down, and then we end."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def terminating_gently() -> Iterator[None]:
    """Take a request to terminate, which CI systems send when a job is cancelled, for Ctrl-C."""
    if current_thread() is not main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def deferring_interrupts() -> Iterator[Callable[[], bool]]:
    """Note Ctrl-C, and a request to terminate, for later; the programs that we run may end by them all the same.

    Yields:
        a function that says whether there was one.
    """
    if current_thread() is not main_thread():
        yield lambda: False
        return
    noted: list[int] = []
    before = {
        number: signal.signal(number, lambda number, frame: noted.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield lambda: bool(noted)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
