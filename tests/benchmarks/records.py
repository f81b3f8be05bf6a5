"""A ledger with a long past, written by one `git fast-import` on top of a real one.

`python -m tests.benchmarks.records FOLDER REF COUNT` adds as many records, each of one subject that was applied again
from another commit. The words are the product's own, since it has to read them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from reconciler.ledger.documents import render_message
from reconciler.ledger.entries import render_lines
from reconciler.ledger.values import ChangeOutcome, RecordKind

_WHO = "bench <bench@localhost>"
_BEGAN = 1_700_000_000
_DIGEST = "0" * 64


def write_records(root: Path, ref: str, count: int) -> None:
    """Append records to a ledger that has subjects."""
    tip = _git(root, "rev-parse", ref).strip()
    sources = list(islice(cycle(_git(root, "rev-list", "--first-parent", "main").split()), count))
    shards = {path: json.loads(_git(root, "show", f"{tip}:{path}")) for path in _list_shards(root, tip)}
    stream = b"".join(_make_stream(ref, tip, sources[::-1], shards))
    subprocess.run(["git", "-C", str(root), "fast-import", "--quiet", "--done"], input=stream, check=True)


def measure_ledger(root: Path, ref: str) -> int:
    """The bytes on disk of everything that only the ledger holds."""
    return int(_git(root, "rev-list", "--objects", "--disk-usage", ref, "--not", "main"))


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, text=True).stdout


def _list_shards(root: Path, tip: str) -> list[str]:
    paths = _git(root, "ls-tree", "-r", "--name-only", tip).splitlines()
    return [path for path in paths if "/" in path and not path.endswith("level.json")]


def _make_stream(ref: str, tip: str, sources: list[str], shards: Mapping[str, dict[str, Any]]) -> Iterator[bytes]:
    subjects = cycle([(path, name) for path, names in shards.items() for name in names])
    for number, (source, (path, name)) in enumerate(zip(sources, subjects, strict=False)):
        registry = path.partition("/")[0]
        shards[path][name]["commit"] = source
        entry = shards[path][name]
        outcome = ChangeOutcome("register_schema", registry, name, "applied", entry["version"], file=entry["file"])
        message = render_message(
            RecordKind.RECORD,
            ref.rpartition("/")[2],
            f"apply {registry}: 1 applied",
            source=source,
            digest=_DIGEST,
            outcomes=[outcome],
        ).encode()
        content = render_lines(shards[path]).encode()
        yield f"commit {ref}\ncommitter {_WHO} {_BEGAN + number} +0000\ndata {len(message)}\n".encode()
        yield message
        yield (f"\nfrom {tip}\n" if number == 0 else "\n").encode()
        yield f"merge {source}\nM 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n"
    yield b"done\n"


if __name__ == "__main__":
    write_records(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
