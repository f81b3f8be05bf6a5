"""Google's compiler, in the process: is a file right, and what do its names mean?

``grpcio-tools`` offers two doors. ``get_services`` raises errors as values, with file, line and column, and prints
nothing, but gives no descriptors. (So does ``get_protos``, which writes code for every message, and we want none.)
``run_main`` writes descriptors, and prints to the process's own stderr whatever it has to say. So the first decides,
and the second runs only on what the first has passed; it compiles a file that imports the schema publicly, because it
complains of unused imports in the file that it was given.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.errors import SchemaError
from reconciler.schemas.protobuf.folders import new_folder

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorSet

SCHEMA_FILE = "__schema__.proto"
"""The name under which the schema itself is compiled, and by which its descriptor is called."""

_ENTRY_FILE = "__entry__.proto"
OUR_FILES = frozenset({SCHEMA_FILE, _ENTRY_FILE})
"""Names that no import has."""
_ENTRY = f'syntax = "proto3"; import public "{SCHEMA_FILE}";'
_ADDED_SYNTAX = 'syntax = "proto2"; '
_BEGINS_WITH_SYNTAX = re.compile(
    r"\ufeff?(?:[ \t\r\n\v\f]++|//[^\n\0]*+|/\*[^\0]*?\*/)*+(?:syntax|edition)\b", re.ASCII | re.DOTALL
)
"""What may stand before the syntax; one further down is an error to the compiler, and no answer to which it is. To the
compiler a comment ends with a NUL."""
_TAB_WIDTH = 8  # in the compiler's columns
_RUN = "import sys; from grpc_tools import _protoc_compiler as c; sys.exit(c.run_main([a.encode() for a in sys.argv]))"

# Names that the compiler brings itself: https://protobuf.dev/reference/protobuf/google.protobuf/
WELL_KNOWN = frozenset(
    f"google/protobuf/{name}.proto"
    for name in (
        "any",
        "api",
        "compiler/plugin",
        "cpp_features",
        "descriptor",
        "duration",
        "empty",
        "field_mask",
        "go_features",
        "java_features",
        "source_context",
        "struct",
        "timestamp",
        "type",
        "wrappers",
    )
)

_lock = threading.Lock()  # filters of warnings are the process's


def raise_if_rejected(text: str, dependencies: Mapping[str, str]) -> bool:
    """Compile a file.

    Args:
        text: of the file.
        dependencies: texts by import name, those of dependencies included.

    Returns:
        whether the compiler had warnings, which it would print where it writes descriptors.

    Raises:
        SchemaError: the compiler's first error, with line and column.
        SchemafedError: there is no room for the compiler's files.
    """
    from grpc_tools import _protoc_compiler

    files = {SCHEMA_FILE: _with_syntax(text)}
    with new_folder(files, _imports(dependencies)) as folders, _lock, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            paths = [path.encode() for path in (*folders, *_own_paths())]
            _protoc_compiler.get_services(SCHEMA_FILE.encode(), paths)
        except _protoc_compiler.ProtocErrors as errors:
            raise _first_error(text, errors.errors()) from errors
        return bool(caught)


def load_descriptors(text: str, dependencies: Mapping[str, str], *, has_warnings: bool) -> FileDescriptorSet:
    """Compile a file that :func:`raise_if_rejected` has passed; the descriptors of all files, with source positions.

    Raises:
        SchemaError: the compiler writes no descriptor after all.
    """
    from google.protobuf.descriptor_pb2 import FileDescriptorSet
    from grpc_tools import _protoc_compiler

    files = {_ENTRY_FILE: _ENTRY, SCHEMA_FILE: _with_syntax(text)}
    with new_folder(files, _imports(dependencies)) as folders:
        out = Path(folders[0], "out.bin")
        options = [f"-I{path}" for path in (*folders, *_own_paths())]
        options += ["--include_imports", "--include_source_info", f"--descriptor_set_out={out}", _ENTRY_FILE]
        if has_warnings:  # in a process of its own: they would land on this one's stderr
            command = [sys.executable, "-c", _RUN, *options]
            code = subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode  # noqa: S603
        else:
            with _lock:
                code = _protoc_compiler.run_main([b"protoc", *(option.encode() for option in options)])
        if code or not out.exists():
            raise SchemaError("the Protobuf compiler gave no descriptor", line=1, column=1, fix="check the schema")
        return FileDescriptorSet.FromString(out.read_bytes())


def _imports(dependencies: Mapping[str, str]) -> dict[str, str]:
    """The files that the compiler does not bring itself."""
    return {name: _with_syntax(text) for name, text in dependencies.items() if name not in WELL_KNOWN}


@cache
def _own_paths() -> Sequence[str]:
    """Where the files are that the compiler brings."""
    spec = find_spec("grpc_tools")
    packages = spec.submodule_search_locations or [] if spec else []
    return [str(Path(package) / "_proto") for package in packages]


def _with_syntax(text: str) -> str:
    """The text with the syntax that one without is of; the compiler would print a remark about it."""
    return ("" if begins_with_syntax(text) else _ADDED_SYNTAX) + text.removeprefix("\ufeff")


def begins_with_syntax(text: str) -> bool:
    """Whether a syntax or edition stands before anything else."""
    return _BEGINS_WITH_SYNTAX.match(text) is not None


def _first_error(text: str, errors: Sequence[object]) -> SchemaError:
    """The first error that says something: not that an import has errors, which stand beside it."""
    found = [_Error(error) for error in errors]
    own = [error for error in found if error.file == SCHEMA_FILE and not error.is_about_import]
    elsewhere = [error for error in found if error.file not in (SCHEMA_FILE, _ENTRY_FILE) and error.line >= 0]
    imports = [error for error in found if error.file == SCHEMA_FILE]
    if elsewhere:
        error = elsewhere[0]
        return SchemaError(
            f"the imported `{error.file}` is wrong in line {error.line + 1}: {error.message}",
            path=f"import {error.file}",
            fix="correct the imported schema first",
        )
    if not own and not imports:
        return SchemaError(found[0].message if found else "the compiler refuses it", line=1, column=1)
    error = (own or imports)[0]
    added = len(_ADDED_SYNTAX) if error.line == 0 and not begins_with_syntax(text) else 0
    line = max(0, error.line)
    message = error.message.replace(f' in file "{SCHEMA_FILE}"', "").replace(SCHEMA_FILE, "this file")
    return SchemaError(
        message, line=line + 1, column=_character(text, line, error.column - added) + 1, fix="correct the schema here"
    )


class _Error:
    """One error of the compiler; lines and columns from 0, columns in bytes with tab stops."""

    def __init__(self, error: object) -> None:
        self.file = _text(getattr(error, "filename", b""))
        self.line = int(getattr(error, "line", -1))
        self.column = int(getattr(error, "column", 0))
        self.message = _text(getattr(error, "message", b""))

    @property
    def is_about_import(self) -> bool:
        return self.message.startswith("Import ") and self.message.endswith("had errors.")


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _character(text: str, line: int, column: int) -> int:
    """The index of a character in its line from the compiler's column."""
    lines = text.split("\n")
    width = 0
    for index, character in enumerate(lines[line] if line < len(lines) else ""):
        if width >= column:
            return index
        width += _TAB_WIDTH - width % _TAB_WIDTH if character == "\t" else len(character.encode("utf-8", "replace"))
    return len(lines[line]) if line < len(lines) else 0
