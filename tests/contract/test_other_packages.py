"""The suite also runs over an adapter of somebody's own package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULE = "from tests.contract.targets import local\n\nSTARTS = {'of-my-own': local.STARTS['local']}\n"


def test_targets_of_modules_that_a_variable_names_are_run(tmp_path: Path) -> None:
    (tmp_path / "my_targets.py").write_text(MODULE)
    variables = {"SCHEMAFED_TEST_TARGETS": "my_targets", "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    command = (
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:xdist",
        "-k",
        "of-my-own",
        "tests/contract/test_contract_modes.py",
    )

    ran = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout
