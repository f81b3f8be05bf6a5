"""Reading a file of the repository, no more of it than is wanted."""

from __future__ import annotations

import os
from pathlib import Path

_FIRST = 16_000


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
