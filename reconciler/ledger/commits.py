"""Commits of the ledger, written by `git fast-import`: files, trees and commit in one run, without an index."""

from __future__ import annotations

import os
from collections.abc import Mapping
from threading import get_ident

from reconciler import git
from reconciler.ledger.documents import render_message
from reconciler.ledger.sources import find_identity
from reconciler.ledger.values import LedgerPlace, RecordKind, present_time

_BRANCH = "refs/schemafed-new"
"""Where `git fast-import` wants a branch for what it writes; it is taken back in the same run, so none is ever seen."""


def write_commit(
    place: LedgerPlace, parent: str | None, message: str, files: Mapping[str, str | None], source: str | None
) -> str:
    """Write a commit with its files in one run of Git; no ref moves.

    Its parents are the commit before, first, and the source, so that no force push takes that away. The first of all is
    empty and has no parent, so that first parents never lead out of the ledger.
    """
    who = _person(find_identity(place.folder))
    first = render_message(RecordKind.BEGIN, place.environment, f"begin {place.environment}")
    branch = f"{_BRANCH}/{os.getpid()}-{get_ident()}"
    begin = [] if parent else [_render_commit(branch, 1, who, first)]
    stream = [
        *begin,
        _render_commit(branch, 2, who, message),
        f"from {parent or ':1'}\n".encode(),
        *([f"merge {source}\n".encode()] if source else []),
        *(_render_file(path, content) for path, content in files.items()),
        b"\nget-mark :2\n",
        f"reset {branch}\nfrom {no_commit(parent or source)}\n\ndone\n".encode(),
    ]
    return git.run(place.folder, "fast-import", "--quiet", "--done", given=b"".join(stream)).decode().strip()


def no_commit(like: str | None) -> str:
    """The name of no commit, as long as those of the repository."""
    return "0" * len(like or "." * 40)


def _render_commit(branch: str, mark: int, who: bytes, message: str) -> bytes:
    text = message.encode("utf-8", "backslashreplace")
    head = f"commit {branch}\nmark :{mark}\n".encode()
    return head + b"committer " + who + f"\ndata {len(text)}\n".encode() + text + b"\n"


def _render_file(path: str, content: str | None) -> bytes:
    if content is None:
        return f"D {path}\n".encode()
    text = content.encode("utf-8", "backslashreplace")
    return f"M 100644 inline {path}\ndata {len(text)}\n".encode() + text + b"\n"


def _person(identity: str) -> bytes:
    return f"{identity} {int(present_time().timestamp())} +0000".encode("utf-8", "replace")
