"""Reading a file of the repository, no more of it than is wanted."""

from __future__ import annotations

from pathlib import Path

_FIRST = 64_000


def read_at_most(root: Path | str, path: str, limit: int) -> bytes:
    """Read a file, and of one that is larger than ``limit`` bytes, one byte more than that.

    Raises:
        OSError: it cannot be read.
    """
    # Thousands of small files are read: a Path for each, or a buffer of the limit's size, would cost more than reading.
    with open(f"{root}/{path}", "rb", buffering=0) as stream:  # noqa: PTH123
        raw = stream.read(min(_FIRST, limit + 1))
        if len(raw) < _FIRST:
            return raw
        pieces = [raw]
        left = limit + 1 - len(raw)
        while left > 0 and (piece := stream.read(left)):
            pieces.append(piece)
            left -= len(piece)
    return b"".join(pieces)
