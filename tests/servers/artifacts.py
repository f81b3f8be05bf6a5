"""Servers' distributions from Maven, unpacked once into a cache outside the work tree."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.unavailable import ServerUnavailableError

_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
_TIMEOUT_SECONDS = 480


def get_cache_folder() -> Path:
    """Return the cache: $SCHEMAFED_TEST_CACHE, else a folder of the user."""
    default = Path.home() / ".cache" / "schemafed" / "tests"
    return Path(os.environ.get("SCHEMAFED_TEST_CACHE", default))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock between processes: of one test run, and of runs side by side."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def fetch_distribution(coordinates: str) -> Path:
    """Return the folder of an unpacked tar.gz artifact, `group:artifact:version:tar.gz:classifier`.

    Raises ServerUnavailableError where Maven is missing or cannot fetch it.
    """
    _, artifact, version = coordinates.split(":")[:3]
    folder = get_cache_folder() / f"{artifact}-{version}"
    with locked(get_cache_folder() / f"{artifact}-{version}.lock"):
        if not folder.is_dir():
            _unpack(coordinates, folder)
    return folder


def fetch_libraries(name: str, version: str, pom: Path) -> Path:
    """Return a folder with everything that the dependencies of a POM need at run time.

    Raises ServerUnavailableError where Maven is missing or cannot fetch it.
    """
    folder = get_cache_folder() / f"{name}-{version}"
    with locked(get_cache_folder() / f"{name}-{version}.lock"):
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
                libraries = Path(scratch) / "libraries"
                options = ["-f", str(pom), f"-DoutputDirectory={libraries}", "-DincludeScope=runtime"]
                _run_maven(f"{name} {version}", Path(scratch), [f"{_PLUGIN}:copy-dependencies", *options])
                libraries.rename(folder)
    return folder


def _unpack(coordinates: str, folder: Path) -> None:
    # Unpacked beside its place and then renamed: an interrupted run leaves no half distribution.
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        goal = [f"{_PLUGIN}:copy", f"-Dartifact={coordinates}", f"-DoutputDirectory={scratch}"]
        _run_maven(coordinates, Path(scratch), goal)
        (archive,) = Path(scratch).glob("*.tar.gz")
        unpacked = Path(scratch) / "unpacked"
        with tarfile.open(archive) as tar:
            tar.extractall(unpacked, filter="data")
        unpacked.rename(folder)


def _run_maven(what: str, folder: Path, goal: list[str]) -> None:
    maven = shutil.which("mvn")
    if not maven:
        raise ServerUnavailableError(f"needs Maven (mvn on the PATH) to fetch {what}")
    command = [maven, "-q", "-B", *goal]
    reply = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, cwd=folder, check=False)
    if reply.returncode != 0:
        reason = next((line for line in reply.stdout.splitlines() if "ERROR" in line), reply.stderr.strip())
        raise ServerUnavailableError(f"Maven could not fetch {what}: {reason}")
