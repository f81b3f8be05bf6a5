"""Which commits changed files between two commits that were applied."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from reconciler import git
from reconciler.ledger.history import SourceCommit

_MOST_NAMED = 50
"""So many files are asked for by their names; of more, Git is quicker to tell all."""
_KEPT = 32
_OPTIONS = (
    *("--stdin", "--ignore-missing", "--full-history", "--topo-order"),
    *("-c", "--raw", "-z", "--relative", "--no-renames", "--no-ext-diff", "--format=%H%x1f%an <%ae>%x1f%s"),
)
"""Of a merge, only what none of its parents had is its own change."""


class Touch(NamedTuple):
    """A commit, and the files that it changed."""

    commit: SourceCommit
    files: frozenset[str]


class Reach:
    """Which commits are behind each of those that were applied.

    Mostly each of these is a descendant of the one before, so that it is enough to know which was the first to bring a
    commit. Where one is not, after a force push, say, all that is behind it is looked at.

    Args:
        sources: the commits that were applied, in that order.
        parents: of every commit behind them that is in this clone.
    """

    def __init__(self, sources: Sequence[str], parents: Mapping[str, Sequence[str]]) -> None:
        self._sources, self._parents = sources, parents
        self._first: dict[str, int] = {}
        self._turns = [index for index in range(len(sources)) if not self._take(index)]
        self._find_behind = lru_cache(_KEPT)(self._walk)

    def knows(self, index: int) -> bool:
        """Whether this clone has one of the commits that were applied."""
        return self._sources[index] in self._parents

    def includes(self, index: int, commit: str) -> bool:
        """Whether a commit is one of those that were applied, by its place in their order, or behind it."""
        first = self._first.get(commit, index + 1)
        if first > index:
            return False
        is_straight = bisect_right(self._turns, first) == bisect_right(self._turns, index)
        return is_straight or commit in self._find_behind(index)

    def _take(self, index: int) -> bool:
        """Note what one of them is the first to bring; whether it is a descendant of the one before."""
        before = self._sources[max(index - 1, 0)]
        is_after, waiting = False, [self._sources[index]]
        while waiting:
            commit = waiting.pop()
            is_after |= commit == before
            if commit not in self._first:
                self._first[commit] = index
                waiting.extend(self._parents.get(commit, ()))
        return is_after

    def _walk(self, index: int) -> frozenset[str]:
        found: set[str] = set()
        waiting = [self._sources[index]]
        while waiting:
            commit = waiting.pop()
            if commit not in found:
                found.add(commit)
                waiting.extend(self._parents.get(commit, ()))
        return frozenset(found)


class Lineage:
    """The commits that changed files, and which of them each commit that was applied brought.

    Args:
        reach: which commits are behind those that were applied.
        touches: the commits that changed files, the newest first.
    """

    def __init__(self, reach: Reach, touches: Iterable[Touch]) -> None:
        self._reach = reach
        self._touches = tuple(touches)
        self._by_file: dict[str, list[int]] = {}
        for number, touch in enumerate(self._touches):
            for file in touch.files:
                self._by_file.setdefault(file, []).append(number)

    def find_commits(self, files: Iterable[str], before: int | None, after: int) -> tuple[SourceCommit, ...]:
        """Find the commits that changed one of some files, the newest first.

        Args:
            before: the place, in the order of those that were applied, of the one whose past does not count; None where
                all of it counts.
            after: the place of the one whose past is looked at.
        """
        if before is not None and not self._reach.knows(before):
            return ()
        numbers = sorted({number for file in files for number in self._by_file.get(file, ())})
        found = (self._touches[number].commit for number in numbers)
        return tuple(c for c in found if self._is_between(c.commit, before, after))

    def _is_between(self, commit: str, before: int | None, after: int) -> bool:
        is_old = before is not None and self._reach.includes(before, commit)
        return not is_old and self._reach.includes(after, commit)


def read_lineage(root: Path, sources: Sequence[str], files: Collection[str], folders: Collection[str]) -> Lineage:
    """Read which commits changed files, as far as this clone has them, by two runs of Git.

    Args:
        root: the folder that holds schemafed.yaml, to which files and folders are relative.
        sources: the commits that were applied, in that order.
        files: those that are asked for.
        folders: where to look for them if they are many.

    Raises:
        RepositoryError: Git refuses.
    """
    given = "".join(f"{name}\n" for name in dict.fromkeys(sources)).encode()
    listed = git.run(root, "rev-list", "--parents", "--ignore-missing", "--stdin", given=given).decode()
    parents = {commit: behind for commit, *behind in map(str.split, listed.splitlines())}
    # Where a shallow clone ends, Git takes a commit for the first one, which brought every file.
    settings = ("log.showRoot=false",) if git.is_shallow(root) else ()
    among = files if len(files) <= _MOST_NAMED else folders
    paths = [f":(literal){path}" for path in sorted(among)]
    shown = git.run(root, "log", *_OPTIONS, "--", *paths, given=given, settings=settings) if paths else b""
    return Lineage(Reach(sources, parents), _resolve(os.fsdecode(shown).split("\0")))


def _resolve(words: Iterable[str]) -> Iterator[Touch]:
    """The commits in what ``git log --raw -z`` prints, taken apart at its NULs."""
    commit: SourceCommit | None = None
    files: list[str] = []
    remaining = iter(words)
    for word in remaining:
        text = word.lstrip("\n")
        if text.startswith(":"):
            files.append(next(remaining))
        elif text:
            if commit:
                yield Touch(commit, frozenset(files))
            commit, files = SourceCommit(*_as_text(text).split("\x1f", 2)), []
    if commit:
        yield Touch(commit, frozenset(files))


def _as_text(name: str) -> str:
    """What people wrote, which need not be UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")
