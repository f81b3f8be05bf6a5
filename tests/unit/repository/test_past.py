"""What files were along a history, told from what Git prints."""

from __future__ import annotations

from reconciler.repository.past import FileChange, Step, make_tree_before, resolve_steps, walk_back
from reconciler.repository.revisions import TreeEntry

NOTHING = "0" * 40
OLD, NEW, OTHER = (TreeEntry("100644", letter * 40) for letter in "abc")


def test_what_git_log_prints_is_taken_apart_into_commits_and_changes() -> None:
    words = [
        "c2",
        f"\n:100644 100644 {OLD.content} {NEW.content} M",
        "s/a",
        f":100644 100644 {OTHER.content} {OTHER.content} R100",
        "s/b",
        "s/c",
        "c1",
        f"\n:000000 100644 {NOTHING} {OLD.content} A",
        "s/a",
        f":100644 000000 {NEW.content} {NOTHING} D",
        "s/d",
        "",
    ]

    assert list(resolve_steps(words)) == [
        Step("c2", (FileChange("s/a", "s/a", OLD), FileChange("s/c", "s/b", OTHER))),
        Step("c1", (FileChange("s/a", "s/a", None), FileChange(None, "s/d", NEW))),
    ]


def test_a_renamed_file_is_followed_and_other_commits_are_passed_over() -> None:
    steps = [
        Step("c3", (FileChange("new", "old", NEW),)),
        Step("c2", (FileChange("other", "other", OTHER),)),
        Step("c1", (FileChange("old", "old", OLD),)),
    ]

    found = list(walk_back({"new": NEW, "other": NEW}, steps, {"orders": ["new"]}))

    assert [(past.until, dict(past.files)) for past in found] == [("c3", {"old": NEW}), ("c1", {"old": OLD})]


def test_two_files_that_exchange_their_names_are_kept_apart() -> None:
    steps = [Step("c1", (FileChange("a", "b", OLD), FileChange("b", "a", NEW)))]

    (past,) = walk_back({"a": OLD, "b": NEW}, steps, {"orders": ["a"], "refunds": ["b"]})

    assert past.subjects == {"orders", "refunds"}
    assert past.files == {"a": NEW, "b": OLD}


def test_a_file_that_was_removed_and_came_back_has_its_earlier_life_too() -> None:
    steps = [Step("c3", (FileChange("a", "a", None),)), Step("c2", (FileChange(None, "a", OLD),))]

    found = list(walk_back({"a": NEW}, steps, {"orders": ["a"]}))

    assert [dict(past.files) for past in found] == [{}, {"a": OLD}]


def test_folder_settings_come_along_as_they_were() -> None:
    steps = [
        Step("c2", (FileChange("s/defaults.yaml", "s/defaults.yaml", OLD),)),
        Step("c1", (FileChange("s/a", "s/a", OLD),)),
    ]

    (past,) = walk_back({"s/a": NEW, "s/defaults.yaml": NEW}, steps, {"orders": ["s/a"]})

    assert past.files == {"s/a": OLD, "s/defaults.yaml": OLD}


def test_all_files_before_a_commit_are_told_by_taking_back_what_came_after() -> None:
    steps = [
        Step("c3", (FileChange("a", "a", OLD),)),
        Step("c2", (FileChange(None, "b", OTHER),)),
        Step("c1", (FileChange("a", "a", None),)),
    ]

    assert make_tree_before({"a": NEW}, steps, "c2") == {"a": OLD, "b": OTHER}
