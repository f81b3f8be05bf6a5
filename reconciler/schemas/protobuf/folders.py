"""The files that the Protobuf compiler reads: it takes none but those of a folder, so each schema gets one for a while.

The folder is in memory where the system has such a place. This runs for every schema of a repository, and most have no
imports: hence texts instead of ``Path``, and the few files removed by their names.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from reconciler.errors import SchemaError, SchemafedError

_MEMORY = "/dev/shm"  # noqa: S108 - a folder of our own is made in it
_IMPORTS = "imports"


@contextmanager
def new_folder(files: Mapping[str, str], imports: Mapping[str, str]) -> Iterator[list[str]]:
    """Make a folder that is gone afterwards, whatever else came to be in it.

    Args:
        files: texts by name; these are found before an import of the same name.
        imports: texts by the name that they are imported by.

    Returns:
        the paths where the compiler finds the files.

    Raises:
        SchemaError: an import's name cannot be the name of a file.
        SchemafedError: no folder can be written.
    """
    folder = _make_folder()
    try:
        for import_name, text in imports.items():
            _write_import(Path(folder, _IMPORTS), import_name, text)
        for name, text in files.items():
            _write_own(folder, name, text)
        yield [folder, f"{folder}/{_IMPORTS}"] if imports else [folder]
    finally:
        _remove(folder, files)


def _remove(folder: str, names: Mapping[str, str]) -> None:
    """Remove a folder by what is in it; ``rmtree`` asks the system far more for that."""
    try:
        for name in names:
            os.unlink(f"{folder}/{name}")  # noqa: PTH108
        os.rmdir(folder)  # noqa: PTH106
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)


def _make_folder() -> str:
    memory = _MEMORY if os.access(_MEMORY, os.W_OK | os.X_OK) else None
    try:
        return tempfile.mkdtemp(prefix="schemafed-", dir=memory)
    except OSError as error:
        raise _no_room(error) from error


def _no_room(error: OSError) -> SchemafedError:
    return SchemafedError(
        f"the Protobuf compiler needs a temporary folder, and none can be written: {error.strerror}",
        fix="make room, or let TMPDIR name a folder that can be written",
    )


def _write_own(folder: str, name: str, text: str) -> None:
    try:
        _write(f"{folder}/{name}", text)
    except OSError as error:
        raise _no_room(error) from error


def _write_import(folder: Path, import_name: str, text: str) -> None:
    parts = import_name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in import_name or not import_name.isprintable():
        raise SchemaError(
            f"{import_name!a} is no name of an import: it must be a relative path with `/`, without `.` or `..`",
            path=f"import {import_name}",
            fix="reference the subject under the path that the import statement names",
        )
    try:
        path = folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, text)
    except OSError as error:
        raise SchemaError(
            f"`{import_name}` cannot be the name of a file: {error.strerror}",
            path=f"import {import_name}",
            fix="give the imported file a usual name, and no name that is another's folder",
        ) from error


def _write(path: Path | str, text: str) -> None:
    remaining = text.encode()
    with open(path, "wb", buffering=0) as file:  # noqa: PTH123 - half of the time of `Path.write_bytes`
        while remaining:
            remaining = remaining[file.write(remaining) :]
