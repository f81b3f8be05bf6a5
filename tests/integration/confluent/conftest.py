"""Adapters are closed when their test is over."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.confluent.confluent_samples import OPENED


@pytest.fixture(autouse=True)
def close_registries() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()
