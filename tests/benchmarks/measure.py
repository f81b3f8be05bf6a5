"""One run of a process, measured from outside: wall time and peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryFile
from time import perf_counter

# Linux counts ru_maxrss in kilobytes, macOS in bytes.
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


class UnexpectedExitError(Exception):
    """A measured command did not do what it is measured for."""


@dataclass(frozen=True)
class Run:
    """What a process took: seconds of wall time, bytes of memory at its peak."""

    seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class Runs:
    """Several runs of one command; figures are medians, but for the peak."""

    runs: tuple[Run, ...]

    @property
    def seconds(self) -> float:
        return median(run.seconds for run in self.runs)

    @property
    def peak_bytes(self) -> int:
        return max(run.peak_bytes for run in self.runs)


@dataclass(frozen=True)
class Stretch:
    """The part of a command's run that counts: between two lines that it prints.

    ``begin`` and ``end`` are words of these lines; of several that have ``end`` the last one counts.
    """

    begin: str
    end: str


def measure_stretch(command: Sequence[str | Path], stretch: Stretch, *, folder: Path) -> Run:
    """Run a command to its end and measure a part of it; the peak is that of the whole.

    Raises:
        UnexpectedExitError: it failed, or did not print the lines.
    """
    begin = end = None
    printed: deque[str] = deque(maxlen=40)
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    with process.stdout as lines:
        for line in lines:
            printed.append(line)
            if begin is None and stretch.begin in line:
                begin = perf_counter()
            elif begin is not None and stretch.end in line:
                end = perf_counter()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or begin is None or end is None:
        raise UnexpectedExitError(
            f"{' '.join(map(str, command))} ended with {process.returncode}, or did not print {stretch.begin!r} and"
            f" {stretch.end!r}:\n{''.join(printed)}"
        )
    return Run(end - begin, usage.ru_maxrss * _MAXRSS_UNIT)


def measure_once(command: Sequence[str | Path], *, folder: Path, exit_code: int = 0, expect: str = "") -> Run:
    """Run a command to its end.

    Args:
        command: program and arguments.
        folder: where it runs.
        exit_code: what it must end with.
        expect: words that its output must hold, lest something else be measured.

    Raises:
        UnexpectedExitError: it ended otherwise; the message holds what it printed.
    """
    with TemporaryFile() as output:
        begin = perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command], cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        printed = output.read().decode(errors="replace")
    if process.returncode != exit_code or expect not in printed:
        raise UnexpectedExitError(
            f"{' '.join(map(str, command))} ended with {process.returncode} instead of {exit_code}"
            f"{f' or did not print {expect!r}' if expect else ''}:\n{printed[-3000:]}"
        )
    return Run(seconds, usage.ru_maxrss * _MAXRSS_UNIT)
