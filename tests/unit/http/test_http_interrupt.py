"""An interrupt ends waiting for a server at once."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.doubles.faults import FaultKind
from tests.doubles.wire import HttpDouble, Reply

PROGRAM = """
import sys
from reconciler.http import ClientSettings, HttpClient, Request, make_endpoint
client = HttpClient(make_endpoint(sys.argv[1]), ClientSettings(), "orders")
print("asking", flush=True)
try:
    list(client.send_all((Request("GET", f"/{n}") for n in range(100)), int(sys.argv[2])))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("concurrency", [1, 8])
def test_an_interrupt_does_not_wait_for_a_silent_server(concurrency: int) -> None:
    with HttpDouble(lambda request: Reply(200, b"[]")) as double:
        double.faults.add(kind=FaultKind.SLOW, delay=300, times=None)
        command = [sys.executable, "-c", PROGRAM, double.url, str(concurrency)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "asking\n"
            while not double.requests:
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=60)

    assert (output, errors, process.returncode) == ("interrupted\n", "", 0)
