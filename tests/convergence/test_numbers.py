"""A commit is tested with the same stories each time, and each commit with others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.convergence.numbers import VARIABLE, find_number
from tests.repositories import commit_all, run_git


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [n for n in os.environ if n.startswith("GIT_") or n == VARIABLE]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "checkout"
    folder.mkdir()
    return folder


def commit(folder: Path, text: str) -> int:
    (folder / "file").write_text(text)
    commit_all(folder, "a step")
    return find_number(folder)


def test_the_committed_files_make_the_number(folder: Path) -> None:
    run_git(folder, "init", "--quiet")

    first, second, again = (commit(folder, text) for text in ("one", "two", "one"))

    assert first == again != second
    assert f"{first:06x}" == run_git(folder, "rev-parse", "HEAD^{tree}")[:6]


def test_a_variable_goes_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "42")

    assert find_number(folder) == 42


def test_without_a_commit_or_git_it_is_always_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = find_number(folder)
    run_git(folder, "init", "--quiet")
    empty = find_number(folder)
    monkeypatch.setenv("PATH", str(folder))

    assert outside == empty == find_number(folder)
