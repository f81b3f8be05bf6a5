"""Apply of new subjects, beside what the registry takes in from a client that does nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.bench import CHECKOUT, PRODUCT
from tests.benchmarks.measure import Run, Runs, Stretch, UnexpectedExitError, measure_once, measure_stretch
from tests.benchmarks.report import Bound, Figure
from tests.benchmarks.samples import commit_all, write_repository
from tests.benchmarks.server import compile_program, run_server
from tests.servers.apicurio import run_apicurio
from tests.servers.unavailable import ServerUnavailableError

COMMITS = 300
"""How many writes a second the paced server takes: a stock Confluent registry on two cores takes half as many."""
_CEILING = Bound(ratio=1 / 0.9)
_WRITING = Stretch("applying ", "\u2713")
_MEASURED = 2_000


def measure_applying(subjects: int, on_figure: Callable[[Figure], None]) -> str | None:
    """Measure the writing of an apply, against the paced server and against a real Apicurio Registry.

    Args:
        subjects: how many are new.
        on_figure: told each figure as it is there.

    Returns:
        why no real registry was asked; None where one was.

    Raises:
        NoCompilerError, UnexpectedExitError: nothing can be measured.
    """
    bound = _CEILING if subjects == _MEASURED else Bound()
    with TemporaryDirectory(prefix="schemafed-bench-") as name:
        folder = Path(name)
        root = folder / "repository"
        write_repository(root, subjects)
        with _paced_server(folder, subjects) as url:
            name = f"apply to {COMMITS} commits a second"
            on_figure(_measure(root, url, subjects, name, bound, environment="paced"))
        try:
            with run_apicurio(folder) as server:
                # The first thousands teach the virtual machine.
                measure_ceiling(server.url, "warm-", subjects)
                on_figure(_measure(root, server.url, subjects, "apply to Apicurio", bound, environment="run", times=3))
        except ServerUnavailableError as error:
            return str(error)
    return None


@contextmanager
def _paced_server(folder: Path, subjects: int) -> Iterator[str]:
    answers = folder / "answers.bin"
    make = (sys.executable, "-m", "tests.benchmarks.answers", str(subjects), answers, "empty")
    measure_once(make, folder=CHECKOUT)
    with run_server(compile_program("quick", folder), answers, COMMITS) as port:
        yield f"http://127.0.0.1:{port}"


def _measure(
    root: Path, url: str, subjects: int, name: str, bound: Bound, *, environment: str, times: int = 1
) -> Figure:
    """Measure ceiling and product in turn; several runs have subjects and an environment of their own each."""
    product: list[Run] = []
    ceiling: list[Run] = []
    for turn in range(times):
        before = f"run{turn}-" if times > 1 else ""
        ceiling.append(Run(measure_ceiling(url, f"raw-{before}" if before else "", subjects), 0))
        write_configuration(root, url, before, f"{environment}{turn}")
        # All of ours, so that those of the other runs are not read.
        command = (PRODUCT, "apply", "--subject", "*", "--yes")
        product.append(measure_stretch(command, _WRITING, folder=root))
    return Figure(name, subjects, Runs(tuple(product)), Runs(tuple(ceiling)), "raw client", bound)


def measure_ceiling(url: str, prefix: str, subjects: int) -> float:
    """The seconds of a raw client in a process of its own.

    Raises:
        UnexpectedExitError: the registry did not take everything.
    """
    command = (sys.executable, "-m", "tests.benchmarks.floor", "take", url, prefix, str(subjects))
    done = subprocess.run(command, cwd=CHECKOUT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise UnexpectedExitError(f"the raw client ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return float(done.stdout)


def write_configuration(root: Path, url: str, prefix: str, environment: str) -> None:
    """Name an environment that has applied nothing yet, and its registry."""
    lines = (
        "version: 1",
        "registries:",
        f'  orders: {{kind: confluent, url: "{url}", name: "{prefix}{{{{ name }}}}"}}',
        "environments:",
        f"  {environment}: {{registries: [orders]}}",
    )
    (root / "schemafed.yaml").write_text("\n".join(lines) + "\n")
    commit_all(root, f"Apply to {url}")
