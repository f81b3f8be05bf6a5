"""Which subjects a change of files may concern; rather too many than one too few."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from reconciler import git
from reconciler.config import FILE_NAME
from reconciler.errors import RepositoryError
from reconciler.files import WAIVERS_NAME

_OF_FOLDERS = ("defaults.yaml", WAIVERS_NAME)
_SIDECAR_ENDINGS = (".meta.yaml", ".meta.yml", ".yaml", ".yml")
_SCHEMA_ENDINGS = (".avsc", ".avro", ".json", ".proto")


def read_changed_files(root: Path, commit: str) -> frozenset[str]:
    """Read which files below a folder differ from a commit, removed and untracked ones too, relative to the folder.

    Args:
        root: the folder.
        commit: one that the clone has.

    Raises:
        RepositoryError: the folder is in no work tree, or there is no such commit.
    """
    if git.find_work_tree(root) is None:
        raise RepositoryError(f"{root} is not in a Git work tree", fix="leave out --since, or run `git init`")
    options = ("--name-only", "--relative", "--no-renames", "--no-ext-diff", "-z", "--end-of-options")
    listed = git.run(root, "diff", *options, f"{commit}^{{commit}}", "--", ".")
    listed += git.run(root, "ls-files", "-o", "--exclude-standard", "-z")
    return frozenset(os.fsdecode(name) for name in listed.split(b"\0") if name)


def find_touched(
    parts: Mapping[str, frozenset[str]], changed: Collection[str], folders: Iterable[str]
) -> frozenset[str] | None:
    """The files of subjects that a change of files may concern.

    A removed sidecar concerns the schemas that share its stem, a defaults.yaml or waivers.yaml its folder and below.
    What else is no part of anything now may have been one of any.

    Args:
        parts: by the files that declare a subject now, or did when it was applied: all that they are made of.
        changed: relative to the repository's root, with ``/``.
        folders: where the schemas are.

    Returns:
        the files among those of ``parts``; None for all of them.
    """
    files, folders = frozenset(parts), tuple(folders)
    touched = frozenset(file for file, made_of in parts.items() if file in changed or not made_of.isdisjoint(changed))
    known = files.union(*parts.values())
    for path in changed:
        if path in known or not _matters(path, folders):
            continue
        concerned = frozenset(_find_concerned(path, files))
        if path == FILE_NAME or (not concerned and not _is_setting(path)):
            return None
        touched |= concerned
    return touched


def _matters(path: str, folders: Iterable[str]) -> bool:
    is_inside = any(folder == "." or path.startswith(f"{folder}/") for folder in folders)
    return is_inside or path in (FILE_NAME, WAIVERS_NAME) or path.endswith(_SCHEMA_ENDINGS)


def _is_setting(path: str) -> bool:
    return path.endswith(_SIDECAR_ENDINGS)


def _find_concerned(path: str, files: Iterable[str]) -> Iterator[str]:
    """The schemas of a sidecar, or of a folder of defaults or waivers."""
    at = PurePosixPath(path)
    if at.name in _OF_FOLDERS:
        folder = "" if str(at.parent) == "." else f"{at.parent}/"
        yield from (f for f in files if f.startswith(folder))
        return
    ending = next((e for e in _SIDECAR_ENDINGS if path.endswith(e)), None)
    if ending:
        stem = f"{path.removesuffix(ending)}."
        yield from (f for f in files if f.startswith(stem) or f == path.removesuffix(ending))
