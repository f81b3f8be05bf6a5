from collections.abc import Iterator
from pathlib import Path

import pytest
from local_samples import open_registry

from adapters.local import LocalRegistry


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[LocalRegistry]:
    opened = open_registry(tmp_path)
    yield opened
    opened.close()
