"""Secrets: ``${...}`` in configuration becomes text only when a registry is really spoken to.

``${NAME}`` and ``${NAME:-default}`` are environment variables, ``${file:PATH}`` is a file's text without its last line
end; the other sources are in ``sources.py``.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from reconciler.errors import SecretError
from reconciler.secrets.expressions import Lookup, Part, Variable, parse_value
from reconciler.secrets.sources import SecretSource, check_target, open_source

__all__ = ["Lookup", "Secrets", "Variable", "check_value", "parse_value"]

MAX_FILE_BYTES = 1_000_000


def check_value(text: str) -> None:
    """Check the syntax of every ``${...}`` of a value, and that its source exists, without resolving anything.

    Raises:
        SecretError: as :func:`parse_value` does, or an unknown scheme.
    """
    for part in parse_value(text):
        if isinstance(part, Lookup) and part.scheme != _FILE:
            check_target(part.scheme, part.target)


class Secrets:
    """Resolves ``${...}`` for one run; each file and each secret is read once. Safe for several threads.

    Args:
        variables: the environment variables, those of the process unless told.
    """

    def __init__(self, variables: Mapping[str, str] = os.environ) -> None:
        self._variables = variables
        self._files: dict[Path, str] = {}
        self._sources: dict[str, SecretSource] = {}
        self._found: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def resolve(self, text: str, root: Path, allowed_files: Sequence[str] = ()) -> tuple[str, tuple[str, ...]]:
        """Resolve every ``${...}`` of a value.

        Args:
            text: the value as it stands in the configuration.
            root: the repository's root, against which the paths of files count.
            allowed_files: patterns of absolute paths outside of the root that may be read.

        Returns:
            the value, and those pieces of it that came from a secret source whatever the key is.

        Raises:
            SecretError: a variable is not set, a file or secret cannot be read or may not be, or the syntax is wrong.
        """
        pieces: list[str] = []
        found: list[str] = []
        for part in parse_value(text):
            piece = self._resolve_part(part, root, allowed_files)
            pieces.append(piece)
            if isinstance(part, Lookup):
                found.append(piece)
        return "".join(pieces), tuple(found)

    def _resolve_part(self, part: Part, root: Path, allowed_files: Sequence[str]) -> str:
        if isinstance(part, str):
            return part
        if isinstance(part, Variable):
            return self._resolve_variable(part)
        if part.scheme == _FILE:
            return self._read_file(part.target, root, allowed_files)
        return self._ask_source(part)

    def _ask_source(self, lookup: Lookup) -> str:
        key = (lookup.scheme, lookup.target)
        with self._lock:
            if key not in self._found:
                check_target(*key)
                if lookup.scheme not in self._sources:
                    self._sources[lookup.scheme] = open_source(lookup.scheme, self._variables)
                self._found[key] = self._sources[lookup.scheme].read(lookup.target)
            return self._found[key]

    def _resolve_variable(self, variable: Variable) -> str:
        # As in a shell, `:-` also stands in for a variable that is set and empty.
        value = self._variables.get(variable.name)
        if value or (value is not None and variable.default is None):
            return value
        if variable.default is not None:
            return variable.default
        raise SecretError(
            f"environment variable {variable.name} is not set",
            fix=f"set {variable.name}, or write a default: `${{{variable.name}:-...}}`",
        )

    def _read_file(self, target: str, root: Path, allowed_files: Sequence[str]) -> str:
        if "\0" in target:
            raise SecretError("the name of a file holds a NUL character")
        path = Path(os.path.normpath(root / target))
        if path not in self._files:
            _raise_if_outside(path, target, root, allowed_files)
            self._files[path] = _read_text(path, target)
        return self._files[path]


_FILE = "file"


def _raise_if_outside(path: Path, target: str, root: Path, allowed_files: Sequence[str]) -> None:
    # What a link inside of the repository points to counts, not the link: whoever changes the repository could else
    # have any file of the machine read. Outside, where links are the machine owner's, the path as written counts too.
    real = Path(os.path.realpath(path))
    if real.is_relative_to(os.path.realpath(root)):
        return
    is_inside = path.is_relative_to(root)
    candidates = (str(real),) if is_inside else (str(real), str(path))
    if not any(fnmatchcase(candidate, pattern) for candidate in candidates for pattern in allowed_files):
        raise SecretError(
            f"file {target} lies outside of the repository",
            fix="name it, or its folder as `/folder/*`, under `allowed_files` in schemafed.yaml",
        )


def _read_text(path: Path, target: str) -> str:
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_FILE_BYTES + 1)
        text = raw.decode("utf-8")
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise SecretError(f"file {target} cannot be read: {reason}", fix="create it, or correct the path") from None
    except UnicodeDecodeError:
        raise SecretError(f"file {target} is not UTF-8 text") from None
    if len(raw) > MAX_FILE_BYTES:
        raise SecretError(f"file {target} is larger than 1 MB")
    return text.rstrip("\r\n")
