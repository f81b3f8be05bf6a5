"""Who applies, and from which commit."""

from __future__ import annotations

import getpass
import os
import re
import socket
import tempfile
from functools import cache
from pathlib import Path

from reconciler import git
from reconciler.errors import RepositoryError

_ACTORS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILDKITE_BUILD_CREATOR", "CIRCLE_USERNAME", "BUILD_USER")
_PARTS = ((1, "NAME"), (2, "EMAIL"))
_NO_COMMIT = "this repository has no commit yet, and apply remembers from which commit it applied"


@cache
def find_identity(folder: Path) -> str:
    """Who runs this, as ``Name <address>``: whom Git is told, else whom the CI system names, else the user here."""
    told = git.ask(folder, "-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT")
    if told.returncode == 0:
        return told.stdout.decode("utf-8", "replace").rsplit(" ", 2)[0]
    actor = next((os.environ[name] for name in _ACTORS if os.environ.get(name)), None)
    if actor:
        return f"{_clean(actor)} <>"
    return f"{_clean(_user())} <{_clean(_user())}@{socket.gethostname()}>"


def make_source(root: Path, described: str | None) -> str:
    """The commit whose files are applied.

    Args:
        root: the folder that holds schemafed.yaml.
        described: the commit that a plan was made from, as :func:`reconciler.git.describe_commit` says it.

    Returns:
        a commit. Where the files are not quite those of one, a commit is made of them as they are, on no branch, so
        that the ledger says the truth.

    Raises:
        RepositoryError: there is no commit, or it is not in this clone.
    """
    if described is None:
        raise RepositoryError(_NO_COMMIT, fix='`git add . && git commit -m "Begin"`')
    if git.is_dirty_commit(described):
        return _write_snapshot(root, git.committed_part(described))
    found = git.ask(root, "rev-parse", "--verify", "--quiet", f"{described}^{{commit}}")
    if found.returncode:
        raise RepositoryError(
            f"the plan was made from commit {described[:12]}, which is not in this clone",
            fix=f"`git fetch origin {described}`, or plan again here",
        )
    return found.stdout.decode().strip()


def _write_snapshot(root: Path, parent: str) -> str:
    """Commit the work tree as it is, through an index of its own, on no branch."""
    with tempfile.TemporaryDirectory(prefix="schemafed-") as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        git.run(root, "read-tree", "HEAD", variables=index)
        git.run(root, "add", "--all", ".", variables=index)
        tree = git.run(root, "write-tree", variables=index).decode().strip()
    identity = re.fullmatch(r"(.*) <(.*)>", find_identity(root))
    assert identity is not None  # it was made in this form
    people = {f"GIT_{role}_{what}": identity[n] for role in ("AUTHOR", "COMMITTER") for n, what in _PARTS}
    message = b"The work tree as it was applied\n\nIts changes were in no commit.\n"
    return git.run(root, "commit-tree", tree, "-p", parent, given=message, variables=people).decode().strip()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _clean(name: str) -> str:
    return re.sub(r"[<>\n\0]", "", name).strip() or "unknown"
