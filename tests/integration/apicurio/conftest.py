"""A repository whose registry is a group of a real Apicurio Registry, by an interface of its own."""

from __future__ import annotations

import uuid

import pytest

from tests.integration.apicurio.apicurio_samples import MakeShop, configure
from tests.repositories import MakeRepository, Repository
from tests.servers.apicurio import ApicurioServer


@pytest.fixture
def group() -> str:
    """A group that nobody else has."""
    return f"shop-{uuid.uuid4().hex[:10]}"


@pytest.fixture
def make_shop(apicurio: ApicurioServer, make_repository: MakeRepository, group: str) -> MakeShop:
    """A function that makes a repository over the group, by the interface `v3` or `v2`."""

    def make(interface: str = "v3", name: str = "repository") -> Repository:
        return make_repository(configure(f"{apicurio.root}/apis/registry/{interface}", group), name)

    return make
