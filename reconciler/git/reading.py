"""What a repository is asked: its files, its commits, and in what the two differ; each by one run of Git."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from reconciler.errors import RepositoryError
from reconciler.git.running import ask, find_work_tree, make_error, raise_if_outside, run, run_text

_DIRTY = "-dirty"
_MOST_NAMED = 5


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
    listed = run_text(folder, "ls-files", "-c", "-o", "--exclude-standard", "-z", "--", *map(_literal, paths))
    return frozenset(path.rstrip("/") for path in listed.split("\0") if path)


def list_not_checked_out(folder: Path, paths: Sequence[str] = ()) -> frozenset[str]:
    """List the files that a sparse checkout leaves out of the work tree; arguments as for :func:`list_files`.

    Raises:
        RepositoryError: Git is missing or refuses.
    """
    listed = run_text(folder, "ls-files", "-t", "-z", "--", *map(_literal, paths))
    return frozenset(row[2:] for row in listed.split("\0") if row.startswith("S "))


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
    options = ("-l", "-z", "-a", "-F", "--untracked", "--no-recurse-submodules", "--no-color", "-f", "-")
    where = (*map(_literal, paths), *(f":(exclude,glob)**/*{each}" for each in endings_aside))
    found = ask(folder, "grep", *options, "--", *where, given=os.fsencode("\n".join(texts)))
    if found.returncode > 1:
        raise make_error(folder, "grep", found.stderr)
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


def raise_if_dirty(folder: Path, fix: str) -> None:
    """Stop where the files below a folder are not those of the commit that is checked out.

    Raises:
        RepositoryError: naming some of them.
    """
    changed = changed_files(folder)
    if changed:
        more = f" and {len(changed) - _MOST_NAMED:,} more" if len(changed) > _MOST_NAMED else ""
        shown = ", ".join(changed[:_MOST_NAMED])
        raise RepositoryError(f"the work tree has changes that are not committed: {shown}{more}", fix=fix)


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
    content = ask(folder, "cat-file", "blob", f"{commit}:./{path}")
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
    raise_if_outside(folder)
    commit = find_commit(folder, revision)
    if commit is None:
        raise RepositoryError(
            f"Git knows no revision `{revision}` in {folder}",
            fix="name a branch, a tag or a commit; a shallow clone may have to be deepened",
        )
    return commit


def find_commit(folder: Path, revision: str) -> str | None:
    """The commit that a revision names, if it is in this clone."""
    found = ask(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return found.stdout.decode().strip() or None if found.returncode == 0 else None


def find_object_type(folder: Path, name: str) -> str | None:
    """What an object is, such as ``commit``; None where it is not in this clone."""
    found = ask(folder, "cat-file", "-t", name)
    return found.stdout.decode().strip() if found.returncode == 0 else None


def is_shallow(folder: Path) -> bool:
    """Whether a clone lacks a part of its history.

    Raises:
        RepositoryError: Git is missing or refuses.
    """
    return run(folder, "rev-parse", "--is-shallow-repository").strip() == b"true"


def _find_head(folder: Path) -> str | None:
    """The commit that is checked out; None before the first one."""
    # Git tells a branch without commits by its exit code, and everything that is wrong by its words.
    found = ask(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if found.returncode and found.stderr:
        raise make_error(folder, "rev-parse", found.stderr)
    return found.stdout.decode().strip() or None


def _list_changes(folder: Path, head: str | None) -> tuple[str, ...]:
    listed = run_text(folder, "ls-files", "-o", "--exclude-standard", "-z")
    if head:
        listed += run_text(folder, "diff", "--name-only", "--relative", "--no-ext-diff", "-z", "HEAD", "--", ".")
    else:
        listed += run_text(folder, "ls-files", "-c", "-z")
    return tuple(sorted({path for path in listed.split("\0") if path}))


def _literal(path: str) -> str:
    """A path as it stands, for Git, which would take some of its characters for a pattern."""
    return f":(literal){path}"


def _is_ignored(folder: Path) -> bool:
    return ask(folder, "check-ignore", "--quiet", str(folder.resolve())).returncode == 0
