"""Random stories of repositories, registries and runs; `make soak` tells more of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.convergence.commands import Commands
from tests.convergence.stories import tell_stories

_SECONDS = 25.0


@pytest.mark.slow
@pytest.mark.xdist_group("stories")
def test_stories(commands: Commands, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    number = int(os.environ.get("SCHEMAFED_TEST_SEED") or int.from_bytes(os.urandom(3)))

    told = tell_stories(commands, tmp_path, number, _SECONDS)

    with capsys.disabled():
        print(f"\nstories from number {number}: {dict(sorted(told.items()))}")
    assert told["stories"] > 0 and told["applied"] > 0
