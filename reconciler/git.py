"""The few questions that we ask of Git, through GitPython, which is imported only when there is a work tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.errors import RepositoryError

if TYPE_CHECKING:
    from git import Repo

_DIRTY = "-dirty"


def find_work_tree(folder: Path) -> Path | None:
    """Find the root of the Git work tree that a folder belongs to; None where it belongs to none."""
    absolute = folder.resolve()
    return next((path for path in (absolute, *absolute.parents) if (path / ".git").exists()), None)


def list_files(folder: Path, paths: Sequence[str] = ()) -> frozenset[str] | None:
    """List the files below a folder that Git tracks or would track, relative to the folder.

    Ignored files are left out; files that were deleted but not committed are still there. A repository within the
    repository is one entry, its folder.

    Args:
        folder: a folder of a work tree.
        paths: folders to look into, relative to it; all of it when empty.

    Returns:
        the files, or None where the folder belongs to no work tree, or is itself ignored by the one around it.

    Raises:
        RepositoryError: Git is missing or refuses.
    """
    if find_work_tree(folder) is None:
        return None
    with _open(folder) as repo:
        if _is_ignored(repo, folder):
            return None
        listed = _run(repo, folder, "ls-files", "-c", "-o", "--exclude-standard", "-z", "--", *paths)
    return frozenset(path.rstrip("/") for path in listed.split("\0") if path)


def describe_commit(folder: Path) -> str | None:
    """The commit that the files below a folder are those of, followed by ``-dirty`` where they are not quite.

    None outside of a Git work tree, and before the first commit.

    Raises:
        RepositoryError: Git is missing or refuses.
    """
    if find_work_tree(folder) is None:
        return None
    with _open(folder) as repo:
        head = repo.head.commit.hexsha if repo.head.is_valid() else None
    return head and (f"{head}{_DIRTY}" if changed_files(folder) else head)


def is_dirty_commit(commit: str | None) -> bool:
    """Whether a description by :func:`describe_commit` is of files that are not quite committed."""
    return commit is not None and commit.endswith(_DIRTY)


def changed_files(folder: Path) -> tuple[str, ...]:
    """The files below a folder that differ from the checked out commit, untracked ones too, relative to the folder;
    none outside of a work tree.

    Raises:
        RepositoryError: Git is missing or refuses.
    """
    if find_work_tree(folder) is None:
        return ()
    with _open(folder) as repo:
        listed = _run(repo, folder, "ls-files", "-o", "--exclude-standard", "-z")
        if repo.head.is_valid():
            listed += _run(repo, folder, "diff", "--name-only", "--relative", "--no-ext-diff", "-z", "HEAD", "--", ".")
        else:
            listed += _run(repo, folder, "ls-files", "-c", "-z")
    return tuple(sorted({path for path in listed.split("\0") if path}))


def commit_files(folder: Path, files: Sequence[str], message: str) -> int:
    """Commit some files as they are in the work tree, and nothing else.

    Args:
        folder: a folder of a work tree.
        files: relative to the folder; all of them exist.
        message: the whole commit message.

    Returns:
        the number of commits made: 0 where the files are what they were.

    Raises:
        RepositoryError: the folder belongs to no work tree, nobody is named as author, or Git refuses.
    """
    with _open(folder) as repo:
        _run(repo, folder, "add", "--", *files)
        if not _run(repo, folder, "diff", "--cached", "--name-only", "-z", "--", *files):
            return 0
        _run(repo, folder, "commit", "--quiet", "--message", message, "--", *files)
    return 1


def read_file_at(folder: Path, revision: str, path: str) -> bytes:
    """Read a file as it was at a revision.

    Args:
        folder: a folder of a work tree.
        revision: whatever Git takes for a commit: a branch, a tag, ``HEAD~2``, a hash.
        path: relative to the folder, with ``/``.

    Raises:
        RepositoryError: the folder belongs to no work tree, there is no such revision, or no such file in it.
    """
    from git import GitCommandError

    with _open(folder) as repo:
        try:
            commit = _run(repo, folder, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}").strip()
        except RepositoryError as error:
            raise RepositoryError(
                f"Git knows no revision `{revision}` in {folder}",
                fix="name a branch, a tag or a commit; a shallow clone may have to be deepened",
            ) from error
        try:
            content: bytes = repo.git.execute(
                ["git", "-C", str(folder), "cat-file", "blob", f"{commit}:./{path}"],
                strip_newline_in_stdout=False,
                stdout_as_string=False,
            )
        except GitCommandError as error:
            raise RepositoryError(
                f"there is no file `{path}` at `{revision}` below {folder}",
                fix="the path counts from the folder that `-C` names, the present one by default",
            ) from error
    return content


@contextmanager
def _open(folder: Path) -> Iterator[Repo]:
    try:
        from git import InvalidGitRepositoryError, NoSuchPathError, Repo
        from git.exc import GitCommandNotFound
    except ImportError as error:
        raise RepositoryError("the program git is not there", fix="install Git, or put it on the PATH") from error
    try:
        repo = Repo(folder, search_parent_directories=True)
    except (InvalidGitRepositoryError, NoSuchPathError) as error:
        raise RepositoryError(f"{folder} is not in a Git work tree", fix="run `git init`, or use `-C DIR`") from error
    except GitCommandNotFound as error:
        raise RepositoryError("the program git is not there", fix="install Git, or put it on the PATH") from error
    with repo:
        yield repo


def _is_ignored(repo: Repo, folder: Path) -> bool:
    if repo.working_tree_dir is None or folder.resolve() == Path(repo.working_tree_dir).resolve():
        return False
    return bool(repo.ignored(str(folder.resolve())))


def _run(repo: Repo, folder: Path, *arguments: str) -> str:
    from git import GitCommandError

    try:
        answer: str = repo.git.execute(["git", "-C", str(folder), *arguments], strip_newline_in_stdout=False)
    except GitCommandError as error:
        words = str(error.stderr).strip().removeprefix("stderr: ").strip("'\n ")
        fix = "run `git config --global --add safe.directory '*'`" if "dubious ownership" in words else None
        raise RepositoryError(f"`git {arguments[0]}` failed in {folder}: {words}", fix=fix) from error
    return answer
