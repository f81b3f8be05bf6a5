"""``rollback``: the files of some subjects as they were before, as a commit like any other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from reconciler import git
from reconciler.config import FILE_NAME
from reconciler.errors import InvalidRepositoryError, RepositoryError, UsageError
from reconciler.ledger.loading import load_ledger
from reconciler.operations.fetching import resolve_commit
from reconciler.operations.progress import Progress, silent
from reconciler.operations.settings import load_valid_config
from reconciler.repository import DesiredState, SchemaFiles, load_desired_state
from reconciler.repository.revisions import TreeEntry, load_state_of, read_tree_at

_MOST_NAMED = 3
"""How many subjects the first line of a commit message names."""


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What a rollback did.

    ``restored`` are the subjects whose files are now as they were at ``revision``, ``removed`` those that were not
    there then. ``also`` are others that change along, since they use a file that went back. ``commit`` is None where
    nothing was committed.
    """

    revision: str
    headline: str
    restored: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    commit: str | None = None


class Selection(NamedTuple):
    """The files that go back to what they were, and those that go, sorted."""

    restored: tuple[str, ...]
    removed: tuple[str, ...]


def rollback(
    root: Path,
    revision: str,
    globs: Sequence[str] = (),
    *,
    environment: str | None = None,
    reason: str | None = None,
    commits: bool = True,
    on_progress: Progress = silent,
) -> RolledBack:
    """Make the files of subjects what they were at a revision, and commit that.

    What goes back are schemas, their sidecars, and what they use; no defaults.yaml and no schemafed.yaml.

    Args:
        root: the repository's root.
        revision: whatever Git takes for a commit.
        globs: over subject names; all subjects where there are none.
        environment: whose ledger may alone know the revision; None for the first one of schemafed.yaml.
        reason: why, for the commit message.
        commits: False leaves the files staged.
        on_progress: told when the revision is fetched, since this clone does not have it.

    Raises:
        RepositoryError: the folder is in no work tree, or that has changes.
        UsageError: there is no such revision or environment, or no subject fits, now or then.
        InvalidRepositoryError: the repository would have findings that block and that it does not have now; nothing was
            changed.
    """
    config = load_valid_config(root)
    paths = config.paths
    _raise_if_dirty(root)
    commit = resolve_commit(
        root,
        revision,
        "--to",
        lambda: load_ledger(root, config, config.select_environment(environment), on_progress),
        on_progress,
    )
    configuration = (root / FILE_NAME).read_bytes()
    now = load_desired_state(root)
    present = read_tree_at(root, "HEAD", paths)
    past = read_tree_at(root, commit, paths)
    then = load_state_of(root, past, None, configuration)
    names = _choose(now, then, globs, revision)
    _raise_if_unreadable(now, then, names, revision)
    selection = select_files(now, then, names, present, past)
    after = load_state_of(root, _with(present, past, selection), None, configuration)
    _raise_if_broken(now, after, revision)
    made = _make_result(
        commit, _read_headline(root, commit), now, after, names, (*selection.restored, *selection.removed)
    )
    if made.files:
        git.restore_files(root, commit, selection.restored)
        git.remove_files(root, selection.removed)
    if not made.files or not commits:
        return made
    try:
        git.commit_files(root, made.files, render_message(made, reason))
    except RepositoryError:
        git.remove_files(root, [file for file in selection.restored if file not in present])
        git.restore_files(root, "HEAD", [file for file in made.files if file in present])
        raise
    return replace(made, commit=git.describe_head(root))


def select_files(
    now: DesiredState,
    then: DesiredState,
    names: Collection[str],
    present: Mapping[str, TreeEntry],
    past: Mapping[str, TreeEntry],
) -> Selection:
    """Select the files of subjects that differ between now and then.

    Of a subject that was not there, or had another file, its file and sidecar go; not a sidecar that others have too.

    Args:
        names: the subjects.
        present: the files as they are.
        past: the files as they were.
    """
    wanted = then.find_files(names)
    gone = _own_files(now, names) - wanted - _own_files(now, now.subjects.keys() - set(names))
    # A file that is not wanted goes even where the revision has it: its subject was another one then.
    return Selection(tuple(sorted(f for f in wanted if present.get(f) != past.get(f))), tuple(sorted(gone)))


