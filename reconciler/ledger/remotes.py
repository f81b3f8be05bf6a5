"""The remote that holds the ledger: what it has, how we get it, and how we append to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

from reconciler import git
from reconciler.errors import LedgerMovedError, LedgerOfflineError, LedgerRefusedError
from reconciler.ledger.values import LedgerPlace
from reconciler.secrets.redaction import redact

_ATTEMPTS = 3
_REJECTED = re.compile(rb"^!\t\S+\t\[(?P<by>rejected|remote rejected)\] ?(?P<why>[^\n]*)", re.MULTILINE)
_RACES = (b"failed to update ref", b"cannot lock ref", b"incorrect old value", b"fetch first", b"non-fast-forward")
_FORBIDDEN = re.compile(
    r"permission.{0,60}denied|denied to|write access|read[- ]only|not allowed|403|forbidden|protected|"
    r"unable to create|insufficient permission|authentication failed|could not read (username|password)",
    re.IGNORECASE | re.DOTALL,
)
_USERINFO = re.compile(r"://[^/@\s]+@")
_PERMISSIONS: Mapping[str, str] = {
    "github": "in the workflow, give the job `permissions: contents: write`",
    "gitlab": "give the job a project token with `write_repository`",
}
_ANY_PERMISSION = (
    "let the run push to refs/schemafed/*: on GitHub and Gitea `permissions: contents: write` for the job, on GitLab a"
    " token with `write_repository`; a rule or hook that refuses refs must let these pass"
)


def find_remote(folder: Path) -> str | None:
    """The remote that is meant where none is configured: ``origin``, or else the only one there is."""
    names = git.run(folder, "remote").decode().split()
    return "origin" if "origin" in names else (names[0] if len(names) == 1 else None)


def read_remote_tip(place: LedgerPlace) -> str | None:
    """The newest commit of the ledger on the remote; None where it has none.

    Raises:
        LedgerOfflineError: the remote does not answer.
    """
    asked = git.ask(place.folder, "ls-remote", "--refs", _remote(place), place.ref)
    if asked.returncode:
        raise _make_offline(place, asked)
    rows = (line.split() for line in asked.stdout.decode().splitlines())
    return next((commit for commit, name in rows if name == place.ref), None)


def fetch_ledger(place: LedgerPlace, *, depth: int | None = None) -> None:
    """Get the ledger's commits from the remote; the clone's own refs stay as they are.

    Args:
        depth: how many commits back; None for all that is missing.

    Raises:
        LedgerOfflineError: the remote does not answer.
    """
    options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance")
    how_far = (f"--depth={depth}",) if depth else ()
    fetched = git.ask(place.folder, "fetch", *options, *how_far, _remote(place), place.ref)
    if fetched.returncode:
        raise _make_offline(place, fetched)


def push_commit(place: LedgerPlace, commit: str) -> None:
    """Append a commit to the ledger on the remote, unless somebody else was quicker.

    A push whose answer was lost is looked up before it is tried again or called failed.

    Raises:
        LedgerMovedError: the remote's ledger has gone on from another commit.
        LedgerRefusedError: the remote does not accept it.
        LedgerOfflineError: the remote does not answer.
    """
    for _ in range(_ATTEMPTS):
        # A hook of the clone has no say here: it is for what people push.
        pushed = git.ask(
            place.folder, "push", "--porcelain", "--quiet", "--no-verify", _remote(place), f"{commit}:{place.ref}"
        )
        if pushed.returncode == 0:
            return
        raise_if_refused(place, pushed)
        if read_remote_tip(place) == commit:
            return
        raise_if_moved(pushed)
    raise _make_offline(place, pushed)


def raise_if_refused(place: LedgerPlace, pushed: CompletedProcess[bytes]) -> None:
    """Stop where a push was refused on purpose.

    Raises:
        LedgerRefusedError: with the server's words and the permission that is missing.
    """
    found = _REJECTED.search(pushed.stdout)
    words = pushed.stderr.decode("utf-8", "replace").strip()
    is_rejected = found is not None and found["by"] == b"remote rejected" and not _is_race(found["why"])
    if is_rejected or (found is None and _FORBIDDEN.search(words)):
        why = found["why"].decode("utf-8", "replace").strip("() \r") if found else ""
        said = " ".join(part for part in (why, _server_words(words)) if part)
        raise LedgerRefusedError(
            f"{place.remote} does not let this run push {place.ref}, so nothing was applied: {_clean(said)}",
            fix=next((fix for name, fix in _PERMISSIONS.items() if name in words.lower()), _ANY_PERMISSION),
        )


def raise_if_moved(pushed: CompletedProcess[bytes]) -> None:
    """Stop where a push came second.

    Raises:
        LedgerMovedError: another run wrote meanwhile.
    """
    found = _REJECTED.search(pushed.stdout)
    if found and _is_race(found["why"]):
        raise LedgerMovedError("another run wrote to the ledger meanwhile", fix="run it again")


def _is_race(why: bytes) -> bool:
    return any(words in why for words in _RACES)


def _server_words(stderr: str) -> str:
    """What the server itself said, or else what Git did."""
    lines = stderr.splitlines()
    remote = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    return " ".join(line for line in remote or lines if line)


def _make_offline(place: LedgerPlace, asked: CompletedProcess[bytes]) -> LedgerOfflineError:
    words = " ".join(asked.stderr.decode("utf-8", "replace").split())
    return LedgerOfflineError(
        f"{place.remote}, which holds the ledger {place.ref}, does not answer: {_clean(words)}",
        fix="see that `git fetch` works here",
    )


def _clean(words: str) -> str:
    """Git shows addresses with the token that stands in them."""
    return redact(_USERINFO.sub("://***@", words))


def _remote(place: LedgerPlace) -> str:
    assert place.remote is not None  # whoever calls has looked
    return place.remote
