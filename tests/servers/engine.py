"""The container engine: is there one, and on which base can a Java server's image stand?"""

from __future__ import annotations

import io
import os
import re
import socket
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker  # type: ignore[import-untyped]
import docker.errors  # type: ignore[import-untyped]

from tests.servers.artifacts import get_cache_folder, locked
from tests.servers.java import find_java_home, read_java_version
from tests.servers.unavailable import ServerUnavailableError

_DEFAULT_HOST = "unix:///var/run/docker.sock"
LABEL = "schemafed.tests"
_OFFICIAL_BASE = "eclipse-temurin:{version}-jre"
_LEFT_OUT = frozenset({"jmods", "include", "man", "src.zip", "legal", "demo", "sample"})
_JAVA_HOME = "opt/java"
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_BUSYBOX = Path("/bin/busybox")
_ACCOUNTS = {"etc/passwd": b"root:x:0:0:root:/root:/bin/sh\n", "etc/group": b"root:x:0:\n"}
_ENVIRONMENT = f"ENV JAVA_HOME=/{_JAVA_HOME} PATH=/{_JAVA_HOME}/bin:/bin"


def find_engine() -> Any:
    """Return a client of the engine that answers; raises ServerUnavailableError if none does."""
    try:
        _connect_to_socket()
        return docker.from_env(timeout=300)
    except (docker.errors.DockerException, OSError) as error:
        raise ServerUnavailableError("no container engine answers") from error


def _connect_to_socket() -> None:
    """Try the engine's socket before its client does: the client leaves a socket open where nobody listens."""
    path = os.environ.get("DOCKER_HOST", _DEFAULT_HOST)
    if path.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(path.removeprefix("unix://"))


def find_java_base(client: Any, version: int) -> str:
    """Return an image with Java: one given by hand, the official one, or one made of this host's own Java.

    Raises ServerUnavailableError where nothing can be pulled and the host has no Java of that version.
    """
    given = os.environ.get("SCHEMAFED_TEST_JAVA_BASE")
    if given:
        return given
    official = _OFFICIAL_BASE.format(version=version)
    if _has_image(client, official) or _can_pull(client, official):
        return official
    home = find_java_home(version)
    local = f"schemafed-tests-jre{read_java_version(home)}"
    with locked(get_cache_folder() / "base-image.lock"):
        if not _has_image(client, f"{local}:latest"):
            _import_base(client, local, home)
    return f"{local}:latest"


def _has_image(client: Any, name: str) -> bool:
    try:
        client.images.get(name)
    except docker.errors.ImageNotFound:
        return False
    return True


def _can_pull(client: Any, name: str) -> bool:
    try:
        client.images.pull(name)
    except docker.errors.APIError:
        return False
    return True


def _import_base(client: Any, name: str, home: Path) -> None:
    """Import a file system of nothing but Java, the libraries that it loads, and busybox if there is one."""
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch) / "base.tar"
        with tarfile.open(archive, "w", dereference=True) as tar:
            for part in sorted(home.iterdir()):
                if part.name not in _LEFT_OUT:
                    tar.add(part, f"{_JAVA_HOME}/{part.name}")
            for library in sorted(_list_libraries(home)):
                tar.add(library, library.lstrip("/"))
            _add_system(tar)
        client.api.import_image_from_file(str(archive), repository=name, tag="latest", changes=[_ENVIRONMENT])


def _add_system(tar: tarfile.TarFile) -> None:
    for name, content in _ACCOUNTS.items():
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    scratch = tarfile.TarInfo("tmp")
    scratch.type, scratch.mode = tarfile.DIRTYPE, 0o1777
    tar.addfile(scratch)
    if _CERTIFICATES.exists():
        tar.add(_CERTIFICATES, str(_CERTIFICATES).lstrip("/"))
    if _BUSYBOX.exists():
        tar.add(_BUSYBOX, "bin/busybox")
        tar.add(_BUSYBOX, "bin/sh")


def _list_libraries(home: Path) -> Iterator[str]:
    binaries = [home / "bin" / "java", *home.glob("lib/*.so"), *home.glob("lib/server/*.so")]
    listing = subprocess.run(["ldd", *binaries], capture_output=True, text=True, check=False).stdout
    found = set(re.findall(r"(/\S+) \(0x", listing))
    yield from (path for path in found if not Path(path).resolve().is_relative_to(home))
