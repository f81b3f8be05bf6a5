"""``init``: a repository of schemas, from the template that ships with schemafed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from reconciler import resources
from reconciler.errors import RepositoryError
from reconciler.git import find_work_tree, start_work_tree
from reconciler.operations.schema import render_schema

KINDS: Mapping[str, str | None] = {"local": None, "confluent": ".kinds/confluent", "pulsar": ".kinds/pulsar"}
"""Kinds of registry that a repository can start with, each with the template's folder that overlays the common files.

A kind more is a row here and a folder there; an empty file there leaves the common one out.
"""
EDITED_FILES = ("schemafed", "defaults", "sidecar")
"""The files that people write, whose JSON Schemas editors find in :data:`PUBLISHED_FOLDER`."""
PUBLISHED_FOLDER = ".schemafed/schemas"
"""Where the template's editor settings look."""


class GitOutcome(StrEnum):
    """What became of Git: the folder was in a repository, got one, or stays without."""

    PRESENT = "present"
    BEGUN = "begun"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Initialised:
    """What ``init`` did: the files written and those kept as they were, relative to ``root`` with ``/``."""

    root: Path
    kind: str
    written: tuple[str, ...]
    kept: tuple[str, ...]
    git: GitOutcome


def init(root: Path, kind: str = "local", *, keep: bool = False) -> Initialised:
    """Copy the template into a folder, which is made if needed; no file that exists is changed.

    A folder that is new or empty, and in no Git repository, becomes one with the branch ``main``.

    Args:
        root: the folder.
        kind: a key of :data:`KINDS`.
        keep: keep files that exist and write the others.

    Raises:
        RepositoryError: files exist (they are listed, and nothing is written), or the folder cannot be written.
    """
    files = load_template(kind)
    existing = tuple(name for name in files if _is_taken(root, name))
    if existing and not keep:
        raise RepositoryError(
            f"{root} already holds files that the template would write: {', '.join(existing)}; nothing was written",
            fix="choose another folder, or say --keep to keep these as they are and write the others",
        )
    is_fresh = not root.exists() or (root.is_dir() and not any(root.iterdir()))
    written = {name: text for name, text in files.items() if name not in existing}
    _write_files(root, written)
    return Initialised(root, kind, tuple(written), existing, _begin_git(root, is_fresh=is_fresh))


def load_template(kind: str) -> dict[str, str]:
    """Read what ``init`` writes for a kind of registry: texts by path relative to the repository's root."""
    template = resources.find_template()
    common = dict(_read_folder(template))
    own = {name: text for name, text in common.items() if not name.startswith(".kinds/")}
    overlay = KINDS[kind]
    special = dict(_read_folder(template / overlay)) if overlay else {}
    published = {f"{PUBLISHED_FOLDER}/{name}.json": render_schema(name) for name in EDITED_FILES}
    return {name: text for name, text in sorted({**own, **special, **published}.items()) if text}


def _read_folder(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8")


def _is_taken(root: Path, name: str) -> bool:
    """Whether a file is there, or something that is no folder stands where its folder would be."""
    path = root / name
    folders = [root / parent for parent in PurePosixPath(name).parents]
    return path.exists() or path.is_symlink() or any(f.exists() and not f.is_dir() for f in folders)


def _write_files(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except OSError as error:
            raise RepositoryError(
                f"cannot write {path}: {error.strerror}", fix="make the folder writable, or choose another one"
            ) from error


def _begin_git(root: Path, *, is_fresh: bool) -> GitOutcome:
    if find_work_tree(root):
        return GitOutcome.PRESENT
    # Without Git the template is of use all the same, and the report says what is missing.
    return GitOutcome.BEGUN if is_fresh and start_work_tree(root) else GitOutcome.ABSENT
