"""Ctrl-C while a registry says nothing: the command ends at once, whatever is still asked."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.repositories import MakeRepository, Repository, record

PROGRAM = [sys.executable, "-c", "from reconciler.cli import main; main()"]
SILENT = """\
version: 1
registries:
  orders: {{kind: confluent, url: "{url}"}}
  refunds: {{kind: {kind}, url: "{url}/refunds"}}
environments:
  dev: {{registries: [orders, refunds]}}
"""


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        yield server


@pytest.fixture(params=["confluent", "apicurio"])
def two(request: pytest.FixtureRequest, silent: socket.socket, make_repository: MakeRepository) -> Repository:
    """A repository with two registries, both behind that server."""
    url = f"http://127.0.0.1:{silent.getsockname()[1]}"
    repository = make_repository(SILENT.format(url=url, kind=request.param))
    repository.write("schemas/order.avsc", record("Order", "id"))
    repository.commit()
    return repository


@pytest.mark.parametrize("arguments", [("plan",), ("drift",), ("registries",), ("apply", "--yes")])
def test_ctrl_c_does_not_wait_for_a_silent_registry(
    two: Repository, silent: socket.socket, arguments: tuple[str, ...]
) -> None:
    running = subprocess.Popen(
        [*PROGRAM, *arguments], cwd=two.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        asked, _ = silent.accept()
        with asked:
            assert asked.recv(1)
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=10)
    finally:
        running.kill()
        running.communicate()

    assert running.returncode == 130, out + err
    assert err.splitlines()[-1] == "interrupted"
    assert "Traceback" not in out + err
