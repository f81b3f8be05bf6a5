"""A repository from a mapping of paths to texts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from repository_files import CONFIG, Load

from reconciler.repository import DesiredState, load_desired_state

Files = Mapping[str, str | bytes]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Write files below a new root and load them; schemafed.yaml is the smallest unless it is among them."""

    def write_and_load(files: Files, environment: str | None = None) -> DesiredState:
        (tmp_path / "schemas").mkdir()
        for path, content in {"schemafed.yaml": CONFIG, **files}.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        return load_desired_state(tmp_path, environment)

    return write_and_load
