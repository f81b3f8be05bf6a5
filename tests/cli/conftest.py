"""What tests of commands that read a registry start from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.repositories import MakeRepository, Repository, over_rest


@pytest.fixture
def double() -> Iterator[ConfluentDouble]:
    """A Confluent double of one version, for tests in which the version makes no difference."""
    with ConfluentDouble("8.1") as started:
        yield started


@pytest.fixture
def online(double: ConfluentDouble, make_repository: MakeRepository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository whose registry, `orders`, is the double; commands run in its root."""
    repository = make_repository(over_rest(double.url))
    monkeypatch.chdir(repository.root)
    return repository
