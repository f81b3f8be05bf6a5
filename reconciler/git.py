"""The few questions that we ask of Git, each by one run of it; :func:`ask` and :func:`run` are for the ledger's own.

A library between would be one more thing to load in every command that reads a work tree, for as many runs of Git.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from reconciler.errors import RepositoryError

_DIRTY = "-dirty"


def ask(
    folder: Path, *arguments: str, given: bytes = b"", variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run Git to its end, whatever it says; it never asks anybody for a password.

    Args:
        folder: where it runs.
        arguments: Git's own.
        given: what it reads from its standard input.
        variables: of its environment, beside ours.

    Raises:
        RepositoryError: the program is missing.
    """
    command = ["git", "-C", str(folder), *arguments]
    environment = {**os.environ, "LANGUAGE": "C", "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", **(variables or {})}
    try:
        # S603 asks for arguments that are checked: Git itself tells options from files, by `--` and its own options.
        return subprocess.run(command, capture_output=True, input=given, env=environment)  # noqa: S603
    except FileNotFoundError as error:
        raise RepositoryError("the program git is not there", fix="install Git, or put it on the PATH") from error


def run(folder: Path, *arguments: str, given: bytes = b"", variables: Mapping[str, str] | None = None) -> bytes:
    """Run Git and return what it prints; arguments as those of :func:`ask`.

    Raises:
        RepositoryError: Git is missing or refuses, in its own words.
    """
    done = ask(folder, *arguments, given=given, variables=variables)
    if done.returncode:
        # Settings for the one run come before the command.
        raise _make_error(folder, arguments[2 if arguments[0] == "-c" else 0], done.stderr)
    return done.stdout


