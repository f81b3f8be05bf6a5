"""Fixtures: a server with a repository, and clones of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.ledger.ledgers import Server, make_server


@pytest.fixture
def server(plain_environment: None, tmp_path: Path) -> Server:
    return make_server(tmp_path)


@pytest.fixture
def clone(server: Server) -> Path:
    return server.clone("ours")


@pytest.fixture
def other(server: Server) -> Path:
    return server.clone("theirs")
