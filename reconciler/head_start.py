"""A second process that begins to read a large repository while this one still imports what reads it.

Only the standard library is imported here: the gain is that this takes no time. What the process does, and what is made
of its answers, is in ``reconciler.repository.early``; it ends with this process, or when its answers are let go.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

_LARGE_INDEX = 250_000
"""Bytes of Git's index from which on a second process may pay: a file takes some 100 of them."""
_ELSEWHERE = ("-C", "--directory", "--since", "-h", "--help")
"""Options with which less is read, or something else."""
_SECOND = (
    "import sys; sys.path[:] = sys.argv[2:]; from reconciler.repository.early import begin_reading; begin_reading()"
)


@dataclass(frozen=True)
class HeadStart:
    """The process, the pipe with the numbers of the parts that nobody has taken yet, and the file of its answers."""

    root: Path
    process: subprocess.Popen[bytes]
    queue: int
    answers: BinaryIO

    def end(self) -> None:
        """Let go of it, whether it is through or not; a second time there is nothing to do."""
        if not self.answers.closed:
            self.process.kill()
            self.process.wait()
            os.close(self.queue)
            self.answers.close()


_begun: list[HeadStart] = []


def begin(arguments: Sequence[str]) -> None:
    """Start the process where a command is about to read all of a large repository, by the looks of it.

    Args:
        arguments: those of the command line.
    """
    root = Path.cwd()
    if (
        os.name != "posix"
        or any(a.startswith(_ELSEWHERE) for a in arguments)
        or processors() < 2
        or not _is_large(root)
    ):
        return
    reading, writing = os.pipe()
    answers = TemporaryFile()  # noqa: SIM115 - it is open for as long as the process is of use
    try:
        process = subprocess.Popen(  # noqa: S603 - our own code, by the Python that runs it here
            [sys.executable, "-I", "-c", _SECOND, f"{reading},{writing}", *sys.path],
            stdin=subprocess.DEVNULL,
            stdout=answers,
            stderr=subprocess.DEVNULL,
            pass_fds=(reading, writing),
        )
    except OSError:
        os.close(reading)
        answers.close()
        return
    finally:
        os.close(writing)
    started = HeadStart(root, process, reading, answers)
    atexit.register(started.end)
    _begun.append(started)


def take(root: Path) -> HeadStart | None:
    """Take over what was begun, if it was begun for this folder; it is the taker's to end."""
    found = next((started for started in _begun if started.root == root.absolute()), None)
    if found:
        _begun.remove(found)
    return found


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _is_large(root: Path) -> bool:
    try:
        return (root / ".git" / "index").stat().st_size >= _LARGE_INDEX
    except OSError:
        return False
