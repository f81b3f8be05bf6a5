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
from typing import BinaryIO, NoReturn

from reconciler.errors import SchemaError
from reconciler.files import decode_text, read_at_most
from reconciler.head_start import processors
from reconciler.model import JSON_FORMATS, Format
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
Meanwhile = Callable[[], object]
"""What one process does while another one reads."""
_Part = Sequence[SchemaFile]
_Documents = dict[str, Document]
_SECOND = "import sys; sys.path[:] = sys.argv[1:]; from reconciler.documents import help_reading; help_reading()"


def read_document(root: Path, path: str, schema_format: Format) -> Document | None:
    """Read one schema's text on its own; None where anything is wrong with the file or with what it says."""
    try:
        raw = read_at_most(root, path, MAX_BYTES)
        text = decode_text(raw)
        if schema_format in JSON_FORMATS:
            raise_if_half_pair(text)
        document = language(schema_format).read(text) if len(raw) <= MAX_BYTES and text.strip(BLANK) else None
        return document if document and not document.violation else None
    except (OSError, UnicodeDecodeError, SchemaError):
        return None


@dataclass(frozen=True)
class ReadingAhead:
    """Schema files that are being read.

    ``finish`` helps to read them and returns the documents by path. Files that cannot be read, or only by this process
    alone, are left out of them. It is handed what this process has to do before it helps, which is done only where
    another one reads meanwhile.
    """

    files: Sequence[SchemaFile] = ()
    finish: Callable[[Meanwhile], Mapping[str, Document]] = lambda _: {}


NOTHING_READ = ReadingAhead()


def nothing() -> None:
    """What is done meanwhile where there is nothing else to do."""


@contextmanager
def reading_ahead(root: Path, files: Sequence[SchemaFile]) -> Iterator[ReadingAhead]:
    """Begin to read schema files in a second process, while this one still has other things to do.

    Args:
        root: the folder that the paths count from.
        files: what to read; few are not begun with.
    """
    if len(files) < WORTHWHILE or processors() < 2 or os.name != "posix":
        yield ReadingAhead(files)
        return
    parts = split(files)
    with _queue(len(parts)) as queue, TemporaryFile() as answers, _second_reader(root, parts, queue, answers) as second:
        yield ReadingAhead(files, share_parts(root, parts, queue, second, answers))


def split(files: Sequence[SchemaFile]) -> list[_Part]:
    """Split files into the parts that processes share out, each known by its position."""
    size = -(-len(files) // _PARTS) or 1
    return [files[begin : begin + size] for begin in range(0, len(files), size)]


def share_parts(
    root: Path,
    parts: Sequence[_Part],
    queue: int,
    second: subprocess.Popen[bytes] | None,
    answers: BinaryIO,
    begin: int = 0,
    first: bytes = b"",
) -> Callable[[Meanwhile], Mapping[str, Document]]:
    """Make the function that reads parts for as long as there are any, and adds what a second process has read; see
    :class:`ReadingAhead`.

    Args:
        root: the folder that the paths count from.
        parts: as :func:`split` makes them.
        queue: a pipe with the numbers of those that nobody has taken.
        second: the process that takes from it too; None where it could not be started.
        answers: the file that it writes to.
        begin: where in that file its documents begin.
        first: the number of a part that is this process's to read.
    """

    def finish(meanwhile: Meanwhile) -> Mapping[str, Document]:
        if second:
            meanwhile()
        own = _read_parts(root, parts, queue, first)
        documents = {path: document for part in own for path, document in part.items()}
        if second and second.wait() == 0:
            answers.seek(begin)
            documents.update(_load_answers(answers))
        return documents

    return finish


def help_reading() -> None:
    """What the second process does: take its task from stdin, and answer."""
    gc.disable()
    answer_parts(*pickle.load(sys.stdin.buffer))  # noqa: S301 - written by the first process


def answer_parts(root: Path, parts: Sequence[_Part], queue: int) -> NoReturn:
    """Read parts as long as there are any, write what came out to stdout, and end the process."""
    for documents in _read_parts(root, parts, queue):
        pickle.dump(documents, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.flush()
    os._exit(0)  # the first process waits for the end, which taking all of them apart would delay


def _read_parts(root: Path, parts: Sequence[_Part], queue: int, first: bytes = b"") -> Iterator[_Documents]:
    while number := first or os.read(queue, 1):
        first = b""
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
def _second_reader(
    root: Path, parts: Sequence[_Part], queue: int, answers: BinaryIO
) -> Iterator[subprocess.Popen[bytes] | None]:
    """Start the second process, which ends with what it is for; None where that cannot be."""
    with TemporaryFile() as task:
        pickle.dump((root, parts, queue), task, pickle.HIGHEST_PROTOCOL)
        task.seek(0)
        command = [sys.executable, "-I", "-c", _SECOND, *sys.path]
        try:
            process = subprocess.Popen(  # noqa: S603 - our own code, by the Python that runs it here
                command, stdin=task, stdout=answers, stderr=subprocess.DEVNULL, pass_fds=(queue,)
            )
        except OSError:
            yield None
            return
    try:
        yield process
    finally:
        process.kill()
        process.wait()