def render_message(made: RolledBack, reason: str | None) -> str:
    """The commit message: what goes back to which revision, why, and every file of it."""
    names = (*made.restored, *made.removed)
    more = len(names) - _MOST_NAMED
    listed = ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    short = made.revision[:12]
    body = [
        f"Roll back {listed} to {short}",
        *([reason] if reason else []),
        f'The schemas and sidecars are as they were at {short} ("{made.headline}").',
        "\n".join(made.files),
        f"Rolled-back-to: {made.revision}",
    ]
    return "\n\n".join(body) + "\n"


def _raise_if_dirty(root: Path) -> None:
    if git.find_work_tree(root) and git.describe_head(root) is None:
        raise RepositoryError("this repository has no commit yet", fix="there is nothing to go back to")
    git.raise_if_dirty(root, "commit them, or put them away with `git stash`; a rollback is a commit of its own")


def _read_headline(root: Path, commit: str) -> str:
    return git.run(root, "log", "-1", "--format=%s", commit).decode("utf-8", "replace").strip()


def _choose(now: DesiredState, then: DesiredState, globs: Sequence[str], revision: str) -> frozenset[str]:
    known = {*now.subjects, *then.subjects}
    for glob in globs:
        if not any(fnmatchcase(name, glob) for name in known):
            raise UsageError(
                f"no subject fits {glob}, neither now nor at {revision}", fix="`schemafed validate` reads those of now"
            )
    return frozenset(n for n in known if not globs or any(fnmatchcase(n, glob) for glob in globs))


def _own_files(state: DesiredState, names: Collection[str]) -> frozenset[str]:
    paths = [state.subjects[name].location.file for name in names if name in state.subjects]
    sidecars = (state.files.get(path, SchemaFiles()).sidecar for path in paths)
    return frozenset([*paths, *(sidecar for sidecar in sidecars if sidecar)])


def _with(
    present: Mapping[str, TreeEntry], past: Mapping[str, TreeEntry], selection: Selection
) -> dict[str, TreeEntry]:
    kept = {path: entry for path, entry in present.items() if path not in selection.removed}
    return kept | {path: past[path] for path in selection.restored}


def _raise_if_unreadable(now: DesiredState, then: DesiredState, names: Collection[str], revision: str) -> None:
    """Stop where a file was there and cannot be read as it was: its subject would count as one that was not there."""
    files = now.find_files(name for name in names if name not in then.subjects)
    unreadable = [f for f in then.findings if f.blocks and f.location and f.location.file in files]
    if unreadable:
        raise InvalidRepositoryError(
            f"these files cannot be read as they were at {revision}; nothing was changed",
            unreadable,
            fix="go back to another revision, or leave their subjects out by --subject",
        )


def _raise_if_broken(now: DesiredState, after: DesiredState, revision: str) -> None:
    known = {(f.code, f.message) for f in now.findings}
    broken = [f for f in after.findings if f.blocks and (f.code, f.message) not in known]
    if broken:
        raise InvalidRepositoryError(
            f"with these subjects as they were at {revision}, the repository would have problems; nothing was changed",
            broken,
            fix="roll back what they depend on too, by more --subject",
        )


def _make_result(
    commit: str, headline: str, now: DesiredState, after: DesiredState, names: Collection[str], files: tuple[str, ...]
) -> RolledBack:
    touched = {name for name in {*now.subjects, *after.subjects} if _is_touched(name, now, after, files)}
    restored = sorted(name for name in touched.intersection(names) if name in after.subjects)
    removed = sorted(name for name in touched if name not in after.subjects)
    also = sorted(name for name in touched.difference(names) if name in after.subjects)
    return RolledBack(commit, headline, tuple(restored), tuple(removed), tuple(also), files)


def _is_touched(name: str, now: DesiredState, after: DesiredState, files: tuple[str, ...]) -> bool:
    return any(state.find_files([name]).intersection(files) for state in (now, after))
