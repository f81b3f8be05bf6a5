"""Schema files by the thousand, read by two processes: this one, and one that is started to help it.

The second is a process of its own, no fork, so that it does not matter which threads are running. Both take the numbers
of parts from one pipe, whoever is free takes the next, so that it does not matter either how quick each of them is.
What the second cannot tell, or all of it where it dies, is left to whoever asked, who reads it and says what is wrong.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from reconciler.errors import SchemaError
from reconciler.files import decode_text, read_at_most
from reconciler.model import Format
from reconciler.schemas import Document, language
from reconciler.schemas.json_positions import raise_if_half_pair

MAX_BYTES = 10_000_000
"""Of one schema's file; more than any registry takes."""
BLANK = "\ufeff \t\r\n"
"""Characters of which a file that says nothing consists."""
WORTHWHILE = 2_000
"""Files from which on a second process pays: it needs as long to start as this one to read half of them."""
_PARTS = 200
"""At most 256, since the number of a part is one byte in the pipe; of single bytes each has one taker."""

SchemaFile = tuple[str, Format]
"""A file's path, relative to the root, and the format that it is taken for."""
_Part = Sequence[SchemaFile]
_Documents = dict[str, Document]
_SECOND = "import sys; sys.path[:] = sys.argv[1:]; from reconciler.documents import help_reading; help_reading()"


def read_document(root: Path, path: str, schema_format: Format) -> Document | None:
    """Read one schema's text on its own; None where anything is wrong with the file or with what it says."""
    try:
        raw = read_at_most(root, path, MAX_BYTES)
        text = decode_text(raw)
        if schema_format is not Format.PROTOBUF:
            raise_if_half_pair(text)
        document = language(schema_format).read(text) if len(raw) <= MAX_BYTES and text.strip(BLANK) else None
        return document if document and not document.violation else None
    except (OSError, UnicodeDecodeError, SchemaError):
        return None


@dataclass(frozen=True)
class ReadingAhead:
    """Schema files that are being read.

    ``finish`` helps to read them and returns the documents by path. Files that cannot be read, or only by this process
    alone, are left out of them.
    """

    files: Sequence[SchemaFile] = ()
    finish: Callable[[], Mapping[str, Document]] = dict


NOTHING_READ = ReadingAhead()


@contextmanager
def reading_ahead(root: Path, files: Sequence[SchemaFile]) -> Iterator[ReadingAhead]:
    """Begin to read schema files in a second process, while this one still has other things to do.

    Args:
        root: the folder that the paths count from.
        files: what to read; few are not begun with.
    """
    if len(files) < WORTHWHILE or _processors() < 2 or os.name != "posix":
        yield ReadingAhead(files)
        return
    size = -(-len(files) // _PARTS)
    parts = [files[begin : begin + size] for begin in range(0, len(files), size)]
    with _queue(len(parts)) as queue, TemporaryFile() as answers, _second_reader(root, parts, queue, answers) as ended:

        def finish() -> Mapping[str, Document]:
            own = _read_parts(root, parts, queue)
            documents = {path: document for part in own for path, document in part.items()}
            if ended():
                answers.seek(0)
                documents.update(_load_answers(answers))
            return documents

        yield ReadingAhead(files, finish)


def help_reading() -> None:
    """What the second process does: read parts as long as there are any, and write what came out to stdout."""
    gc.disable()
    root, parts, queue = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by the first process
    for documents in _read_parts(root, parts, queue):
        pickle.dump(documents, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.flush()
    os._exit(0)  # the first process waits for the end, which taking all of them apart would delay


def _read_parts(root: Path, parts: Sequence[_Part], queue: int) -> Iterator[_Documents]:
    while number := os.read(queue, 1):
        read = ((path, read_document(root, path, schema_format)) for path, schema_format in parts[number[0]])
        yield {path: document for path, document in read if document}


def _load_answers(answers: BinaryIO) -> Iterator[tuple[str, Document]]:
    end = os.fstat(answers.fileno()).st_size
    while answers.tell() < end:
        yield from pickle.load(answers).items()  # noqa: S301 - written by the second process


@contextmanager
def _queue(count: int) -> Iterator[int]:
    """A pipe that holds the numbers below ``count`` and then ends."""
    reading, writing = os.pipe()
    try:
        os.write(writing, bytes(range(count)))
        os.close(writing)
        yield reading
    finally:
        os.close(reading)


@contextmanager
def _second_reader(root: Path, parts: Sequence[_Part], queue: int, answers: BinaryIO) -> Iterator[Callable[[], bool]]:
    """Start the second process; yields a function that waits for its end and tells whether it has done its work."""
    with TemporaryFile() as task:
        pickle.dump((root, parts, queue), task, pickle.HIGHEST_PROTOCOL)
        task.seek(0)
        command = [sys.executable, "-I", "-c", _SECOND, *sys.path]
        try:
            process = subprocess.Popen(  # noqa: S603 - our own code, by the Python that runs it here
                command, stdin=task, stdout=answers, stderr=subprocess.DEVNULL, pass_fds=(queue,)
            )
        except OSError:
            yield lambda: False
            return
    try:
        yield lambda: process.wait() == 0
    finally:
        process.kill()
        process.wait()


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
