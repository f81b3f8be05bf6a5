"""A double of Glue with one registry, and a repository of schemas for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from adapters.glue import GlueRegistry
from reconciler.registry import RegistrySettings
from tests.doubles.glue import GlueDouble, GlueGate, Refusal
from tests.repositories import MakeRepository, Repository, record

OpenGlue = Callable[..., GlueRegistry]


@pytest.fixture
def glue() -> Iterator[GlueDouble]:
    with GlueDouble("shop") as double:
        yield double


@pytest.fixture
def client(glue: GlueDouble) -> Iterator[Any]:
    made = glue.make_client()
    yield made
    made.close()


@pytest.fixture
def gate(glue: GlueDouble) -> Iterator[GlueGate]:
    """A gate that refuses nothing yet: tests append to its refusals."""
    with GlueGate(glue.url) as standing:
        yield standing


@pytest.fixture
def open_glue(gate: GlueGate, glue: GlueDouble) -> Iterator[OpenGlue]:
    """Opens adapters behind the gate, and closes them in the end."""
    with ExitStack() as stack:

        def open_registry(**options: object) -> GlueRegistry:
            chosen = {**glue.options, "endpoint": gate.url, **options}
            kept: Mapping[str, object] = {name: value for name, value in chosen.items() if value is not None}
            registry = GlueRegistry(RegistrySettings("orders", "glue", Path.cwd(), kept))
            stack.callback(registry.close)
            return registry

        yield open_registry


@pytest.fixture
def shop(glue: GlueDouble, gate: GlueGate, make_repository: MakeRepository) -> Repository:
    """A repository with one schema, whose registry is behind the gate."""
    entry = json.dumps({"kind": "glue", **glue.options, "endpoint": gate.url, "retries": 0})
    environment = "{registries: [orders], deletion: hard}"
    repository = make_repository(f"version: 1\nregistries:\n  orders: {entry}\nenvironments:\n  prod: {environment}\n")
    repository.write("schemas/order.avsc", record("Order", "id"))
    repository.commit()
    return repository


def denied(operation: str, schema: str = "*") -> Refusal:
    """A permission that is missing."""
    words = f"User: arn:aws:sts::1:assumed-role/ci is not authorized to perform: glue:{operation}"
    return Refusal("AccessDeniedException", operation, schema, message=words)
