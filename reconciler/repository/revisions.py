"""The desired state of another revision: its files, written into a folder of their own for as long as they are read."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from reconciler import git
from reconciler.config import FILE_NAME
from reconciler.files import WAIVERS_NAME
from reconciler.repository import load_desired_state
from reconciler.repository.concerned import Difference
from reconciler.repository.references import pin_sidecar_path, resolve_pin
from reconciler.repository.sources import FORMAT_BY_ENDING, YAML_ENDINGS
from reconciler.repository.state import DesiredState
from reconciler.yaml_lines import YamlError, parse_yaml

_LINK = "120000"
_FILES = frozenset({"100644", "100755", _LINK})


class TreeEntry(NamedTuple):
    """One file of a revision: its mode as Git writes it, and the name of its content."""

    mode: str
    content: str


def read_tree_at(root: Path, revision: str, folders: Collection[str]) -> dict[str, TreeEntry]:
    """List the files of a revision that a desired state is made of, by their paths; submodules are left out.

    Args:
        root: the folder that holds schemafed.yaml, below which the files are looked for.
        revision: a commit, or a tree.
        folders: those that hold schemas.

    Raises:
        RepositoryError: Git refuses, has no such revision, or a sidecar that may tell of pins is not in this clone.
    """
    return select_files(root, read_whole_tree_at(root, revision), folders)


def read_whole_tree_at(root: Path, revision: str) -> dict[str, TreeEntry]:
    """List all files of a revision below a folder; arguments and errors as for :func:`read_tree_at`."""
    found = {}
    for row in os.fsdecode(git.run(root, "ls-tree", "-r", "-z", revision)).split("\0"):
        head, _, path = row.partition("\t")
        mode, _, content = head.partition(" ")
        if mode in _FILES:
            found[path] = TreeEntry(mode, content.rpartition(" ")[2])
    return found


def select_files(root: Path, tree: Mapping[str, TreeEntry], folders: Collection[str]) -> dict[str, TreeEntry]:
    """Those files of a tree that a desired state is made of: those in its folders, and what is pinned outside of them.

    Arguments and errors as for :func:`read_tree_at`.
    """
    prefixes = tuple(f"{folder}/" for folder in folders)
    wanted = {FILE_NAME, WAIVERS_NAME}
    chosen = {p: e for p, e in tree.items() if "." in folders or p in wanted or p.startswith(prefixes)}
    outside = {p for p in tree.keys() - chosen.keys() if p.endswith(tuple(FORMAT_BY_ENDING))}
    waiting = {path: entry for path, entry in chosen.items() if path.endswith(YAML_ENDINGS)} if outside else {}
    while waiting:
        contents = read_contents(root, waiting.values())
        pins = {pin for path, entry in waiting.items() for pin in _find_pins(path, contents[entry.content])}
        found = {path for pin in pins & outside for path in (pin, pin_sidecar_path(pin))}
        more = {path: tree[path] for path in found - chosen.keys() if path in tree}
        chosen |= more
        waiting = {path: entry for path, entry in more.items() if path.endswith(YAML_ENDINGS)}
    return chosen


def _find_pins(sidecar: str, content: bytes) -> Iterator[str]:
    """The files that a sidecar names under ``references``; none where it cannot be read, which is told elsewhere."""
    if b"file" not in content:
        return
    try:
        read = parse_yaml(content.decode())
    except (UnicodeDecodeError, YamlError):
        return
    entries = read.get("references") if isinstance(read, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(file := entry.get("file"), str):
            yield resolve_pin(sidecar, file)


def read_contents(root: Path, entries: Iterable[TreeEntry]) -> dict[str, bytes]:
    """Read the contents of files by their names, all in one run of Git.

    Raises:
        RepositoryError: one is not in this clone.
    """
    names = sorted({entry.content for entry in entries})
    return dict(zip(names, git.read_objects(root, names), strict=True))


def read_difference(root: Path, tree: Mapping[str, TreeEntry], changed: frozenset[str]) -> Difference:
    """Read what files were that differ from a revision.

    Args:
        root: the folder that the paths count from.
        tree: all files of the revision.
        changed: those that differ from it.

    Raises:
        RepositoryError: a content is not in this clone.
    """
    there = {path: tree[path] for path in changed if path in tree}
    contents = read_contents(root, there.values())
    before = {path: contents[entry.content] for path, entry in there.items()}
    same = {p: entry.content for p, entry in tree.items() if p not in changed and entry.mode != _LINK}
    return Difference(changed, before, same)


def load_state_of(
    root: Path,
    tree: Mapping[str, TreeEntry],
    environment: str | None,
    configuration: bytes | None = None,
    contents: Mapping[str, bytes] | None = None,
) -> DesiredState:
    """Load what some files of a revision declare, as if they were the work tree.

    Args:
        root: a folder of the repository.
        tree: the files, by their paths.
        environment: as for :func:`reconciler.repository.load_desired_state`.
        configuration: a schemafed.yaml to read them by, in place of the one among them.
        contents: those of the files, by their names, where they are read already.

    Raises:
        ConfigurationError: there is no schemafed.yaml.
        UsageError: there is no such environment.
        RepositoryError: a content is not in this clone.
    """
    known = read_contents(root, tree.values()) if contents is None else contents
    with TemporaryDirectory(prefix="schemafed-") as folder:
        for path, entry in tree.items():
            _write(Path(folder, path), entry, known[entry.content])
        if configuration is not None:
            Path(folder, FILE_NAME).write_bytes(configuration)
        return load_desired_state(Path(folder), environment)


def _write(file: Path, entry: TreeEntry, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if entry.mode == _LINK:
        file.symlink_to(os.fsdecode(content))
    else:
        file.write_bytes(content)
