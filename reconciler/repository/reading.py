"""Reading the texts of many schemas, on every processor that there is where that pays."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from reconciler.model import Finding
from reconciler.repository.sources import BrokenSchema, ReadSchema, SchemaFile, read_schema

_WORTH_IT = 2_000
"""Files from which on a second process saves more than it costs."""
_CHUNK = 250

Answer = tuple[ReadSchema | BrokenSchema, Finding | None]


def read_schemas(root: Path, files: Sequence[SchemaFile], workers: int | None = None) -> Iterator[Answer]:
    """Read schemas on their own; the answers come in the order of the files.

    Args:
        root: the repository's root.
        files: the schemas.
        workers: processes to use; chosen by the number of files and processors unless told.
    """
    workers = _choose_workers(len(files)) if workers is None else workers
    if workers < 2:
        return (read_schema(root, file) for file in files)
    return _read_in_processes(root, files, workers)


def _choose_workers(count: int) -> int:
    # A copy of this process is only safe to make while no other thread holds a lock, and macOS forbids it altogether.
    if count < _WORTH_IT or sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return min(len(os.sched_getaffinity(0)), 8)


def _read_in_processes(root: Path, files: Sequence[SchemaFile], workers: int) -> Iterator[Answer]:
    from multiprocessing import get_context

    chunks = [(root, files[start : start + _CHUNK]) for start in range(0, len(files), _CHUNK)]
    with get_context("fork").Pool(workers, _ignore_interrupts) as pool:
        for answers in pool.imap(_read_chunk, chunks):
            yield from answers


def _read_chunk(chunk: tuple[Path, Sequence[SchemaFile]]) -> list[Answer]:
    root, files = chunk
    return [read_schema(root, file) for file in files]


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the first process, which ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
