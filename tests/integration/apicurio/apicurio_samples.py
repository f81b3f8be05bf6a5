"""What the tests of Apicurio's own interfaces share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

from adapters.apicurio import ApicurioRegistry
from reconciler.registry import RegistrySettings
from tests.repositories import Repository

MakeShop = Callable[..., Repository]


def configure(url: str, group: str, extra: str = "") -> str:
    """A schemafed.yaml with one group as its registry."""
    return f"""\
version: 1
registries:
  orders:
    kind: apicurio
    url: {url}
    group: {group}
{extra}
environments:
  dev: {{registries: [orders], deletion: hard}}
"""


def open_registry(url: str, **options: object) -> AbstractContextManager[ApicurioRegistry]:
    """The adapter, closed in the end."""
    return closing(ApicurioRegistry(RegistrySettings("orders", "apicurio", Path.cwd(), {"url": url, **options})))
