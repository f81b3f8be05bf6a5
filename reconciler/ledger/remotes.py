"""The remote that holds the ledger: what it has, how we get it, and how we append to it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess

from reconciler import git
from reconciler.errors import LedgerMovedError, LedgerOfflineError, LedgerRefusedError
from reconciler.ledger.values import LedgerPlace
from reconciler.secrets.redaction import redact

_ATTEMPTS = 3
_ANSWER = 60
"""Seconds within which a remote says what it has."""
_TRANSFER = 600
"""Seconds within which it hands commits out or takes one: the history of a large repository may come along."""
_FETCHING = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance")
_PUSHING = ("--porcelain", "--quiet", "--no-verify", "--no-follow-tags", "--recurse-submodules=no")
_REJECTED = re.compile(rb"^!\t\S+\t\[(?:remote )?rejected\] ?(?P<why>[^\n]*)", re.MULTILINE)
_BUSY = (b"failed to update ref", b"cannot lock ref", b"incorrect old value", b"fetch first", b"non-fast-forward")
"""Reasons that may be gone at the next attempt."""
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


def find_remotes(folder: Path) -> list[str]:
    """The remotes that may be meant where none is configured: ``origin``, or else all that there are."""
    names = os.fsdecode(git.run(folder, "remote")).split()
    return ["origin"] if "origin" in names else names


def read_remote_tip(place: LedgerPlace, *, patience: float = _ANSWER) -> str | None:
    """The newest commit of the ledger on the remote; None where it has none.

    Args:
        patience: seconds within which it answers.

    Raises:
        LedgerOfflineError: the remote does not answer.
    """
    asked = git.ask(place.folder, "ls-remote", "--refs", "--", _remote(place), place.ref, patience=patience)
    if asked.returncode:
        raise make_offline(place, asked)
    rows = (line.split() for line in asked.stdout.decode().splitlines())
    return next((commit for commit, name in rows if name == place.ref), None)


def fetch_ledger(place: LedgerPlace, *, depth: int | None = None) -> None:
    """Get the ledger's commits from the remote; the clone's own refs stay as they are.

    Args:
        depth: how many commits back; None for all that is missing.

    Raises:
        LedgerOfflineError: the remote does not answer.
    """
    # A partial clone would fetch file after file as they are read.
    options = ("--no-filter", *((f"--depth={depth}",) if depth else ()))
    fetched = fetch(place.folder, _remote(place), place.ref, options=options)
    if fetched.returncode:
        raise make_offline(place, fetched)


def fetch(folder: Path, remote: str, *refs: str, options: Sequence[str] = ()) -> CompletedProcess[bytes]:
    """Fetch commits; the clone's own refs stay as they are where some of the remote's are named."""
    return git.ask(folder, "fetch", *_FETCHING, *options, "--", remote, *refs, patience=_TRANSFER)


def read_default_branch(folder: Path, remote: str) -> CompletedProcess[bytes]:
    """Ask a remote for its HEAD, and for the branch that this stands for."""
    return git.ask(folder, "ls-remote", "--symref", "--", remote, "HEAD", patience=_ANSWER)


def describe_failure(asked: CompletedProcess[bytes]) -> str:
    """What Git said of why a remote was asked in vain, in one line and without the token of an address."""
    return _clean(" ".join(asked.stderr.decode("utf-8", "replace").split()))


def push_commit(place: LedgerPlace, before: str | None, commit: str) -> None:
    """Append a commit to the ledger on the remote, unless somebody else was quicker.

    A push whose answer was lost is looked up before it is tried again or called failed. So is one that was refused:
    only the remote's ledger tells whether somebody else was quicker, or the server could not or would not write.

    Args:
        before: what the commit goes on from; None for the first one.

    Raises:
        LedgerMovedError: the remote's ledger has gone on from another commit.
        LedgerRefusedError: the remote does not accept it.
        LedgerOfflineError: the remote does not answer.
    """
    for _ in range(_ATTEMPTS):
        # A hook of the clone has no say here, nor have settings: they are for what people push.
        pushed = git.ask(
            place.folder, "push", *_PUSHING, "--", _remote(place), f"{commit}:{place.ref}", patience=_TRANSFER
        )
        if pushed.returncode == 0:
            return
        tip = read_remote_tip(place)
        if tip == commit:
            return
        if tip != before:
            raise LedgerMovedError("another run wrote to the ledger meanwhile", fix="run it again")
        raise_if_refused(place, pushed)
    raise _make_unwritable(place, pushed) if _REJECTED.search(pushed.stdout) else make_offline(place, pushed)


def raise_if_refused(place: LedgerPlace, pushed: CompletedProcess[bytes]) -> None:
    """Stop where a push was refused on purpose.

    Raises:
        LedgerRefusedError: with the server's words and the permission that is missing.
    """
    found = _REJECTED.search(pushed.stdout)
    words = pushed.stderr.decode("utf-8", "replace").strip()
    is_rejected = found is not None and not any(each in found["why"] for each in _BUSY)
    if is_rejected or (found is None and _FORBIDDEN.search(words)):
        raise LedgerRefusedError(
            f"{place.remote} does not let this run push {place.ref}: {_join(found, words)}",
            fix=next((fix for name, fix in _PERMISSIONS.items() if name in words.lower()), _ANY_PERMISSION),
        )


def _make_unwritable(place: LedgerPlace, pushed: CompletedProcess[bytes]) -> LedgerRefusedError:
    said = _join(_REJECTED.search(pushed.stdout), pushed.stderr.decode("utf-8", "replace").strip())
    return LedgerRefusedError(
        f"{place.remote} cannot write {place.ref}: {said}",
        fix="look there for a lock that was left, a full disk, or a ref whose name begins with this one's",
    )


def _join(found: re.Match[bytes] | None, words: str) -> str:
    """What the server gave as the reason, with what else it said."""
    why = found["why"].decode("utf-8", "replace").strip("() \r") if found else ""
    return _clean(" ".join(part for part in (why, _server_words(words)) if part))


def _server_words(stderr: str) -> str:
    """What the server itself said, or else what Git did."""
    lines = stderr.splitlines()
    remote = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    return " ".join(line for line in remote or lines if line)


def make_offline(place: LedgerPlace, asked: CompletedProcess[bytes]) -> LedgerOfflineError:
    """Say that the remote does not answer, or not to us."""
    words = " ".join(asked.stderr.decode("utf-8", "replace").split())
    if _FORBIDDEN.search(words):
        return LedgerOfflineError(
            f"{place.remote}, which holds the ledger {place.ref}, does not let this run read it: {_clean(words)}",
            fix="give Git what it needs: nobody is asked for a password here, so `git fetch` must work without",
        )
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
