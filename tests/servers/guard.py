"""A process that keeps a server and ends it: run as `python guard.py SPEC`, it needs nothing but Python.

It outlives the process that starts it, and ends the server when it is told to (SIGTERM), or when the watched process
is gone, however that died. SPEC is JSON: `watch` (process id), `marker` (a file that exists while the guard does and
holds its id), `log`, and either `command` (the server to run) or `container` (the id of one to remove).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

_POLL_SECONDS = 0.2
_GRACE_SECONDS = 15


def main() -> None:
    spec = json.loads(sys.argv[1])
    if os.fork():
        return
    os.setsid()
    told_to_stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, lambda *_: told_to_stop.set())
    try:
        _guard(spec, told_to_stop)
    finally:
        Path(spec["marker"]).unlink(missing_ok=True)


def _guard(spec: dict[str, Any], told_to_stop: threading.Event) -> None:
    child = _start(spec) if "command" in spec else None
    Path(spec["marker"]).write_text(str(os.getpid()))
    while not told_to_stop.wait(_POLL_SECONDS) and _is_alive(spec["watch"]):
        if child and child.poll() is not None:
            return
    if child:
        _end(child)
    if "container" in spec:
        _remove_container(spec["container"])


def _start(spec: dict[str, Any]) -> subprocess.Popen[bytes]:
    with Path(spec["log"]).open("wb") as log:
        return subprocess.Popen(
            spec["command"], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=spec["folder"]
        )


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _remove_container(container: str) -> None:
    # Imported here: without containers the guard runs without this package.
    import docker  # type: ignore[import-untyped]
    import docker.errors  # type: ignore[import-untyped]

    client = docker.from_env()
    try:
        client.containers.get(container).remove(force=True, v=True)
    except docker.errors.NotFound:
        return
    finally:
        client.close()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main()
