"""Begin to read a large repository before what reads its settings is imported, which takes as long as half of it.

Nothing here is more than a guess of what the settings will say: where it turns out wrong, it is left aside.
"""

from __future__ import annotations

import gc
import io
import os
import pickle
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconciler.documents import NOTHING_READ, ReadingAhead, SchemaFile, answer_parts, reading_ahead, share_parts, split
from reconciler.errors import RepositoryError
from reconciler.files import DEFAULT_PATHS, FILE_NAME
from reconciler.head_start import HeadStart, take
from reconciler.model import Finding, Format
from reconciler.repository.walk import SourceFile, read_tree
from reconciler.yaml_lines import YamlError, read_yaml, read_yaml_text

DEFAULTS_NAME = "defaults.yaml"
FORMAT_BY_ENDING: Mapping[str, Format] = {
    ".avsc": Format.AVRO,
    ".proto": Format.PROTOBUF,
    ".openapi.json": Format.OPENAPI,
    ".openapi.yaml": Format.OPENAPI,
    ".openapi.yml": Format.OPENAPI,
    ".asyncapi.json": Format.ASYNCAPI,
    ".asyncapi.yaml": Format.ASYNCAPI,
    ".asyncapi.yml": Format.ASYNCAPI,
    ".kconnect.json": Format.KCONNECT,
    ".schema.xml": Format.XML,
    ".json": Format.JSON,
    ".graphql": Format.GRAPHQL,
    ".xsd": Format.XSD,
    ".wsdl": Format.WSDL,
}
"""The longer of two endings comes first."""


def format_of(name: str) -> Format | None:
    """The format that a file's name tells; None where it tells none."""
    rest, _, last = name.rpartition(".")
    _, _, before = rest.rpartition(".")
    return FORMAT_BY_ENDING.get(f".{before}.{last}") or FORMAT_BY_ENDING.get(f".{last}")


@dataclass(frozen=True, slots=True)
class Early:
    """The files below some folders, and the reading of those that hold schemas by their names.

    ``paths`` None: the folders could not be told without checking the settings, so nothing has begun.
    """

    paths: tuple[str, ...] | None = None
    files: tuple[SourceFile, ...] = ()
    findings: tuple[Finding, ...] = ()
    ahead: ReadingAhead = NOTHING_READ


@dataclass(frozen=True, slots=True)
class _Guess:
    """What is found without the settings; ``files`` has the path of each, and the folder that it was found below."""

    paths: tuple[str, ...] | None
    files: Sequence[tuple[str, str]]
    findings: tuple[Finding, ...]
    schemas: Sequence[SchemaFile]


@contextmanager
def reading_early(root: Path) -> Iterator[Early]:
    """Begin to read a work tree; whatever is wrong with it is left for who loads it to say.

    Args:
        root: the folder that holds schemafed.yaml, or that may.
    """
    started = take(root)
    try:
        early = _take_over(root, started) if started else None
        if early:
            yield early
    finally:
        if started:
            started.end()
    if not early:
        paths, files, findings = _list_files(root)
        with reading_ahead(root, _guess_schemas(root, files)) as ahead:
            yield Early(paths, files, findings, ahead)


def begin_reading() -> None:
    """What the process of a head start does: guess, say what, and read the schemas together with who started it."""
    gc.disable()
    queue, numbers = map(int, sys.argv[1].split(","))
    root = Path.cwd()
    paths, files, findings = _list_files(root)
    schemas = _guess_schemas(root, files)
    guess = _Guess(paths, [(file.path, file.base) for file in files], findings, schemas)
    pickle.dump(guess, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.flush()
    parts = split(schemas)
    # Whoever sees a number knows by it that the guess is there.
    os.write(numbers, bytes(range(len(parts))))
    os.close(numbers)
    answer_parts(root, parts, queue)


def _take_over(root: Path, started: HeadStart) -> Early | None:
    """Wait for what the other process guesses; None where it died before, or where there is nothing to read."""
    first = os.read(started.queue, 1)
    if not first:
        return None
    descriptor = started.answers.fileno()
    # The other process goes on to write at the position that both share.
    said = io.BytesIO(os.pread(descriptor, os.fstat(descriptor).st_size, 0))
    guess: _Guess = pickle.load(said)  # noqa: S301 - written by our own process
    finish = share_parts(
        root, split(guess.schemas), started.queue, started.process, started.answers, said.tell(), first
    )
    files = tuple(SourceFile(path, base) for path, base in guess.files)
    return Early(guess.paths, files, guess.findings, ReadingAhead(guess.schemas, finish))


def _list_files(root: Path) -> tuple[tuple[str, ...] | None, tuple[SourceFile, ...], tuple[Finding, ...]]:
    paths = _guess_paths(root)
    try:
        return (paths, *read_tree(root, paths)) if paths else (paths, (), ())
    except RepositoryError:
        return None, (), ()


def _guess_paths(root: Path) -> tuple[str, ...] | None:
    try:
        value = read_yaml(root, FILE_NAME).value
    except YamlError:
        return None
    paths = value.get("paths", DEFAULT_PATHS) if isinstance(value, dict) else DEFAULT_PATHS
    if not isinstance(paths, list | tuple) or not all(isinstance(p, str) and p.isprintable() for p in paths):
        return None
    return tuple(path.strip("/") or "." for path in paths)


def _guess_schemas(root: Path, files: Sequence[SourceFile]) -> list[SchemaFile]:
    """The files that are schemas by their endings; none where a folder's settings may take some otherwise."""
    try:
        if any("files" in read_yaml_text(root, file.path) for file in files if file.name == DEFAULTS_NAME):
            return []
    except YamlError:
        return []
    told = ((file.path, format_of(file.name)) for file in files)
    return [(path, schema_format) for path, schema_format in told if schema_format]
