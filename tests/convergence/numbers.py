"""The number from which a run of the tests draws its stories."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

VARIABLE = "SCHEMAFED_TEST_SEED"
_WITHOUT_GIT = 0x5EED
_DIGITS = 6


def find_number(folder: Path) -> int:
    """The number that a variable gives, else one that the committed files make.

    So a commit has the same stories wherever and however often it is tested, and the next one has others. `make soak`
    draws numbers at random.

    Args:
        folder: the repository's.
    """
    return int(os.environ.get(VARIABLE) or _derive(folder))


def _derive(folder: Path) -> int:
    try:
        command = ["git", "rev-parse", "--verify", "HEAD^{tree}"]
        tree = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return _WITHOUT_GIT
    return int(tree[:_DIGITS], 16)