def read_objects(folder: Path, names: Sequence[str]) -> list[bytes]:
    """Read some objects of a repository in one run, in their order.

    Raises:
        RepositoryError: one of them is not there.
    """
    content = run(folder, "cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode())
    found = []
    position = 0
    for name in names:
        head_end = content.index(b"\n", position)
        head = content[position:head_end].split()
        if len(head) != 3:
            raise RepositoryError(f"Git has no object {name} in {folder}", fix="fetch, or look with `git fsck`")
        position = head_end + 1 + int(head[2])
        found.append(content[head_end + 1 : position])
        position += 1
    return found


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
    root = find_work_tree(folder)
    if root is None or (root != folder.resolve() and _is_ignored(folder)):
        return None
    listed = _run(folder, "ls-files", "-c", "-o", "--exclude-standard", "-z", "--", *paths)
    return frozenset(path.rstrip("/") for path in listed.split("\0") if path)


def find_texts(
    folder: Path, texts: Sequence[str], paths: Sequence[str], endings_aside: Sequence[str] = ()
) -> frozenset[str]:
    """Find the files that hold one of some texts, as they are in the work tree, relative to the folder.

    Args:
        folder: a folder of a work tree.
        texts: to the letter; none has a line end.
        paths: folders to look into, relative to it.
        endings_aside: those of files that are left out.

    Raises:
        RepositoryError: the folder belongs to no work tree, or Git refuses.
    """
    # Settings of the user's own would change what is listed, and how.
    options = ("-l", "-z", "-a", "-F", "--untracked", "--no-recurse-submodules", "--no-color", "-f", "-")
    where = (*(f":(literal){path}" for path in paths), *(f":(exclude,glob)**/*{each}" for each in endings_aside))
    command = ("-c", "grep.fullName=false", "grep", *options, "--", *where)
    found = _ask(folder, *command, given="\n".join(texts))
    if found.returncode > 1:
        raise _make_error(folder, "grep", found.stderr)
    return frozenset(path for path in os.fsdecode(found.stdout).split("\0") if path)


def describe_commit(folder: Path) -> str | None:
    """The commit that the files below a folder are those of, followed by ``-dirty`` where they are not quite.

    None outside of a Git work tree, and before the first commit.

    Raises:
        RepositoryError: Git is missing or refuses.
    """
    if find_work_tree(folder) is None:
        return None
    head = _find_head(folder)
    return head and (f"{head}{_DIRTY}" if _list_changes(folder, head) else head)


def describe_head(folder: Path) -> str | None:
    """The commit that is checked out, whatever the files are; None outside of a work tree and before the first commit.

    Raises:
        RepositoryError: Git is missing or refuses.
    """
    return _find_head(folder) if find_work_tree(folder) else None


def is_dirty_commit(commit: str | None) -> bool:
    """Whether a description by :func:`describe_commit` is of files that are not quite committed."""
    return commit is not None and commit.endswith(_DIRTY)


def committed_part(commit: str) -> str:
    """The commit that a description by :func:`describe_commit` names, whether or not the files are quite its own."""
    return commit.removesuffix(_DIRTY)


def changed_files(folder: Path) -> tuple[str, ...]:
    """The files below a folder that differ from the checked out commit, untracked ones too, relative to the folder;
    none outside of a work tree.

    Raises:
        RepositoryError: Git is missing or refuses.
    """
    if find_work_tree(folder) is None:
        return ()
    return _list_changes(folder, _find_head(folder))


def commit_files(folder: Path, files: Sequence[str], message: str) -> int:
    """Commit some files as they are in the work tree, and nothing else.

    Args:
        folder: a folder of a work tree.
        files: relative to the folder; each exists, or its removal is staged.
        message: the whole commit message.

    Returns:
        the number of commits made: 0 where the files are what they were.

    Raises:
        RepositoryError: the folder belongs to no work tree, nobody is named as author, or Git refuses.
    """
    _raise_if_outside(folder)
    # A removal is staged already, and `git add` knows no file that is neither there nor tracked.
    if there := [file for file in files if os.path.lexists(folder / file)]:
        _run_over(folder, there, "add")
    staged = _run(folder, "diff", "--cached", "--name-only", "--relative", "-z").split("\0")
    if not set(files) & set(staged):
        return 0
    _run_over(folder, files, "commit", "--quiet", "--message", message)
    return 1


def start_work_tree(folder: Path) -> bool:
    """Make a folder a Git work tree whose branch is ``main``; nothing is committed.

    Returns:
        whether it is one now: not where Git is missing or refuses.
    """
    try:
        return _ask(folder, "init", "--quiet", "--initial-branch", "main").returncode == 0
    except RepositoryError:
        return False


def read_file_at(folder: Path, revision: str, path: str) -> bytes:
    """Read a file as it was at a revision.

    Args:
        folder: a folder of a work tree.
        revision: whatever Git takes for a commit: a branch, a tag, ``HEAD~2``, a hash.
        path: relative to the folder, with ``/``.

    Raises:
        RepositoryError: the folder belongs to no work tree, there is no such revision, or no such file in it.
    """
    commit = resolve_commit(folder, revision)
    content = _ask(folder, "cat-file", "blob", f"{commit}:./{path}")
    if content.returncode:
        raise RepositoryError(
            f"there is no file `{path}` at `{revision}` below {folder}",
            fix="the path counts from the folder that `-C` names, the present one by default",
        )
    return content.stdout


def resolve_commit(folder: Path, revision: str) -> str:
    """The commit that a revision names.

    Raises:
        RepositoryError: the folder belongs to no work tree, or there is no such revision.
    """
    _raise_if_outside(folder)
    found = _ask(folder, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    if found.returncode:
        raise RepositoryError(
            f"Git knows no revision `{revision}` in {folder}",
            fix="name a branch, a tag or a commit; a shallow clone may have to be deepened",
        )
    return found.stdout.decode().strip()


def restore_files(folder: Path, commit: str, files: Sequence[str]) -> None:
    """Make some files of the work tree, and what is staged of them, what they were at a commit.

    Args:
        files: relative to the folder; each was there at the commit.

    Raises:
        RepositoryError: Git refuses.
    """
    if files:
        _run_over(folder, files, "restore", f"--source={commit}", "--staged", "--worktree")


def remove_files(folder: Path, files: Sequence[str]) -> None:
    """Remove some files from the work tree and stage that; arguments and errors as for :func:`restore_files`."""
    if files:
        _run_over(folder, files, "rm", "--quiet")


def _run_over(folder: Path, files: Sequence[str], *arguments: str) -> str:
    """Run Git over some files and nothing else, by standard input, since a command line does not hold thousands."""
    names = "\0".join(f":(literal){file}" for file in files)
    return _run(folder, *arguments, "--pathspec-from-file=-", "--pathspec-file-nul", given=names)


def _raise_if_outside(folder: Path) -> None:
    """Stop where a folder belongs to no work tree.

    Raises:
        RepositoryError: it belongs to none.
    """
    if find_work_tree(folder) is None:
        raise _make_outside(folder)


def _find_head(folder: Path) -> str | None:
    """The commit that is checked out; None before the first one."""
    # Git tells a branch without commits by its exit code, and everything that is wrong by its words.
    found = _ask(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if found.returncode and found.stderr:
        raise _make_error(folder, "rev-parse", found.stderr)
    return found.stdout.decode().strip() or None


def _list_changes(folder: Path, head: str | None) -> tuple[str, ...]:
    listed = _run(folder, "ls-files", "-o", "--exclude-standard", "-z")
    if head:
        listed += _run(folder, "diff", "--name-only", "--relative", "--no-ext-diff", "-z", "HEAD", "--", ".")
    else:
        listed += _run(folder, "ls-files", "-c", "-z")
    return tuple(sorted({path for path in listed.split("\0") if path}))


def _is_ignored(folder: Path) -> bool:
    return _ask(folder, "check-ignore", "--quiet", str(folder.resolve())).returncode == 0


def _run(folder: Path, *arguments: str, given: str = "") -> str:
    return os.fsdecode(run(folder, *arguments, given=os.fsencode(given)))


def _ask(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[bytes]:
    return ask(folder, *arguments, given=os.fsencode(given))


def _make_error(folder: Path, command: str, stderr: bytes) -> RepositoryError:
    words = stderr.decode("utf-8", "replace").strip()
    if "not a git repository" in words:
        return _make_outside(folder)
    fix = "run `git config --global --add safe.directory '*'`" if "dubious ownership" in words else None
    return RepositoryError(f"`git {command}` failed in {folder}: {words}", fix=fix)


def _make_outside(folder: Path) -> RepositoryError:
    return RepositoryError(f"{folder} is not in a Git work tree", fix="run `git init`, or use `-C DIR`")
