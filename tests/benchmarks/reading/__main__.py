"""`python -m tests.benchmarks.reading KIND COUNT FOLDER`: read a registry once and tell as JSON what that took.

The seconds are those of processor time, of all threads, from asking for everything to having it; what imports and the
first connection take is not among them.
"""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import process_time
from typing import Any

from reconciler.model import Format, Mode, Schema
from reconciler.plugins import open_registry
from reconciler.registry import RegistrySettings
from tests.benchmarks.samples import make_mode, make_stored_text, make_subject

_KEYS = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "only-for-benchmarks"}


def main(kind: str, count: int, folder: Path) -> None:
    requests: list[int] = []
    with run_registry(kind, count, folder, requests) as options:
        settings = RegistrySettings("measured", kind, folder, options)
        with closing(open_registry(settings)) as registry:
            registry.check_health()
            gc.collect()
            begin = process_time()
            state = registry.read_state()
            seconds = process_time() - begin
    modes = sum(subject.mode is not None for subject in state.subjects.values())
    texts = sum(subject.latest is not None for subject in state.subjects.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    told = {"seconds": seconds, "subjects": texts, "modes": modes, "peak": peak, "requests": sum(requests)}
    print(json.dumps(told))


@contextmanager
def run_registry(kind: str, count: int, folder: Path, requests: list[int]) -> Iterator[dict[str, Any]]:
    """A registry of a kind with as many subjects; yields its options, and puts down the requests that it got."""
    if kind == "local":
        fill_local(count, folder)
        yield {"path": "registry.db"}
        return
    command = [sys.executable, "-m", "tests.benchmarks.reading.server", kind, str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin and server.stdout
        url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        glue = {"region": "eu-central-1", "registry": "r", "endpoint": url, "auth": _KEYS}
        yield glue if kind == "glue" else {"url": url}
        server.stdin.close()
        requests.append(int(server.stdout.readline()))


def fill_local(count: int, folder: Path) -> None:
    settings = RegistrySettings("measured", "local", folder, {"path": "registry.db"})
    with closing(open_registry(settings)) as registry:
        for number in range(count):
            registry.register_schema(make_subject(number), Schema(Format.AVRO, make_stored_text(number)))
            registry.set_compatibility(make_subject(number), Mode(make_mode(number)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
