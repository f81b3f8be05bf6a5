"""A copy in trouble: whatever befalls it, the next one finishes it, and nothing that was meant for a while is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.copies import EVERYTHING, contents, fill, make_shop, read_all, read_write_mode
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.fault_proxy import FaultProxy, WireFault
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository

PROGRAM = [sys.executable, "-c", "from reconciler.cli import main; main()"]
FAULTS = (
    WireFault.RESET,
    WireFault.RESET_AFTER,
    WireFault.ERROR_500_AFTER,
    WireFault.TRUNCATE_AFTER,
    WireFault.ERROR_503_AGAIN,
    WireFault.REFUSE,
)
WAYS = {"with ids": ("--keep-ids",), "without ids": ()}


@pytest.fixture(scope="module")
def old() -> Iterator[ConfluentDouble]:
    with ConfluentDouble("8.1") as double:
        fill(double.url)
        yield double


def assert_copied(old: ConfluentDouble, new: ConfluentDouble, way: str) -> None:
    """See that everything is there once, and that nothing is left of what was meant for a while."""
    assert contents(read_all(new.url)) == contents(read_all(old.url))
    if way == "with ids":
        assert read_all(new.url) == read_all(old.url)
    assert [read_write_mode(new.url, subject) for subject in ("money", "order-value")] == [None, None]
    raw = RawRegistry(new.url)
    assert (raw.read_compatibility("money"), raw.read_compatibility("order-value")) == (None, "FULL_TRANSITIVE")


def count_writes(old: ConfluentDouble, make_repository: MakeRepository, way: str) -> list[int]:
    """The numbers of the requests of a copy that write."""
    with ConfluentDouble("8.1") as new, FaultProxy(new.url) as proxy:
        shop = make_shop(make_repository, old.url, proxy.url, name="counted")
        assert shop.run(*EVERYTHING, *WAYS[way]).exit_code == 0
        return [number for number, passed in enumerate(proxy.passed) if passed.is_write]


@pytest.mark.parametrize("way", WAYS)
def test_a_copy_that_meets_a_fault_is_finished_by_the_next_one(
    old: ConfluentDouble, make_repository: MakeRepository, way: str
) -> None:
    writes = count_writes(old, make_repository, way)
    for index, number in enumerate(writes):
        fault = FAULTS[index % len(FAULTS)]
        with ConfluentDouble("8.1") as new, FaultProxy(new.url) as proxy:
            shop = make_shop(make_repository, old.url, f"{proxy.url}, retries: 1", name=f"shop-{index}")
            proxy.arm({number: fault})
            first = shop.run(*EVERYTHING, *WAYS[way])
            proxy.arm()
            second = shop.run(*EVERYTHING, *WAYS[way])

            assert first.exit_code in (0, 1), f"{fault} of request {number}: {first.text}"
            assert second.exit_code == 0, f"after {fault} of request {number}: {second.text}"
            assert_copied(old, new, way)


@pytest.mark.parametrize(("way", "at"), [("with ids", 0), ("with ids", 3), ("with ids", -2), ("without ids", 3)])
def test_a_copy_that_is_killed_is_finished_by_the_next_one(
    old: ConfluentDouble, make_repository: MakeRepository, way: str, at: int
) -> None:
    number = count_writes(old, make_repository, way)[at]
    with ConfluentDouble("8.1") as new, FaultProxy(new.url) as proxy:
        shop = make_shop(make_repository, old.url, proxy.url)
        proxy.arm({number: WireFault.KILL_AFTER if at >= 0 else WireFault.KILL})
        killed = run_killed(shop, proxy, *EVERYTHING, *WAYS[way])
        assert killed == -signal.SIGKILL
        names = ("money", "order-value")
        held = [read_write_mode(new.url, n) for n in names] + [
            RawRegistry(new.url).read_compatibility(n) for n in names
        ]
        assert ("IMPORT" if way == "with ids" else "NONE") in held
        proxy.arm()

        assert "COPY_UNFINISHED" in shop.run(*EVERYTHING[:-1], *WAYS[way], "--dry-run").out
        second = shop.run(*EVERYTHING, *WAYS[way])

        assert second.exit_code == 0, second.text
        assert "what a copy that was cut off had left" in second.err
        assert_copied(old, new, way)


def run_killed(shop: Repository, proxy: FaultProxy, *arguments: str) -> int:
    running = subprocess.Popen([*PROGRAM, *arguments], cwd=shop.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    proxy.find_victim = lambda: running.pid
    running.communicate(timeout=60)
    return running.returncode


@pytest.mark.parametrize("way", WAYS)
def test_an_interrupted_copy_gives_back_what_it_changed(
    old: ConfluentDouble, make_repository: MakeRepository, way: str
) -> None:
    with ConfluentDouble("8.1") as new:
        new.faults.add(kind="slow", method="POST", path="/subjects/*/versions", times=None, delay=0.3)
        shop = make_shop(make_repository, old.url, new.url)
        command = [*PROGRAM, *EVERYTHING, *WAYS[way]]
        running = subprocess.Popen(command, cwd=shop.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while new.count("POST", "/subjects/*/versions") < 2 and running.poll() is None:
            time.sleep(0.01)
        os.kill(running.pid, signal.SIGINT)
        out, err = running.communicate(timeout=60)

        assert running.returncode == 130, out + err
        assert "Interrupted." in out
        assert "Traceback" not in out + err
        raw = RawRegistry(new.url)
        assert 0 < sum(len(versions) for versions in read_all(new.url).values()) < 5
        for subject in ("money", "order-value"):
            assert (read_write_mode(new.url, subject), raw.read_compatibility(subject)) == (None, None)

        new.faults.clear()
        assert shop.run(*EVERYTHING, *WAYS[way]).exit_code == 0
        assert_copied(old, new, way)


def test_two_copies_into_one_registry_wait_for_each_other(
    old: ConfluentDouble, make_repository: MakeRepository
) -> None:
    with ConfluentDouble("8.1") as new:
        new.faults.add(kind="slow", method="POST", path="/subjects/*/versions", times=None, delay=0.3)
        shop = make_shop(make_repository, old.url, new.url)
        first = subprocess.Popen([*PROGRAM, *EVERYTHING], cwd=shop.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while new.count("POST", "/subjects/*/versions") < 1 and first.poll() is None:
            time.sleep(0.01)

        second = shop.run(*EVERYTHING)

        assert second.exit_code == 1
        assert "another copy into new is under way" in second.text
        first.communicate(timeout=60)
        assert first.returncode == 0
