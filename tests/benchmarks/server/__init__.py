"""The quick server: compiled where it is needed, run for as long as it is used."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SOURCES = Path(__file__).parent
# The names by which Linux and macOS show their networking functions to a program of plain C.
_OPTIONS = ("-std=c11", "-O2", "-D_DEFAULT_SOURCE", "-D_DARWIN_C_SOURCE", "-pthread")


class NoCompilerError(Exception):
    """There is nothing that compiles C here."""


def compile_program(name: str, folder: Path) -> Path:
    """Compile one of the C programs of this folder.

    Raises:
        NoCompilerError: there is no `cc`, or it cannot compile.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        raise NoCompilerError("the server of the measurements is a C program and there is no `cc`: install a compiler")
    program = folder / name
    command = [compiler, *_OPTIONS, "-o", str(program), str(_SOURCES / f"{name}.c")]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise NoCompilerError(f"`{' '.join(command)}` failed:\n{done.stderr}")
    return program


class UnpreparedError(Exception):
    """The server was asked for what it has no answer for: the client did something else than what is measured."""


@contextmanager
def run_server(
    program: Path, answers: Path, commits: int = 0, thinking: tuple[int, int] | None = None
) -> Iterator[int]:
    """Run the server with prepared answers; yields its port on the loopback address.

    Args:
        commits: how many writes a second it takes, one after another; 0 for as many as come.
        thinking: the microseconds before it answers with a page of schemas, and before any other answer.

    Raises:
        UnpreparedError: at the end, where a question had no answer.
    """
    # The server ends when its stdin does, so it cannot stay behind.
    command = [str(program), str(answers), str(commits), *map(str, thinking or ())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin and server.stdout
        try:
            yield int(server.stdout.readline())
        finally:
            server.stdin.close()
            times, _, first = server.stdout.read().strip().partition(" ")
    if times != "0":
        raise UnpreparedError(f"the server has no answer to {first}, and was asked for such {times} times")


def measure_rate(hammer: Path, port: int, targets: Path, connections: int) -> float:
    """Ask every target of a file once with the C client; returns the seconds that it took."""
    command = [str(hammer), str(port), str(connections), str(targets)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
