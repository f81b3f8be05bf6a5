"""The demo runs through, shows what it promises, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "scripts/demo.py"


@pytest.mark.slow
def test_demo(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "COLUMNS": "100"}

    ran = subprocess.run([sys.executable, DEMO], env=environment, capture_output=True, text=True, encoding="utf-8")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "\x1b[" not in ran.stdout
    assert ran.stdout.count("Nothing to do.") == 2
    assert "  schemas/payments/payment-refunded-value.avsc:7:5  /fields/0  laptop/payment-refunded" in ran.stdout
    assert "did you mean `compatibility`?" in ran.stdout
    assert "This plan cannot be applied." in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_demo_fails_loudly_when_a_command_ends_otherwise_than_it_should(tmp_path: Path) -> None:
    git = tmp_path / "git"
    git.write_text("#!/bin/sh\nexit 9\n", encoding="utf-8")
    git.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}

    ran = subprocess.run([sys.executable, DEMO], env=environment, capture_output=True, text=True, encoding="utf-8")

    assert ran.returncode == 1
    assert "The demo failed: `git add .` ended with 9 instead of 0" in ran.stdout
