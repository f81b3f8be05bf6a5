"""A process in which examples are tried, and which is watched: it may hang, crash, print and eat memory there."""

from __future__ import annotations

import os
import resource
import sys
import traceback
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from types import TracebackType

from tests.fuzz.subject import Example, judge_every_format, try_example

MAX_SECONDS = 10.0
"""Processor time for one example, everything that is done with it together."""

_MAX_WALL_SECONDS = 90.0  # a machine that does much else is slow, and does not hang
_MAX_BYTES = 700_000_000  # of the process, over all examples: what is left behind adds up
_MAX_ADDRESSES = 8_000_000_000

Attempt = Callable[[Example], str]


class BadOutcomeError(AssertionError):
    """An example ended otherwise than with a result or a SchemaError."""


class Watchdog:
    """Tries examples in a process of its own, which is started anew when one has ended it.

    Args:
        attempt: a function of a module, called there with each example.
        max_seconds: of processor time for one example.
    """

    def __init__(self, attempt: Attempt = try_example, max_seconds: float = MAX_SECONDS) -> None:
        self._attempt = attempt
        self._max_seconds = max_seconds
        self._folder = TemporaryDirectory(prefix="schemafed-fuzz-")
        self._log = Path(self._folder.name) / "printed.txt"
        self._start()

    def __enter__(self) -> Watchdog:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()
        self._folder.cleanup()

    def watch(self, example: Example) -> str:
        """Try one example; what came of it.

        Raises:
            BadOutcomeError: another exception than SchemaError, a crash, something printed, too long or too much.
        """
        trouble, answer = self._ask(example)
        printed = self._log.read_bytes()
        if trouble is None and printed:
            trouble = f"printed {printed[:500]!r}"
        if trouble is not None:
            self._stop()
            self._start()
            raise BadOutcomeError(f"{trouble}\n{example}")
        return answer

    def _ask(self, example: Example) -> tuple[str | None, str]:
        try:
            self._pipe.send(example)
            if not self._pipe.poll(_MAX_WALL_SECONDS):
                return f"no end after {_MAX_WALL_SECONDS:g} seconds", ""
            answer, error, seconds, peak = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            return f"the process ended with {self._process.exitcode}, having printed {self._log.read_bytes()!r}", ""
        if error:
            return error, ""
        if seconds > self._max_seconds:
            return f"took {seconds:.1f} seconds of processor time", ""
        return (f"{peak / 1e6:.0f} MB of memory" if peak > _MAX_BYTES else None), answer

    def _start(self) -> None:
        context = get_context("spawn")
        self._log.write_bytes(b"")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=serve, args=(other, str(self._log), self._attempt), daemon=True)
        self._process.start()
        other.close()

    def _stop(self) -> None:
        self._pipe.close()
        self._process.kill()
        self._process.join()


def serve(pipe: Connection, log: str, attempt: Attempt) -> None:
    """Try every example that comes, in a process whose output goes to a file."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(file, stream)
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_ADDRESSES, _MAX_ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    judge_every_format()
    while True:
        try:
            example = pipe.recv()
        except EOFError:
            return
        pipe.send(_try_one(example, attempt))


def _try_one(example: Example, attempt: Attempt) -> tuple[str, str, float, int]:
    begin = process_time()
    answer = error = ""
    try:
        answer = attempt(example)
    except BaseException:
        error = traceback.format_exc(limit=-12)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return answer, error, process_time() - begin, _peak_memory()


def _peak_memory() -> int:
    """The most memory that this program has had, in bytes.

    Linux counts what the parent had into a child's `ru_maxrss`, even where the child is another program
    (getrusage(2) says nothing of it; `exec_mmap` in fs/exec.c does it), so the kernel's own mark is read instead.
    """
    if sys.platform == "linux":
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
