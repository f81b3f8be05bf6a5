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
from reconciler.errors import LedgerDamagedError, LedgerOfflineError
from reconciler.ledger.documents import INTENT_FILE, LEASE_FILE, resolve_intent, resolve_record
from reconciler.ledger.entries import resolve_files
from reconciler.ledger.remotes import fetch_ledger, find_remote, read_remote_tip
from reconciler.ledger.values import Intent, Ledger, LedgerPlace


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
        RepositoryError: Git is missing or refuses.
        LedgerDamagedError: the ledger was rewound, deleted, or edited by hand.
    """
    folder = git.find_work_tree(root)
    if folder is None:
        return Ledger(None)
    rules = config.ledger
    ref = make_ref(rules.ref, root.resolve().relative_to(folder).as_posix(), environment)
    is_local = not asks_remote or config.has_local_ledger(environment)
    remote = None if is_local else rules.remote or find_remote(folder)
    place = LedgerPlace(folder, environment, ref, remote, timedelta(minutes=rules.lease_minutes))
    return load_ledger_at(place, on_progress)


def load_ledger_at(place: LedgerPlace, on_progress: Callable[[str], None] = lambda text: None) -> Ledger:
    """The same, where the place is known."""
    tip = read_local_tip(place)
    reason = None
    if place.remote is not None:
        try:
            tip = _follow_remote(place, tip, on_progress)
        except LedgerOfflineError as error:
            reason = error.message
    if tip is None:
        return Ledger(place, stale_because=reason)
    return replace(read_ledger(place, tip), stale_because=reason)


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


def read_local_tip(place: LedgerPlace) -> str | None:
    """The newest commit of the ledger that this clone knows."""
    found = git.ask(place.folder, "rev-parse", "--verify", "--quiet", f"{place.ref}^{{commit}}")
    return found.stdout.decode().strip() or None


def follow(place: LedgerPlace, commit: str) -> None:
    """Let the clone's own ref follow the remote's."""
    git.run(place.folder, "update-ref", "-m", "schemafed", place.ref, commit)


def _follow_remote(place: LedgerPlace, known: str | None, on_progress: Callable[[str], None]) -> str | None:
    """The remote's tip, with its commits here; refused where it is not a later one of what was known."""
    tip = read_remote_tip(place)
    while tip not in (None, known):
        on_progress(f"fetching the ledger from {place.remote}")
        fetch_ledger(place, depth=_choose_depth(place, known))
        if is_here(place, tip):
            break
        # It has gone on between the two questions, and of a shallow clone only the newest commit is fetched.
        tip = read_remote_tip(place)
    if known and (tip is None or not _is_ancestor(place, known, tip)):
        raise _make_rewound(place, known, tip) if tip else _make_lost(place, known)
    if tip not in (None, known):
        follow(place, tip)
    return tip


def _choose_depth(place: LedgerPlace, known: str | None) -> int | None:
    """How much of the ledger to fetch.

    Each record has its source commit as a parent, so the whole ledger would bring the whole history along. A clone that
    was made shallow begins with the newest record alone, which says everything that is applied.
    """
    return 1 if known is None and is_shallow(place) else None


def is_shallow(place: LedgerPlace) -> bool:
    """Whether the clone lacks a part of its history."""
    return git.run(place.folder, "rev-parse", "--is-shallow-repository").strip() == b"true"


def is_here(place: LedgerPlace, commit: str | None) -> bool:
    """Whether the clone has a commit."""
    return git.ask(place.folder, "cat-file", "-e", f"{commit}^{{commit}}").returncode == 0


def _is_ancestor(place: LedgerPlace, older: str, newer: str) -> bool:
    return git.ask(place.folder, "merge-base", "--is-ancestor", older, newer).returncode == 0


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
        raise _make_damaged(place, tip, f"a file in it is not what schemafed writes ({error})") from error
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
        raise _make_damaged(place, tip, "it was not written by schemafed")


def _make_damaged(place: LedgerPlace, tip: str, what: str) -> LedgerDamagedError:
    where = f"+{tip}^:{place.ref}"
    back = f"git push {place.remote} {where} && git fetch {place.remote} +{place.ref}:{place.ref}"
    local = f"git update-ref {place.ref} {tip}^"
    return LedgerDamagedError(
        f"commit {tip[:12]} of the ledger {place.ref} cannot be used: {what}",
        fix=f"look at it with `git show {tip[:12]}`; the way back is `{back if place.remote else local}`",
    )


def _make_lost(place: LedgerPlace, known: str) -> LedgerDamagedError:
    return LedgerDamagedError(
        f"{place.remote} has no ledger {place.ref}, but this clone knows it up to {known[:12]}: it was deleted there,"
        " or never pushed",
        fix=f"to put it there (again): `git push {place.remote} {place.ref}`; to begin a new one:"
        f" `git update-ref -d {place.ref}`",
    )


def _make_rewound(place: LedgerPlace, known: str, tip: str) -> LedgerDamagedError:
    return LedgerDamagedError(
        f"the ledger {place.ref} of {place.remote} was rewound: its {tip[:12]} does not go on from {known[:12]}, which"
        " this clone has seen",
        fix=f"to restore what was seen: `git push {place.remote} +{place.ref}`; to believe the remote:"
        f" `git update-ref {place.ref} {tip}`",
    )
