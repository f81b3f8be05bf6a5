"""Whose turn it is: leases, and when one is over."""

from __future__ import annotations

import os
import socket
import sys
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from reconciler.ledger.values import Lease

CLOCK_MARGIN = timedelta(minutes=2)
"""How far the clocks of two hosts may differ: a lease is held for over by others only so long after it has expired."""

_RUN_URLS = ("SCHEMAFED_RUN_URL", "CI_JOB_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL", "BUILD_URL")


def make_lease(now: datetime, duration: timedelta, *, begun: datetime | None = None) -> Lease:
    """A lease for this process."""
    return Lease(
        socket.gethostname(), os.getpid(), describe_machine(), begun or now, now + duration, find_run_url(os.environ)
    )


def is_held(lease: Lease | None, now: datetime) -> bool:
    """Whether somebody may be writing under a lease: it has not expired, and its process is not known to be gone."""
    return lease is not None and now < lease.expires + CLOCK_MARGIN and not is_dead(lease)


def is_ahead(lease: Lease, now: datetime) -> bool:
    """Whether a lease begins later than it can, so that the clock of its host must be wrong, or ours."""
    return lease.begun > now + CLOCK_MARGIN


def is_dead(lease: Lease) -> bool:
    """Whether the process of a lease was one of this machine, and is gone."""
    if lease.machine != describe_machine():
        return False
    try:
        os.kill(lease.process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return _is_zombie(lease.process)


def find_run_url(variables: os._Environ[str] | dict[str, str]) -> str | None:
    """The address of the run of a CI system, from its variables; None outside of one that we know."""
    for name in _RUN_URLS:
        if variables.get(name):
            return variables[name]
    server, repository, run = (variables.get(f"GITHUB_{part}") for part in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else None


@cache
def describe_machine() -> str:
    """What tells this machine from every other, such that a process number means one process.

    On Linux the running kernel and the container's own numbering of processes, since hosts and containers share names;
    elsewhere the name and the network card.
    """
    if sys.platform == "linux":
        try:
            kernel = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
            return f"{kernel} {os.readlink('/proc/self/ns/pid')}"  # noqa: PTH115 - the link leads to no file
        except OSError:
            pass
    from uuid import getnode

    return f"{socket.gethostname()} {getnode():012x}"


def _is_zombie(process: int) -> bool:
    """Whether a process has ended and only its number is left, until its parent asks."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[:1] == ["Z"]
