"""The corpus as its index tells it: files with what is known of them, and histories to replay."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORMATS = ("AVRO", "JSON", "PROTOBUF")


@dataclass(frozen=True)
class IndexedFile:
    """What the index says about one file.

    ``path`` is below the corpus, ``original`` in its repository; ``references`` are paths of the same revision;
    ``names`` of Avro have the outermost last, of Protobuf the package; ``external`` is what the file needs and the
    corpus does not have.
    """

    path: str
    original: str
    format: str
    source: str
    references: tuple[str, ...]
    external: tuple[str, ...]
    names: tuple[str, ...]
    is_valid: bool


@dataclass(frozen=True)
class Snapshot:
    """One revision of a source: the whole tree after it, and what it changed; original path to path in the corpus."""

    label: str
    tree: Mapping[str, str]
    added: Mapping[str, str]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class Corpus:
    """Where the corpus is, and its index."""

    folder: Path
    files: Mapping[str, IndexedFile]
    snapshots: Mapping[str, tuple[Snapshot, ...]]

    def read_text(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")


def load_corpus(folder: Path) -> Corpus:
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    files = {entry["path"]: _make_file(entry) for entry in index["files"]}
    by_source: dict[str, list[dict[str, Any]]] = {}
    for entry in index["snapshots"]:
        by_source.setdefault(entry["source"], []).append(entry)
    return Corpus(folder, files, {source: tuple(_replay(entries)) for source, entries in by_source.items()})


def _make_file(entry: Mapping[str, Any]) -> IndexedFile:
    return IndexedFile(
        entry["path"],
        entry["original"],
        entry["format"],
        entry["source"],
        tuple(entry.get("references") or ()),
        tuple(map(str, entry.get("external") or ())),
        tuple(entry.get("names") or ()),
        entry["valid"],
    )


def _replay(entries: list[dict[str, Any]]) -> Iterator[Snapshot]:
    tree: dict[str, str] = {}
    for entry in entries:
        for path in entry["remove"]:
            del tree[path]
        tree.update(entry["add"])
        yield Snapshot(entry["label"], dict(tree), entry["add"], tuple(entry["remove"]))
