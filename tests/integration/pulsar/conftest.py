"""A namespace of its own for each test, and a repository over it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import pytest

from tests.contract.targets.pulsar import RawPulsar
from tests.repositories import MakeRepository, Repository, record
from tests.servers.pulsar import PulsarServer


@pytest.fixture
def raw(pulsar: PulsarServer) -> Iterator[RawPulsar]:
    found = RawPulsar(pulsar.url, f"shop/{uuid.uuid4().hex[:10]}")
    found.make_namespace()
    yield found
    found.delete_namespace()


@pytest.fixture
def shop(raw: RawPulsar, make_repository: MakeRepository) -> Repository:
    """A repository with one schema, over the namespace."""
    repository = make_repository(configure(raw))
    repository.write("schemas/order.avsc", record("Order", "id"))
    repository.commit()
    return repository


def configure(raw: RawPulsar, environment: str = "", **options: object) -> str:
    """A schemafed.yaml over the namespace, with options of the registry and lines of the environment beyond."""
    entry = json.dumps({"kind": "pulsar", "url": raw.url, "namespace": raw.namespace, **options})
    return f"version: 1\nregistries:\n  orders: {entry}\nenvironments:\n  dev: {{registries: [orders]{environment}}}\n"
