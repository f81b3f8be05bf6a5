"""One server for all processes of a test run: the first user starts it, the last one stops it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.artifacts import locked
from tests.servers.unavailable import ServerUnavailableError

_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Place:
    """Where a run keeps what its processes share about one server, and the process that the server must not outlive."""

    folder: Path
    name: str
    watch: int

    @property
    def marker(self) -> Path:
        return self.folder / f"{self.name}.guard"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"


def find_place(base_temp: Path, name: str) -> Place:
    """Return the place of this run; pytest-xdist's workers are children of the process that must not be outlived."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return Place(base_temp.parent, name, os.getppid())
    return Place(base_temp, name, os.getpid())


@contextmanager
def share(place: Place, start: Callable[[Place], str]) -> Iterator[str]:
    """Give the value that `start` returned in whichever process was first; a failed start fails in every process.

    Raises ServerUnavailableError.
    """
    value = _enter(place, start)
    try:
        yield value
    finally:
        _leave(place)


def _enter(place: Place, start: Callable[[Place], str]) -> str:
    state_file = place.folder / f"{place.name}.json"
    with locked(place.folder / f"{place.name}.lock"):
        state: dict[str, Any] = json.loads(state_file.read_text()) if state_file.exists() else {"users": 0}
        if "value" not in state and "failed" not in state:
            state.update(_start(place, start))
        if "failed" not in state:
            state["users"] += 1
        state_file.write_text(json.dumps(state))
    if "failed" in state:
        raise ServerUnavailableError(state["failed"])
    return str(state["value"])


def _start(place: Place, start: Callable[[Place], str]) -> dict[str, str]:
    try:
        return {"value": start(place)}
    except BaseException as error:
        # An interrupt may come at any point of a start: whatever runs already must end.
        stop_guard(place)
        if not isinstance(error, ServerUnavailableError):
            raise
        return {"failed": str(error)}


def _leave(place: Place) -> None:
    state_file = place.folder / f"{place.name}.json"
    with locked(place.folder / f"{place.name}.lock"):
        state = json.loads(state_file.read_text())
        state["users"] -= 1
        if state["users"]:
            state_file.write_text(json.dumps(state))
            return
        state_file.unlink()
        stop_guard(place)


def start_guard(place: Place, **spec: Any) -> None:
    """Start the process that keeps a server; returns once it does."""
    full = {"watch": place.watch, "marker": str(place.marker), "log": str(place.log), **spec}
    command = [sys.executable, str(Path(__file__).with_name("guard.py")), json.dumps(full)]
    with place.folder.joinpath(f"{place.name}.guard.log").open("wb") as log:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True)
    deadline = time.monotonic() + _STOP_SECONDS
    while not _is_written(place.marker) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _is_written(marker: Path) -> bool:
    return marker.exists() and marker.read_text().isdigit()


def stop_guard(place: Place) -> None:
    """Tell the guard to end its server, and wait until it has."""
    if not _is_written(place.marker):
        return
    os.kill(int(place.marker.read_text()), signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while place.marker.exists() and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def wait_until_ready(place: Place, url: str, seconds: float) -> None:
    """Wait for HTTP 200; raises ServerUnavailableError with the end of the log if it does not come."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and place.marker.exists():
        if _answers(url):
            return
        time.sleep(_POLL_SECONDS)
    tail = " | ".join(place.log.read_text(errors="replace").splitlines()[-5:]) if place.log.exists() else "no log"
    raise ServerUnavailableError(f"{place.name} did not answer at {url} within {seconds:.0f} s: {tail}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False
