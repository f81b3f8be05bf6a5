"""Read the ledger: from the remote where there is one, as far as it is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from reconciler import git
from reconciler.config import Config
from reconciler.errors import LedgerOfflineError, RepositoryError
from reconciler.ledger.damage import find_damaged, make_lost, make_no_commit, make_rewound
from reconciler.ledger.documents import INTENT_FILE, LEASE_FILE, resolve_intent, resolve_record
from reconciler.ledger.entries import resolve_files
from reconciler.ledger.local import follow, read_local_tip
from reconciler.ledger.remotes import fetch_ledger, find_remotes, read_remote_tip
from reconciler.ledger.values import Intent, Ledger, LedgerPlace

_ATTEMPTS = 5
"""How often the remote is asked for a commit that it named and does not hand out, before it counts as away."""


def load_ledger(
    root: Path,
    config: Config,
    environment: str,
    on_progress: Callable[[str], None] = lambda text: None,
    *,
    asks_remote: bool = True,
) -> Ledger:
    """Load what was last applied in an environment.

    Args:
        root: the folder that holds schemafed.yaml.
        config: its content.
        environment: the name of one of its environments.
        on_progress: told what takes time.
        asks_remote: False for what the clone knows.

    Returns:
        the ledger; empty outside of a Git repository and before the first apply. Where the remote does not answer it is
        what the clone knows, and stale.

    Raises:
        RepositoryError: Git is missing or refuses, or nothing says which of several remotes holds the ledger.
        LedgerDamagedError: the ledger was rewound, deleted, or edited by hand.
    """
    folder = git.find_work_tree(root)
    if folder is None:
        return Ledger(None)
    rules = config.ledger
    ref = make_ref(rules.ref, root.resolve().relative_to(folder).as_posix(), environment)
    is_local = not asks_remote or config.has_local_ledger(environment)
    remote = None if is_local else _choose_remote(folder, rules.remote)
    place = LedgerPlace(folder, environment, ref, remote, timedelta(minutes=rules.lease_minutes))
    return load_ledger_at(place, on_progress)


def load_ledger_at(place: LedgerPlace, on_progress: Callable[[str], None] = lambda text: None) -> Ledger:
    """The same, where the place is known."""
    known = tip = read_local_tip(place)
    reason = None
    if place.remote is not None:
        try:
            tip = _fetch_newest(place, known, on_progress)
        except LedgerOfflineError as error:
            reason = error.message
    if tip is None:
        return Ledger(place, stale_because=reason)
    ledger = read_ledger(place, tip)
    # The clone remembers only what it could read: the way back would lead from there.
    if tip != known:
        follow(place, known, tip)
    return replace(ledger, stale_because=reason)


def make_ref(template: str, folder: str, environment: str) -> str:
    """The ref of an environment's ledger.

    Two folders of one repository may each have a schemafed.yaml and an environment of the same name; the one that is
    not at the root says its folder.
    """
    name = _escape(environment)
    return template.replace("{environment}", name if folder == "." else f"{_escape(folder)}@{name}")


def _escape(name: str) -> str:
    """A name as one part of a ref, reversibly."""
    escaped = quote(name, safe="").replace("~", "%7E")
    is_awkward = ".." in escaped or escaped.startswith(".") or escaped.endswith((".", ".lock"))
    return escaped.replace(".", "%2E") if is_awkward else escaped


def _choose_remote(folder: Path, configured: str | None) -> str | None:
    remotes = [configured] if configured else find_remotes(folder)
    if len(remotes) > 1:
        raise RepositoryError(
            f"this clone has the remotes {', '.join(remotes)}, and nothing says which of them holds the ledger",
            fix="name it in schemafed.yaml: `ledger: {remote: NAME}`",
        )
    return remotes[0] if remotes else None


def _fetch_newest(place: LedgerPlace, known: str | None, on_progress: Callable[[str], None]) -> str | None:
    """The remote's tip, with its commits here; refused where it is not a later one of what was known."""
    tip = read_remote_tip(place)
    if tip not in (None, known):
        on_progress(f"fetching the ledger from {place.remote}")
        tip = _fetch_until_here(place, tip, known)
    if known and (tip is None or not is_ancestor(place, known, tip)):
        raise make_rewound(place, known, tip) if tip else make_lost(place, known)
    return tip


def _fetch_until_here(place: LedgerPlace, tip: str | None, known: str | None) -> str | None:
    """Fetch the remote's tip; it may go on meanwhile, and of a shallow clone only the newest commit is fetched."""
    for _ in range(_ATTEMPTS):
        if tip is None:
            return None
        fetch_ledger(place, depth=_choose_depth(place, known))
        kind = git.find_object_type(place.folder, tip)
        if kind == "commit":
            return tip
        if kind:
            raise make_no_commit(place, tip, kind, known)
        tip = read_remote_tip(place)
    raise LedgerOfflineError(
        f"{place.remote} names {tip} as the newest commit of the ledger {place.ref}, and does not hand it out",
        fix="run it again: its copies may not be alike yet",
    )


def _choose_depth(place: LedgerPlace, known: str | None) -> int | None:
    """How much of the ledger to fetch.

    Each record has its source commit as a parent, so the whole ledger would bring the whole history along. A clone that
    was made shallow begins with the newest record alone, which says everything that is applied.
    """
    return 1 if known is None and git.is_shallow(place.folder) else None


def is_ancestor(place: LedgerPlace, older: str, newer: str) -> bool:
    """Whether one commit goes on from another, or is it."""
    return older == newer or git.ask(place.folder, "merge-base", "--is-ancestor", older, newer).returncode == 0


@lru_cache(maxsize=4)
def read_ledger(place: LedgerPlace, tip: str) -> Ledger:
    """Read the ledger as it is at a commit that is here; what a commit says never changes.

    Raises:
        LedgerDamagedError: it was not written by schemafed, or cannot be read.
    """
    listed = git.run(place.folder, "ls-tree", "-r", "-z", "--full-tree", tip)
    rows = [row.split("\t", 1) for row in listed.decode("utf-8", "surrogateescape").split("\0") if row]
    blobs = {path: head.split()[2] for head, path in rows if path.endswith(".json")}
    message, *contents = git.read_objects(place.folder, [tip, *blobs.values()])
    files = dict(zip(blobs, contents, strict=True))
    _raise_if_foreign(place, tip, message)
    try:
        unfinished = _resolve_unfinished(files)
        registries = resolve_files({p: content for p, content in files.items() if "/" in p})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise find_damaged(place, tip, f"a file in it is not what schemafed writes ({error})") from error
    return Ledger(place, tip, registries, unfinished)


def _resolve_unfinished(files: Mapping[str, bytes]) -> Intent | None:
    intent = files.get(INTENT_FILE)
    return resolve_intent(intent, files.get(LEASE_FILE)) if intent is not None else None


def _raise_if_foreign(place: LedgerPlace, tip: str, commit: bytes) -> None:
    message = commit.partition(b"\n\n")[2].decode("utf-8", "replace")
    try:
        record: Any = resolve_record(tip, "", 0, message)
    except (ValueError, KeyError, TypeError):
        record = None
    if record is None:
        raise find_damaged(place, tip, "it was not written by schemafed")
