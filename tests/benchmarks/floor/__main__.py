"""Do one floor or several in this process: `files DIR`, `http PORT TARGETS`, `rows DB`, `write DIR DB`.

`take URL PREFIX COUNT` prints the seconds in which a registry took in as many subjects.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path


def _files(root: str) -> object:
    from tests.benchmarks.floor.files import read_repository

    return read_repository(Path(root))


def _http(port: str, targets: str) -> object:
    from tests.benchmarks.floor.http import read_all

    return read_all(int(port), Path(targets).read_text().splitlines())


def _rows(database: str) -> object:
    from tests.benchmarks.floor.store import read_rows

    return read_rows(Path(database))


def _write(root: str, database: str) -> object:
    from tests.benchmarks.floor.store import write_rows

    return write_rows(Path(root), Path(database))


def _take(url: str, prefix: str, count: str) -> object:
    from tests.benchmarks.floor.writes import write_all

    return write_all(url, prefix, int(count))


_FLOORS: Mapping[str, tuple[int, Callable[..., object]]] = {
    "files": (1, _files),
    "http": (2, _http),
    "rows": (1, _rows),
    "write": (2, _write),
    "take": (3, _take),
}


def main(arguments: list[str]) -> None:
    while arguments:
        count, floor = _FLOORS[arguments[0]]
        print(floor(*arguments[1 : count + 1]))
        arguments = arguments[count + 1 :]


if __name__ == "__main__":
    main(sys.argv[1:])
