"""Commands of schemafed, each in a process of its own that can be killed, at little more than a fork's cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

ROOT = Path(__file__).parents[2]
KILLED = -9
_VARIABLES = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.com"))
}


@dataclass(frozen=True)
class Kill:
    """`kill -9` of a command by itself, at its write number `index` to a registry (`write`) or to Git (`git`)."""

    what: str
    index: int
    is_after: bool = False


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, or -9, and all that it printed; and which of the requests that were to suffer
    faults it came to make.
    """

    code: int
    text: str
    struck: frozenset[int] = frozenset()


@dataclass
class Running:
    """A command under way."""

    process: int
    _out: Path
    _commands: Commands

    def wait(self) -> Ended:
        code = self._commands.ask({"wait": self.process})["code"]
        text = self._out.read_text(errors="replace")
        self._out.unlink()
        assert "Traceback" not in text and code != 70, text
        return Ended(code, text)


@dataclass
class Commands:
    """Runs commands; made by `forking_commands`."""

    folder: Path
    _server: subprocess.Popen[str]
    _number: int = 0
    _lock: Lock = field(default_factory=Lock)

    def start(self, root: Path, *arguments: str, kill: Kill | None = None, log: Path | None = None) -> Running:
        """Start a command in a repository; `log` gets its process number for each write to a registry."""
        self._number += 1
        out = self.folder / f"{self._number}.out"
        answer = self.ask(
            {
                "arguments": [arguments[0], "-C", str(root), *arguments[1:]],
                "out": str(out),
                "variables": _VARIABLES,
                "kill": kill and vars(kill),
                "log": log and str(log),
            }
        )
        return Running(answer["process"], out, self)

    def run(self, root: Path, *arguments: str, kill: Kill | None = None) -> Ended:
        """Run a command in a repository to its end."""
        return self.start(root, *arguments, kill=kill).wait()

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._server.stdin is not None and self._server.stdout is not None
        with self._lock:
            print(json.dumps(request), file=self._server.stdin, flush=True)
            answer: dict[str, Any] = json.loads(self._server.stdout.readline())
        return answer


@contextmanager
def forking_commands(folder: Path) -> Iterator[Commands]:
    """Run the process that forks commands; `folder` is for what they print."""
    variables = {n: v for n, v in os.environ.items() if not n.startswith(("GIT_", "SCHEMAFED_", "COV_", "COVERAGE_"))}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.convergence.forking"],
        cwd=ROOT,
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        yield Commands(folder, server)
        assert server.stdin is not None
        server.stdin.close()
