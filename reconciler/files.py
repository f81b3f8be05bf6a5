"""Reading a file of the repository, no more of it than is wanted, and its text."""

from __future__ import annotations

import os
from pathlib import Path

FILE_NAME = "schemafed.yaml"
"""What makes a folder the root of a repository."""
DEFAULT_PATHS = ("schemas",)
"""The folders that hold the schemas where it names none."""
WAIVERS_NAME = "waivers.yaml"
"""Waivers of the schemas of its folder and below."""
_FIRST = 16_000
_POINTER = b"version https://git-lfs.github.com/spec/"
"""How every file begins that Git LFS puts in place of another (its specification, "The Pointer")."""


def read_at_most(root: Path | str, path: str, limit: int) -> bytes:
    """Read a file, and of one that is larger than ``limit`` bytes, one byte more than that.

    Raises:
        OSError: it cannot be read.
    """
    # Thousands of small files are read: a Path or a file object for each would cost more than reading.
    descriptor = os.open(f"{root}/{path}", os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        raw = os.read(descriptor, min(_FIRST, limit + 1))
        if len(raw) < _FIRST:
            return raw
        pieces = [raw]
        left = limit + 1 - len(raw)
        while left > 0 and (piece := os.read(descriptor, left)):
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)
    finally:
        os.close(descriptor)


def is_lfs_pointer(raw: bytes) -> bool:
    """Whether a file is what Git LFS puts in place of the one that was not fetched."""
    return raw.startswith(_POINTER)


def decode_text(raw: bytes) -> str:
    """Decode UTF-8, with the byte-order mark cut and line ends as Git keeps them.

    Raises:
        UnicodeDecodeError: it is not UTF-8.
    """
    text = raw.decode("utf-8").removeprefix("\ufeff")
    return text.replace("\r\n", "\n") if "\r" in text else text
