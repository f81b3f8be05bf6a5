"""Plan without changes against a real Apicurio Registry, beside the same requests from a client that does no more."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import httpx

from tests.benchmarks.applying import measure_ceiling, write_configuration
from tests.benchmarks.bench import CHECKOUT, PRODUCT
from tests.benchmarks.measure import Run, Runs, measure_once
from tests.benchmarks.report import Bound, Figure
from tests.benchmarks.samples import SCHEMAS, write_repository
from tests.doubles.fault_proxy import FaultProxy
from tests.servers.apicurio import run_apicurio
from tests.servers.unavailable import ServerUnavailableError

_MEASURED = 10_000
_TIMES = 3
_ENVIRONMENT = "real"
_UNCHANGED = "Nothing to do."


def measure_unchanged(subjects: int, on_figure: Callable[[Figure], None]) -> str | None:
    """Measure a plan that finds nothing to do, with as many subjects.

    Args:
        subjects: how many.
        on_figure: told the figure.

    Returns:
        why no real registry was asked; None where one was.

    Raises:
        UnexpectedExitError: nothing can be measured.
    """
    with TemporaryDirectory(prefix="schemafed-bench-") as name:
        folder = Path(name)
        root, targets = folder / "repository", folder / "targets.txt"
        write_repository(root, subjects)
        try:
            with run_apicurio(folder) as server:
                measure_ceiling(server.url, "", subjects)
                write_configuration(root, server.url, "", _ENVIRONMENT)
                _run(root, "apply", "--yes")
                targets.write_text("\n".join(_record_targets(root, server.url)) + "\n")
                write_configuration(root, server.url, "", _ENVIRONMENT)
                on_figure(_measure(root, server.url, targets, subjects))
        except ServerUnavailableError as error:
            return str(error)
    return None


def _run(root: Path, *arguments: str) -> Run:
    """Run a command that finds that everything is as it should be."""
    return measure_once((PRODUCT, *arguments), folder=root, expect=_UNCHANGED)


def _record_targets(root: Path, url: str) -> Iterator[str]:
    """What a plan asks for and gets: the floor asks for exactly that."""
    with FaultProxy(url) as proxy:
        write_configuration(root, proxy.url, "", _ENVIRONMENT)
        _run(root, "plan")
        asked = [passed.path for passed in proxy.passed if passed.method == "GET"]
    with httpx.Client(base_url=f"http://{urlsplit(url).netloc}", timeout=60) as client, ThreadPoolExecutor(16) as pool:
        statuses = pool.map(lambda path: client.get(path).status_code, asked)
        yield from (path for path, status in zip(asked, statuses, strict=True) if status == 200)


def _measure(root: Path, url: str, targets: Path, subjects: int) -> Figure:
    """Measure floor and product in turn."""
    floor: list[Run] = []
    product: list[Run] = []
    files = (sys.executable, "-m", "tests.benchmarks.floor", "files", str(root / SCHEMAS))
    for _ in range(_TIMES):
        asking = ("http", str(urlsplit(url).port), str(targets))
        floor.append(measure_once((*files, *asking), folder=CHECKOUT))
        product.append(_run(root, "plan"))
    bound = Bound(ratio=2.5, megabytes=500) if subjects == _MEASURED else Bound()
    runs = Runs(tuple(product)), Runs(tuple(floor))
    return Figure("plan, no changes, Apicurio", subjects, *runs, "files + HTTP", bound)
