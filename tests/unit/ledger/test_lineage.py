"""Which commits are behind those that were applied, in whatever order these were."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import pytest

from reconciler.ledger.history import SourceCommit
from reconciler.ledger.lineage import Lineage, Reach, Touch

LINE = {"a": (), "b": ("a",), "c": ("b",), "d": ("c",)}
FORK = {"a": (), "left": ("a",), "right": ("a",), "merged": ("right", "left")}


def find(parents: Mapping[str, tuple[str, ...]], sources: str, before: int | None, after: int) -> list[str]:
    """The commits between two of those that were applied, where each changed the file, oldest names last."""
    touches = [Touch(SourceCommit(name, "Ada <>", name), frozenset({"file"})) for name in reversed(parents)]
    found = Lineage(Reach(sources.split(), parents), touches).find_commits(["file"], before, after)
    return [commit.commit for commit in found]


def test_the_commits_since_what_was_applied_before_are_told_the_newest_first() -> None:
    assert find(LINE, "a c d", 0, 1) == ["c", "b"]
    assert find(LINE, "a c d", 0, 2) == ["d", "c", "b"]
    assert find(LINE, "a c d", 1, 1) == []


def test_what_was_never_applied_before_has_all_of_its_past() -> None:
    assert find(LINE, "c", None, 0) == ["c", "b", "a"]


def test_commits_of_a_branch_belong_to_the_merge_that_is_applied() -> None:
    assert find(FORK, "right merged", 0, 1) == ["merged", "left"]


def test_what_a_force_push_threw_away_does_not_belong_to_what_took_its_place() -> None:
    assert find(FORK, "left right", 0, 1) == ["right"]
    assert find(FORK, "a left right", 0, 2) == ["right"]


def test_what_is_applied_again_after_it_was_taken_back_is_told_again() -> None:
    assert find(LINE, "c a c", 1, 2) == ["c", "b"]
    assert find(FORK, "left right merged", 1, 2) == ["merged", "left"]


def test_going_to_an_older_commit_brings_nothing() -> None:
    assert find(LINE, "d b", 0, 1) == []


def test_only_commits_of_the_files_count() -> None:
    touches = [Touch(SourceCommit("b", "Ada <>", "b"), frozenset({"other"}))]

    assert Lineage(Reach(["a", "b"], LINE), touches).find_commits(["file"], 0, 1) == ()


def test_of_what_this_clone_does_not_have_nothing_is_claimed() -> None:
    assert find(LINE, "gone c", 0, 1) == []
    assert find(LINE, "a gone", 0, 1) == []


@pytest.mark.parametrize("number", range(60))
def test_what_is_behind_a_commit_is_what_its_parents_say(number: int) -> None:
    drawn = Random(number)
    names = [str(n) for n in range(drawn.randint(1, 9))]
    parents = {name: tuple(drawn.sample(names[:n], min(n, drawn.randint(0, 2)))) for n, name in enumerate(names)}
    sources = drawn.choices(names, k=drawn.randint(1, 6))
    reach = Reach(sources, parents)

    def behind(name: str) -> set[str]:
        return {name}.union(*(behind(parent) for parent in parents[name]))

    for index, source in enumerate(sources):
        assert {name for name in names if reach.includes(index, name)} == behind(source)
