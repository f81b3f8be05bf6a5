"""Random stories of repositories, registries and runs; `make soak` tells more of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.convergence.commands import Commands
from tests.convergence.stories import tell_stories
from tests.convergence.summary import STORIES

_SECONDS = 10.0


@pytest.mark.slow
@pytest.mark.xdist_group("stories")
def test_stories(commands: Commands, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    number = int(os.environ.get("SCHEMAFED_TEST_SEED") or int.from_bytes(os.urandom(3)))
    record_property(STORIES, f"stories from number {number}")

    told = tell_stories(commands, tmp_path, number, _SECONDS)

    record_property(STORIES, f"  {dict(sorted(told.items()))}")
    assert told["stories"] > 0 and told["applied"] > 0
