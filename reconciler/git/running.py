"""One run of Git: with settings that nobody's own change, of the repository that the folder says, and not for ever."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from reconciler.errors import RepositoryError

LEAST_VERSION = (2, 30)
"""The oldest Git that has every option which we use: `rev-parse --end-of-options` came last."""
_SETTINGS = (
    "core.quotePath=false",
    "grep.fullName=false",
    "i18n.logOutputEncoding=UTF-8",
    "log.diffMerges=separate",
    "log.showRoot=true",
    "log.showSignature=false",
)
"""Those that would change what Git prints, as we read it."""
_OF_A_HOOK = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_PREFIX"})
"""What Git tells its hooks of their repository; in ours, it would make the folder that Git runs in the root of it."""
_INDEX = "GIT_INDEX_FILE"
_PLAIN = {"LANGUAGE": "C", "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
_SPEED = {"GIT_HTTP_LOW_SPEED_LIMIT": "1", "GIT_HTTP_LOW_SPEED_TIME": "45"}
"""A server that sends nothing for so many seconds is given up; whoever sets these means it."""
_UNANSWERED = 124


def ask(
    folder: Path,
    *arguments: str,
    given: bytes = b"",
    variables: Mapping[str, str] | None = None,
    settings: Sequence[str] = (),
    patience: float | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run Git to its end, whatever it says; it never asks anybody for a password.

    Args:
        folder: where it runs, in the repository that is meant.
        arguments: Git's own.
        given: what it reads from its standard input.
        variables: of its environment, beside ours.
        settings: for this run, as ``name=value``.
        patience: after so many seconds it is ended, and counts as failed; None for commands that ask no server.

    Raises:
        RepositoryError: the program is missing, or too old.
    """
    set_for_it = [part for setting in (*_SETTINGS, *settings) for part in ("-c", setting)]
    command = ["git", "-C", str(folder), *set_for_it, *arguments]
    environment = {**_SPEED, **_make_environment(folder), **_PLAIN, **(variables or {})}
    try:
        # S603 asks for arguments that are checked: Git itself tells options from files, by `--` and its own options.
        done = subprocess.run(command, capture_output=True, input=given, env=environment, timeout=patience)  # noqa: S603
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, _UNANSWERED, b"", f"no answer within {patience:g} seconds".encode())
    except OSError as error:
        raise _make_missing(error) from error
    if done.returncode:
        _raise_if_old()
    return done


def run(
    folder: Path,
    *arguments: str,
    given: bytes = b"",
    variables: Mapping[str, str] | None = None,
    settings: Sequence[str] = (),
) -> bytes:
    """Run Git and return what it prints; arguments as those of :func:`ask`.

    Raises:
        RepositoryError: Git is missing, too old, or refuses, in its own words.
    """
    done = ask(folder, *arguments, given=given, variables=variables, settings=settings)
    if done.returncode:
        raise make_error(folder, arguments[0], done.stderr)
    return done.stdout


def run_text(folder: Path, *arguments: str, given: str = "") -> str:
    """The same for names of files: what goes in and comes out is text."""
    return os.fsdecode(run(folder, *arguments, given=os.fsencode(given)))


def make_error(folder: Path, command: str, stderr: bytes) -> RepositoryError:
    """What Git refuses, in its own words, and what to do where we know it."""
    words = stderr.decode("utf-8", "replace").strip()
    if "not a git repository" in words:
        return _make_outside(folder)
    if found := re.search(r"dubious ownership in repository at '(.*)'", words):
        return RepositoryError(
            f"Git does not trust the repository {found[1]}, since it belongs to another user",
            fix=f'if you do: `git config --global --add safe.directory "{found[1]}"`',
        )
    return RepositoryError(f"`git {command}` failed in {folder}: {words}")


def raise_if_outside(folder: Path) -> None:
    """Stop where a folder belongs to no work tree.

    Raises:
        RepositoryError: it belongs to none.
    """
    if find_work_tree(folder) is None:
        raise _make_outside(folder)


def hint_at_git_dir() -> str:
    """The end of a sentence, for whoever names a repository by variables, which we do not hear."""
    if "GIT_DIR" not in os.environ:
        return ""
    return "; GIT_DIR is not heard: let a file `.git` there say `gitdir: PATH`"


def find_work_tree(folder: Path) -> Path | None:
    """Find the root of the Git work tree that a folder belongs to; None where it belongs to none."""
    absolute = folder.resolve()
    return next((path for path in (absolute, *absolute.parents) if (path / ".git").exists()), None)


def _make_environment(folder: Path) -> dict[str, str]:
    """That of this process, without what a hook was told of a repository that need not be the folder's."""
    environment = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    # `git commit -a` hands its hooks an index of their own; that of another repository says nothing of ours.
    if _INDEX in environment and find_work_tree(Path.cwd()) != find_work_tree(folder):
        del environment[_INDEX]
    return environment


def _make_outside(folder: Path) -> RepositoryError:
    fix = f"run `git init`, or use `-C DIR`{hint_at_git_dir()}"
    return RepositoryError(f"{folder} is not in a Git work tree", fix=fix)


def _make_missing(error: OSError) -> RepositoryError:
    if isinstance(error, FileNotFoundError):
        return RepositoryError("the program git is not there", fix="install Git, or put it on the PATH")
    return RepositoryError(
        f"the program git cannot be run: {error.strerror or error}", fix="see that `git version` works"
    )


def _raise_if_old() -> None:
    """Tell of a Git that lacks what we use, before its own words are taken for anything else."""
    version = _read_version()
    if version is not None and version < LEAST_VERSION:
        least = ".".join(map(str, LEAST_VERSION))
        raise RepositoryError(
            f"Git {'.'.join(map(str, version))} is too old: schemafed needs {least} or newer", fix="install a newer Git"
        )


@cache
def _read_version() -> tuple[int, int] | None:
    said = subprocess.run(["git", "version"], capture_output=True, check=False).stdout  # noqa: S607
    found = re.search(rb"(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else None
