"""Which files of the work tree are there for us: below the configured folders, known to Git, never outside."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.file_findings import make_finding, make_warning
from reconciler.git import find_work_tree, list_files, list_not_checked_out
from reconciler.model import Finding, Location

_OTHER_REPOSITORY = "a repository of its own (a submodule), whose files are not read"


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
    findings += _check_sparse(root, paths, (known or frozenset()) - found.keys())
    return tuple(found[path] for path in sorted(found)), tuple(dict.fromkeys(findings))


def _walk(root: Path, real_root: str, base: str, known: frozenset[str] | None) -> Iterator[str | Finding]:
    if finding := _check_base(root, real_root, base, known):
        yield finding
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


def _check_base(root: Path, real_root: str, base: str, known: frozenset[str] | None) -> Finding | None:
    """Say why nothing is read below a configured folder, whatever lies there."""
    if not _is_inside(root / base, real_root):
        return _make_outside(base)
    if known is None:
        return None
    if base in known and (root / base).is_symlink():
        message, fix = "the folder is a link, which Git does not follow", "name the folder that it leads to"
    elif base in known or find_work_tree(root / base) != find_work_tree(root):
        message, fix = f"the folder belongs to {_OTHER_REPOSITORY}", "copy the schemas into this repository"
    else:
        return None
    return make_finding("LINK_NOT_FOLLOWED", message, Location(base), fix)


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
    message = f"the folder is {_OTHER_REPOSITORY}"
    return make_warning("LINK_NOT_FOLLOWED", message, Location(path), "copy the schemas into this repository")


def _check_sparse(root: Path, paths: Sequence[str], left_out: frozenset[str]) -> Iterator[Finding]:
    """Stop where Git has files that the work tree has not been given: they would count as dropped."""
    if all(os.path.lexists(root / path) for path in left_out):
        return
    missing = sorted(list_not_checked_out(root, paths))
    if missing:
        more = f" and {len(missing) - 1:,} more" if len(missing) > 1 else ""
        yield make_finding(
            "FILE_NOT_CHECKED_OUT",
            f"this sparse checkout leaves out {missing[0]}{more}, so what Git declares there cannot be told",
            Location(missing[0]),
            "run `git sparse-checkout disable`, or add the folders of `paths`: `git sparse-checkout add FOLDER`",
        )


def _make_unreadable(folder: str, error: OSError) -> Finding:
    if isinstance(error, FileNotFoundError):
        fix = "create the folder, or name another under `paths` in schemafed.yaml"
        return make_finding("PATH_MISSING", f"there is no folder `{folder}`", Location(folder), fix)
    reason = (error.strerror or "unknown reason").lower()
    return make_finding("PATH_UNREADABLE", f"the folder cannot be read: {reason}", Location(folder or "."))
