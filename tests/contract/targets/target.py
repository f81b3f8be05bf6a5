"""What the contract suite runs against: how to open a registry, read it raw, and bring it into trouble."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import pytest

from reconciler.registry import SchemaRegistry
from tests.raw_registry import RawVersion

NOT_TROUBLED = dict.fromkeys(
    ("unauthorized", "forbidden", "throttled", "lost answer"), "a real server is not brought into this trouble"
)
"""What a server that others use too lacks."""


class Raw(Protocol):
    """Reading and changing a registry without the product's code."""

    def read_versions(self, subject: str) -> list[RawVersion]: ...

    def read_numbers(self, subject: str) -> list[int]: ...

    def read_compatibility(self, subject: str = "") -> str | None: ...

    def write_compatibility(self, subject: str, level: str) -> None: ...

    def write_text(self, subject: str, text: str) -> None: ...

    def write_write_mode(self, subject: str, write_mode: str) -> None: ...

    def delete_subject(self, subject: str) -> None: ...


Open = Callable[..., SchemaRegistry]
Trouble = Callable[[], AbstractContextManager[SchemaRegistry]]


@dataclass(frozen=True)
class Target:
    """One registry under test.

    `open` makes a fresh adapter, with options beyond the usual ones. `entry` is how schemafed.yaml names it. `lacks`
    names what cannot be asked of this target beyond its adapter's capabilities, and why. `troubles` opens one on a
    registry in that trouble. `bulk` is how many subjects a test of many makes, `bulk_options` the options under which
    they are more than one page. `is_shared`: what a test made must be deleted, and what it finds is not only its own.
    """

    name: str
    open: Open
    raw: Raw
    entry: Mapping[str, object]
    lacks: Mapping[str, str] = field(default_factory=dict)
    troubles: Mapping[str, Trouble] = field(default_factory=dict)
    bulk: int = 1_001
    bulk_options: Mapping[str, object] = field(default_factory=dict)
    is_shared: bool = False


@dataclass(frozen=True)
class Start:
    """How a target is begun.

    `is_server`: it is a vendor's own, which takes time and may be missing. `group`: tests that share its server run on
    one worker; a target has a group of its own where none is said.
    """

    run: Callable[[pytest.FixtureRequest], AbstractContextManager[Target]]
    is_server: bool = False
    group: str = ""


@dataclass(frozen=True)
class Given:
    """A server that the environment names, with whom to be there."""

    url: str
    user: str = ""
    password: str = ""


def find_given(kind: str) -> Given | None:
    """The server of `SCHEMAFED_TEST_<KIND>_URL`; None where there is none."""
    url, user, password = (
        os.environ.get(f"SCHEMAFED_TEST_{kind.upper()}_{w}", "") for w in ("URL", "USER", "PASSWORD")
    )
    return Given(url, user, password) if url else None


@contextmanager
def open_unreachable(open_at: Callable[[str], SchemaRegistry]) -> Iterator[SchemaRegistry]:
    """An adapter at an address that refuses connections."""
    with socket.socket() as taken:
        # Bound but not listening: nobody else gets the port, and connecting to it is refused.
        taken.bind(("127.0.0.1", 0))
        with closing(open_at(f"http://127.0.0.1:{taken.getsockname()[1]}")) as registry:
            yield registry
