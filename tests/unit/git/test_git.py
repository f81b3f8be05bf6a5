"""The questions that we ask of Git, asked of real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reconciler import git
from reconciler.errors import RepositoryError


@pytest.fixture
def work_tree(tmp_path: Path) -> Path:
    def run(*arguments: str) -> None:
        settings = ("-c", "user.name=ann", "-c", "user.email=ann@acme.example", "-c", "commit.gpgsign=false")
        subprocess.run(["git", "-C", str(tmp_path), *settings, *arguments], check=True)

    for path in ("a.txt", "sub/b.txt", "sub/gröb.txt", "other/c.txt", "built/x"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("1")
    (tmp_path / ".gitignore").write_text("built/\n")
    run("init", "-q")
    run("add", "-A")
    run("commit", "-q", "-m", "first")
    return tmp_path


def test_files_are_the_tracked_and_the_new_ones(work_tree: Path) -> None:
    (work_tree / "sub/new.txt").write_text("1")

    assert git.list_files(work_tree / "sub") == {"b.txt", "gröb.txt", "new.txt"}
    assert git.list_files(work_tree, ["other"]) == {"other/c.txt"}


def test_outside_of_a_work_tree(tmp_path: Path) -> None:
    assert git.list_files(tmp_path) is None
    assert git.describe_commit(tmp_path) is None
    assert git.changed_files(tmp_path) == ()


def test_folder_that_the_work_tree_around_it_ignores(work_tree: Path) -> None:
    assert git.list_files(work_tree / "built") is None


def test_clean_commit(work_tree: Path) -> None:
    commit = git.describe_commit(work_tree)

    assert commit is not None and len(commit) == 40
    assert not git.is_dirty_commit(commit)


def test_changed_files_are_those_below_the_folder(work_tree: Path) -> None:
    (work_tree / "sub/b.txt").write_text("2")
    (work_tree / "sub/new.txt").write_text("1")
    (work_tree / "other/c.txt").unlink()

    assert git.changed_files(work_tree) == ("other/c.txt", "sub/b.txt", "sub/new.txt")
    assert git.changed_files(work_tree / "sub") == ("b.txt", "new.txt")
    assert git.is_dirty_commit(git.describe_commit(work_tree / "sub"))


def test_before_the_first_commit(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "a").write_text("1")

    assert git.describe_commit(tmp_path) is None
    assert git.changed_files(tmp_path) == ("a",)


def test_broken_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()

    with pytest.raises(RepositoryError, match="is not in a Git work tree"):
        git.list_files(tmp_path)
