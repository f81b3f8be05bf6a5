"""Which files of the work tree are there for us: below the configured folders, known to Git, never outside."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.file_findings import make_finding, make_warning
from reconciler.git import list_files
from reconciler.model import Finding, Location


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file below one of the configured folders.

    ``path`` is relative to the root, ``base`` is that folder ('' for the root itself); ``folder`` is the one that holds
    it and ``name`` the last part of its path.
    """

    path: str
    base: str
    folder: str = field(init=False)
    name: str = field(init=False)

    def __post_init__(self) -> None:
        # Asked for many times a file, so taken apart once.
        folder, _, name = self.path.rpartition("/")
        object.__setattr__(self, "folder", folder)
        object.__setattr__(self, "name", name)

    @property
    def below_base(self) -> str:
        """The path relative to the configured folder."""
        return self.path[len(self.base) + 1 :] if self.base else self.path


def read_tree(root: Path, paths: Sequence[str]) -> tuple[tuple[SourceFile, ...], tuple[Finding, ...]]:
    """List the files of the desired state, ordered by path.

    In a Git work tree, files that Git ignores are left out; elsewhere every file counts. Names that start with a dot
    are left out everywhere. A link counts as the file that it points to, unless that lies outside of the root.

    Raises:
        RepositoryError: Git refuses to answer.
    """
    known = list_files(root, paths)
    real_root = os.path.realpath(root)
    found: dict[str, SourceFile] = {}
    findings: list[Finding] = []
    for path in dict.fromkeys(paths):
        base = "" if path == "." else path
        for entry in _walk(root, real_root, base, known):
            if isinstance(entry, Finding):
                findings.append(entry)
            elif known is None or entry in known:
                found.setdefault(entry, SourceFile(entry, base))
    return tuple(found[path] for path in sorted(found)), tuple(dict.fromkeys(findings))


def _walk(root: Path, real_root: str, base: str, known: frozenset[str] | None) -> Iterator[str | Finding]:
    if not _is_inside(root / base, real_root):
        yield _make_outside(base)
        return
    folders = [base]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(root / folder) as entries:
                listed = sorted(entries, key=lambda e: e.name)
        except OSError as error:
            yield _make_unreadable(folder, error)
            continue
        for entry in listed:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if known is not None and path in known:
                    yield _make_other_repository(path)
                else:
                    folders.append(path)
            elif finding := _check_file(entry, path, real_root, known):
                yield finding
            elif entry.is_file():
                yield path


def _check_file(entry: os.DirEntry[str], path: str, real_root: str, known: frozenset[str] | None) -> Finding | None:
    try:
        path.encode()
    except UnicodeEncodeError:
        return make_finding("PATH_INVALID", "the file's name is not UTF-8", Location(ascii(path)), "rename the file")
    if not entry.is_symlink() or (known is not None and path not in known):
        return None
    if not _is_inside(Path(entry.path), real_root):
        return _make_outside(path)
    if entry.is_dir():
        fix = "name the folder itself under `paths` in schemafed.yaml"
        return make_warning("LINK_NOT_FOLLOWED", "links to folders are not followed", Location(path), fix)
    if not entry.is_file():
        return make_finding("PATH_INVALID", "the link points to nothing", Location(path), "remove or mend the link")
    return None


def _is_inside(path: Path, real_root: str) -> bool:
    real = os.path.realpath(path)
    return real == real_root or real.startswith(real_root.rstrip(os.sep) + os.sep)


def _make_outside(path: str) -> Finding:
    message = "the link points outside of the repository, where nothing is read"
    return make_finding("PATH_OUTSIDE", message, Location(path), "put the file itself here")


def _make_other_repository(path: str) -> Finding:
    message = "the folder is a repository of its own (a submodule), whose files are not read"
    return make_warning("LINK_NOT_FOLLOWED", message, Location(path), "copy the schemas into this repository")


def _make_unreadable(folder: str, error: OSError) -> Finding:
    if isinstance(error, FileNotFoundError):
        fix = "create the folder, or name another under `paths` in schemafed.yaml"
        return make_finding("PATH_MISSING", f"there is no folder `{folder}`", Location(folder), fix)
    reason = (error.strerror or "unknown reason").lower()
    return make_finding("PATH_UNREADABLE", f"the folder cannot be read: {reason}", Location(folder or "."))
