"""One run of Git: of the right repository, whatever a hook or somebody's settings say, and not for ever."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler import git
from reconciler.errors import RepositoryError
from reconciler.git import running
from tests.repositories import commit_all, run_git


@pytest.fixture
def repository(plain_environment: None, tmp_path: Path) -> Path:
    root = tmp_path / "ours"
    (root / "sub").mkdir(parents=True)
    (root / "sub/file").write_text("1")
    run_git(root, "init", "--quiet")
    commit_all(root, "Grüße")
    return root


@pytest.fixture
def other(plain_environment: None, tmp_path: Path) -> Path:
    root = tmp_path / "theirs"
    root.mkdir()
    run_git(root, "init", "--quiet")
    return root


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A program that is found for `git`; to be written."""
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    running._read_version.cache_clear()
    yield program
    running._read_version.cache_clear()


def test_the_folder_says_which_repository_is_meant_and_not_a_hook_of_another(
    repository: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))

    assert git.list_files(repository) == {"sub/file"}


def test_a_hook_of_a_linked_work_tree_does_not_make_a_folder_the_root(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(repository / ".git"))

    assert git.run(repository / "sub", "rev-parse", "--show-prefix") == b"sub/\n"


def test_the_index_of_a_hook_counts_in_its_own_work_tree_alone(
    repository: Path, other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "of-a-hook"))
    monkeypatch.chdir(repository)
    own = git.run(repository, "ls-files")
    monkeypatch.chdir(other)
    foreign = git.run(repository, "ls-files")

    assert (own, foreign) == (b"", b"sub/file\n")


@pytest.mark.parametrize("setting", ["i18n.logOutputEncoding=ISO-8859-1", "i18n.commitEncoding=ISO-8859-1"])
def test_what_git_prints_is_utf_8_whatever_somebody_prefers(repository: Path, setting: str) -> None:
    run_git(repository, "config", *setting.split("="))

    assert git.run(repository, "log", "-1", "--format=%s").decode() == "Grüße\n"


def test_a_program_that_does_not_end_is_ended(repository: Path, fake: Path) -> None:
    fake.write_text("#!/bin/sh\nexec sleep 60\n")

    done = git.ask(repository, "ls-remote", patience=0.2)

    assert done.returncode != 0
    assert done.stderr == b"no answer within 0.2 seconds"


def test_a_git_that_lacks_what_we_use_is_named(repository: Path, fake: Path) -> None:
    fake.write_text('#!/bin/sh\n[ "$1" = version ] && echo git version 2.25.1 && exit\nexit 129\n')

    with pytest.raises(RepositoryError, match=r"Git 2\.25 is too old: schemafed needs 2\.30 or newer"):
        git.ask(repository, "fetch", "--no-write-fetch-head")


def test_a_program_that_cannot_be_run_is_told(repository: Path, fake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(fake.parent))
    fake.chmod(0o644)

    with pytest.raises(RepositoryError, match="the program git cannot be run: Permission denied"):
        git.list_files(repository)


def test_of_a_repository_of_another_user_the_fix_trusts_it_and_no_other() -> None:
    words = b"fatal: detected dubious ownership in repository at '/srv/o'brien'\nTo add an exception, call: ...\n"

    error = running.make_error(Path("/srv"), "ls-files", words)

    assert error.message == "Git does not trust the repository /srv/o'brien, since it belongs to another user"
    assert error.fix == 'if you do: `git config --global --add safe.directory "/srv/o\'brien"`'


def test_whoever_names_a_repository_by_a_variable_is_told_that_it_is_not_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "apart.git"))

    with pytest.raises(RepositoryError, match="is not in a Git work tree") as refused:
        git.resolve_commit(tmp_path, "HEAD")

    assert refused.value.fix is not None and "GIT_DIR is not heard" in refused.value.fix


def test_files_that_a_sparse_checkout_leaves_out(repository: Path) -> None:
    (repository / "other").mkdir()
    (repository / "other/file").write_text("1")
    commit_all(repository, "more")
    run_git(repository, "sparse-checkout", "set", "sub")

    assert git.list_not_checked_out(repository) == {"other/file"}
    assert git.list_not_checked_out(repository, ["sub"]) == frozenset()


def test_a_folder_that_looks_like_a_pattern_is_a_folder(repository: Path) -> None:
    (repository / "[s]ub").mkdir()
    (repository / "[s]ub/mine").write_text("1")

    assert git.list_files(repository, ["[s]ub"]) == {"[s]ub/mine"}
