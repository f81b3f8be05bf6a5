"""The hook as people use it: pre-commit itself fetches this repository, installs it and runs it over a commit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.action.world import PROJECT, make_action, make_release
from tests.repositories import Repository, record

pytestmark = pytest.mark.slow
_INSTALL_SECONDS = 540


def test_pre_commit_stops_a_commit_that_breaks_and_lets_others_through(repository: Repository, tmp_path: Path) -> None:
    source = make_action(tmp_path / "schemafed")
    shutil.copy(PROJECT / ".pre-commit-hooks.yaml", source)
    make_release(source)
    repository.write("schemas/a-value.avsc", record("A", "id"))
    repository.commit("the first schema")

    repository.write("schemas/a-value.avsc", record("A", "id", {"name": "total", "type": "long"}))
    repository.git("add", ".")
    broken = try_repo(source, repository.root, tmp_path)
    repository.write("schemas/a-value.avsc", record("A", "id", {"name": "total", "type": "long", "default": 0}))
    repository.git("add", ".")
    fine = try_repo(source, repository.root, tmp_path)

    assert "exit code: 3" in broken.stdout, broken.stdout + broken.stderr
    assert "schemas/a-value.avsc" in broken.stdout
    assert "total" in broken.stdout
    assert (broken.returncode, fine.returncode) == (1, 0), fine.stdout + fine.stderr


def try_repo(source: Path, root: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the hooks of a repository over what is staged in another."""
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(source), "schemafed-check", "--color", "never"]
    environment = {**os.environ, "PRE_COMMIT_HOME": str(home / "pre-commit")}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=_INSTALL_SECONDS)
