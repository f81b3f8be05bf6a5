"""A server of a test run is started once, shared, and never outlives the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.servers.artifacts import locked
from tests.servers.java import find_java_home, read_java_version
from tests.servers.sharing import Place, find_place, share, start_guard, wait_until_ready
from tests.servers.unavailable import ServerUnavailableError, skip_or_fail

_SLEEPER = [sys.executable, "-c", "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(600)"]


def start_sleeper(place: Place) -> str:
    start_guard(place, command=_SLEEPER, folder=str(place.folder))
    wait_for(lambda: (place.folder / "pid").exists() and (place.folder / "pid").read_text() != "")
    return (place.folder / "pid").read_text()


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within 30 seconds")


def is_running(process: str) -> bool:
    with suppress(ProcessLookupError):
        os.kill(int(process), 0)
        return True
    return False


def test_the_first_user_starts_and_the_last_one_stops(tmp_path: Path) -> None:
    place = Place(tmp_path, "sleeper", os.getpid())
    with share(place, start_sleeper) as first:
        with share(place, lambda _: "a second server") as second:
            assert second == first
        assert is_running(first)

    wait_for(lambda: not is_running(first))
    assert not place.marker.exists()


def test_the_server_ends_with_the_watched_process(tmp_path: Path) -> None:
    watched = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    server = start_sleeper(Place(tmp_path, "sleeper", watched.pid))
    assert is_running(server)

    watched.send_signal(signal.SIGKILL)
    watched.wait()

    wait_for(lambda: not is_running(server))


def test_a_failed_start_fails_for_every_user_and_is_tried_once(tmp_path: Path) -> None:
    place, tries = Place(tmp_path, "broken", os.getpid()), []

    def fail(_: Place) -> str:
        tries.append(1)
        raise ServerUnavailableError("needs what is not here")

    for _ in range(2):
        with pytest.raises(ServerUnavailableError, match="needs what is not here"), share(place, fail):
            pass

    assert len(tries) == 1


def test_a_server_that_dies_is_reported_with_its_last_words(tmp_path: Path) -> None:
    place = Place(tmp_path, "crashing", os.getpid())
    start_guard(place, command=[sys.executable, "-c", "print('no memory left')"], folder=str(tmp_path))

    with pytest.raises(ServerUnavailableError, match=r"crashing did not answer at .* no memory left"):
        wait_until_ready(place, "http://127.0.0.1:9/", 60)


def test_workers_of_one_run_share_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw1")
    worker = find_place(tmp_path / "popen-gw1", "server")
    monkeypatch.delenv("PYTEST_XDIST_WORKER")
    alone = find_place(tmp_path, "server")

    assert (worker.folder, worker.watch) == (tmp_path, os.getppid())
    assert (alone.folder, alone.watch) == (tmp_path, os.getpid())


def test_a_lock_is_free_again_after_use(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path / "folder" / "lock"):
            pass

    assert (tmp_path / "folder" / "lock").exists()


def make_java_home(folder: Path, version: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "java").touch()
    (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')
    return folder


@pytest.mark.parametrize(("text", "version"), [("25.0.1", 25), ("17.0.15", 17), ("1.8.0_402", 8), ("24", 24)])
def test_version_of_a_java_home(tmp_path: Path, text: str, version: int) -> None:
    assert read_java_version(make_java_home(tmp_path / "jdk", text)) == version


def test_the_newest_java_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(make_java_home(tmp_path / "jdk", "901.0.1")))

    assert find_java_home(21) == tmp_path / "jdk"


def test_a_java_that_is_too_old_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(make_java_home(tmp_path / "jdk", "901.0.1")))

    with pytest.raises(ServerUnavailableError, match=r"needs Java 999 or newer \(found: .*901\)"):
        find_java_home(999)


def test_state_of_a_run_is_plain_json(tmp_path: Path) -> None:
    place = Place(tmp_path, "plain", os.getpid())
    with share(place, lambda _: "value"):
        state = json.loads((tmp_path / "plain.json").read_text())

    assert state == {"users": 1, "value": "value"}


def test_a_server_that_cannot_run_is_skipped_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)

    with pytest.raises(pytest.skip.Exception, match=r"^Apicurio was not run: needs Java$"):
        skip_or_fail("Apicurio", ServerUnavailableError("needs Java"))


def test_on_ci_a_server_that_cannot_run_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")

    with pytest.raises(pytest.fail.Exception, match=r"^Apicurio was not run: needs Java$"):
        skip_or_fail("Apicurio", ServerUnavailableError("needs Java"))
