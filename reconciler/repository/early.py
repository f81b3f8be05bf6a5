"""Begin to read a large repository before what reads its settings is imported, which takes as long as half of it.

Nothing here is more than a guess of what the settings will say: where it turns out wrong, it is left aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconciler.documents import NOTHING_READ, ReadingAhead, reading_ahead
from reconciler.errors import RepositoryError
from reconciler.files import DEFAULT_PATHS, FILE_NAME
from reconciler.model import Finding, Format
from reconciler.repository.walk import SourceFile, read_tree
from reconciler.yaml_lines import YamlError, read_yaml, read_yaml_text

DEFAULTS_NAME = "defaults.yaml"
FORMAT_BY_ENDING: Mapping[str, Format] = {".avsc": Format.AVRO, ".proto": Format.PROTOBUF, ".json": Format.JSON}


@dataclass(frozen=True, slots=True)
class Early:
    """The files below some folders, and the reading of those that hold schemas by their names.

    ``paths`` None: the folders could not be told without checking the settings, so nothing has begun.
    """

    paths: tuple[str, ...] | None = None
    files: tuple[SourceFile, ...] = ()
    findings: tuple[Finding, ...] = ()
    ahead: ReadingAhead = NOTHING_READ


@contextmanager
def reading_early(root: Path) -> Iterator[Early]:
    """Begin to read a work tree; whatever is wrong with it is left for who loads it to say.

    Args:
        root: the folder that holds schemafed.yaml, or that may.
    """
    paths = _guess_paths(root)
    try:
        files, findings = read_tree(root, paths) if paths else ((), ())
    except RepositoryError:
        paths, files, findings = None, (), ()
    with reading_ahead(root, _guess_schemas(root, files)) as ahead:
        yield Early(paths, files, findings, ahead)


def _guess_paths(root: Path) -> tuple[str, ...] | None:
    try:
        value = read_yaml(root, FILE_NAME).value
    except YamlError:
        return None
    paths = value.get("paths", DEFAULT_PATHS) if isinstance(value, dict) else DEFAULT_PATHS
    if not isinstance(paths, list | tuple) or not all(isinstance(p, str) and p.isprintable() for p in paths):
        return None
    return tuple(path.strip("/") or "." for path in paths)


def _guess_schemas(root: Path, files: Sequence[SourceFile]) -> list[tuple[str, Format]]:
    """The files that are schemas by their endings; none where a folder's settings may take some otherwise."""
    try:
        if any("files" in read_yaml_text(root, file.path) for file in files if file.name == DEFAULTS_NAME):
            return []
    except YamlError:
        return []
    told = ((file.path, FORMAT_BY_ENDING.get(f".{file.name.rpartition('.')[2]}")) for file in files)
    return [(path, schema_format) for path, schema_format in told if schema_format]
