"""Ctrl-C in the middle of apply: the request in flight ends, the rest is not begun, the next run finishes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest, record


@pytest.fixture
def slow() -> Iterator[ConfluentDouble]:
    """A registry that takes its time for every registration."""
    with ConfluentDouble("8.1") as double:
        double.faults.add(kind="slow", method="POST", path="/subjects/*/versions", times=None, delay=0.3)
        yield double


@pytest.fixture
def chain(slow: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    """Six subjects, each using the one before, so that they are registered one after the other."""
    repository = make_repository(over_rest(slow.url))
    repository.write("schemas/s0.avsc", record("S0", "id"))
    for number in range(1, 6):
        used = {"name": "used", "type": f"S{number - 1}"}
        repository.write(f"schemas/s{number}.avsc", record(f"S{number}", "id", used))
    repository.commit()
    return repository


def test_semantic_13_an_interrupted_apply_is_finished_by_the_next_one(chain: Repository, slow: ConfluentDouble) -> None:
    program = [sys.executable, "-c", "from reconciler.cli import main; main()", "apply", "--yes"]
    running = subprocess.Popen(program, cwd=chain.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while slow.count("POST", "/subjects/*/versions") < 2 and running.poll() is None:
        time.sleep(0.01)
    os.kill(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=60)

    assert running.returncode == 130, err
    assert "Interrupted." in out
    assert "skipped: the run was interrupted" in out
    assert "Traceback" not in out + err
    raw = RawRegistry(slow.url)
    assert 0 < len(raw.read_subjects()) < 6

    finished = chain.run("apply", "--yes")

    assert finished.exit_code == 0
    assert {s: len(raw.read_versions(s)) for s in raw.read_subjects()} == {f"s{n}": 1 for n in range(6)}
    assert "Nothing to do." in chain.run("plan").out
