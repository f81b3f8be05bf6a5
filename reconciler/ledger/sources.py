"""Who applies, and from which commit."""

from __future__ import annotations

import getpass
import os
import re
import socket
import tempfile
from collections.abc import Collection
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePosixPath

from reconciler import git
from reconciler.errors import RepositoryError

_SETTINGS = "schemafed.yaml"
_ACTORS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILDKITE_BUILD_CREATOR", "CIRCLE_USERNAME", "BUILD_USER")
_PARTS = ((1, "NAME"), (2, "EMAIL"))
_NO_COMMIT = "this repository has no commit yet, and apply remembers from which commit it applied"


@cache
def find_identity(folder: Path) -> str:
    """Who runs this, as ``Name <address>``: whom Git is told, else whom the CI system names, else the user here."""
    told = git.ask(folder, "var", "GIT_COMMITTER_IDENT", settings=("user.useConfigOnly=true",))
    if told.returncode == 0:
        return told.stdout.decode("utf-8", "replace").rsplit(" ", 2)[0]
    actor = next((os.environ[name] for name in _ACTORS if os.environ.get(name)), None)
    if actor:
        return f"{_clean(actor)} <>"
    return f"{_clean(_user())} <{_clean(_user())}@{socket.gethostname()}>"


def describe_source(root: Path, paths: Collection[str]) -> str | None:
    """The commit that the files are those of; where they are not quite, with a digest of those that differ, and
    ``-dirty``.

    None outside of a Git work tree, and before the first commit.

    Args:
        root: the folder that holds schemafed.yaml.
        paths: the folders below it whose files matter.

    Raises:
        RepositoryError: Git is missing or refuses.
    """
    described = git.describe_commit(root)
    if described is None or not git.is_dirty_commit(described):
        return described
    within = [PurePosixPath(path) for path in (*paths, _SETTINGS)]
    changed = [name for name in git.changed_files(root) if any(PurePosixPath(name).is_relative_to(p) for p in within)]
    rows = "".join(f"{name}\0{_digest_file(root / name)}\0" for name in changed)
    digest = sha256(rows.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return f"{git.committed_part(described)}-{digest}-dirty"


def raise_if_changed(root: Path, described: str, paths: Collection[str]) -> None:
    """Stop where a plan was made from files that were not committed, and are others by now.

    Args: those of :func:`describe_source`, and what it said when the plan was made.

    Raises:
        RepositoryError: the files are not what they were.
    """
    if describe_source(root, paths) != described:
        raise RepositoryError(
            f"the plan was made from files that were not committed, on {described[:12]}, and they are others now",
            fix="plan again; what is recorded as applied must be what the plan was made from",
        )


def make_source(root: Path, described: str | None) -> str:
    """The commit whose files are applied.

    Args:
        root: the folder that holds schemafed.yaml.
        described: the commit that a plan was made from, as :func:`describe_source` says it.

    Returns:
        a commit. Where the files are not quite those of one, a commit is made of them as they are, on no branch, so
        that the ledger says the truth.

    Raises:
        RepositoryError: there is no commit, or it is not in this clone.
    """
    if described is None:
        raise RepositoryError(_NO_COMMIT, fix='`git add . && git commit -m "Begin"`')
    if git.is_dirty_commit(described):
        return _write_snapshot(root, described.partition("-")[0])
    commit = git.find_commit(root, described)
    if commit is None:
        raise RepositoryError(
            f"the plan was made from commit {described[:12]}, which is not in this clone",
            fix=f"`git fetch origin {described}`, or plan again here",
        )
    return commit


def _write_snapshot(root: Path, parent: str) -> str:
    """Commit the work tree as it is, through an index of its own, on no branch."""
    with tempfile.TemporaryDirectory(prefix="schemafed-") as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        git.run(root, "read-tree", "HEAD", variables=index)
        # Nobody will check it out over their files, so no line end is at risk.
        git.run(root, "add", "--all", ".", variables=index, settings=("core.safecrlf=false",))
        tree = git.run(root, "write-tree", variables=index).decode().strip()
    identity = re.fullmatch(r"(.*) <(.*)>", find_identity(root))
    assert identity is not None  # it was made in this form
    people = {f"GIT_{role}_{what}": identity[n] for role in ("AUTHOR", "COMMITTER") for n, what in _PARTS}
    message = b"The work tree as it was applied\n\nIts changes were in no commit.\n"
    return git.run(root, "commit-tree", tree, "-p", parent, given=message, variables=people).decode().strip()


def _digest_file(path: Path) -> str:
    """A digest of a file's content; of where a link leads to, and of nothing for what is no file any more."""
    if path.is_symlink():
        return f"link {path.readlink()}"
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else "gone"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _clean(name: str) -> str:
    return re.sub(r"[<>\n\0]", "", name).strip() or "unknown"
