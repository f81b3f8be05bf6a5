"""What the contract suite runs against: how to open each target, read it raw, and bring it into trouble.

To run the suite over another kind of registry, add a function here that yields a `Target`, and its name to `TARGETS`.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import pytest

from adapters.local import LocalRegistry
from reconciler.plugins import BUILT_INS
from reconciler.registry import RegistrySettings, SchemaRegistry
from tests.contract.raw_file import RawFile
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.karapace import KarapaceDouble
from tests.doubles.redpanda import RedpandaDouble
from tests.raw_registry import RawRegistry, RawVersion

GIVEN_PRODUCT = os.environ.get("SCHEMAFED_TEST_CONFLUENT_PRODUCT", "confluent")
GIVEN_KINDS = [k for k in ("confluent", "karapace", "redpanda") if os.environ.get(f"SCHEMAFED_TEST_{k.upper()}_URL")]
"""The kinds of which the environment names a server."""

LACKS: Mapping[str, Mapping[str, str]] = {
    "confluent": {},
    "apicurio": {
        "metadata": "Apicurio drops metadata silently",
        "telling inherited from own": "Apicurio answers NONE for a subject without a mode",
        "versions of documentation": "Apicurio takes Avro texts that differ in documentation alone for one",
        "refuses an unknown JSON Schema type": "Apicurio takes any JSON for a JSON Schema",
        "write mode": "Apicurio stores a write mode and does not keep it",
    },
    "karapace": {
        "metadata": "Karapace drops metadata silently",
        "references JSON": "Karapace has no references in JSON Schema",
        "write mode": "Karapace is always READWRITE",
        "forbidden": "Karapace hides what may not be seen",
    },
    "redpanda": {
        "metadata": "Redpanda stores properties only",
        "references JSON": "Redpanda takes one version of a JSON schema that refers to others",
    },
}
"""What products of the family do otherwise, which no capability tells; SCHEMAFED_TEST_CONFLUENT_PRODUCT picks a row."""


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
MakeDouble = Callable[..., ConfluentDouble]
Trouble = Callable[[], AbstractContextManager[SchemaRegistry]]


@dataclass(frozen=True)
class Target:
    """One registry under test.

    `open` makes a fresh adapter, with options beyond the usual ones. `lacks` names what cannot be asked of this target
    beyond its adapter's capabilities, and why. `troubles` opens an adapter on a registry in that trouble. `bulk` is how
    many subjects a test of many makes, `bulk_options` the options under which they are more than one page. `is_shared`:
    what a test made must be deleted, and what it finds is not only its own.
    """

    name: str
    open: Open
    raw: Raw
    lacks: Mapping[str, str] = field(default_factory=dict)
    troubles: Mapping[str, Trouble] = field(default_factory=dict)
    bulk: int = 1_001
    bulk_options: Mapping[str, object] = field(default_factory=dict)
    is_shared: bool = False


@dataclass(frozen=True)
class RawServer:
    """A Confluent-like server as `Raw`; `double` where the test can reach into its memory."""

    http: RawRegistry
    double: ConfluentDouble | None = None

    def read_versions(self, subject: str) -> list[RawVersion]:
        return self.http.read_versions(subject)

    def read_numbers(self, subject: str) -> list[int]:
        """Read the numbers of all versions, softly deleted ones too."""
        answer = self.http.send("GET", f"/subjects/{quote(subject, safe='')}/versions?deleted=true")
        return sorted(answer.body) if answer.status == 200 else []

    def read_compatibility(self, subject: str = "") -> str | None:
        return self.http.read_compatibility(subject)

    def write_compatibility(self, subject: str, level: str) -> None:
        assert self.http.set_compatibility(subject, level).status == 200

    def write_text(self, subject: str, text: str) -> None:
        assert self.double is not None
        store = self.double.registry.store
        for version in store.get_versions(subject):
            store.put(replace(version, parsed=replace(version.parsed, text=text)))

    def write_write_mode(self, subject: str, write_mode: str) -> None:
        assert self.http.send("PUT", f"/mode/{quote(subject, safe='')}", {"mode": write_mode}).status == 200

    def delete_subject(self, subject: str) -> None:
        self.http.delete_subject(subject, permanent=True)


@contextmanager
def run_local(request: pytest.FixtureRequest) -> Iterator[Target]:
    folder: Path = request.getfixturevalue("tmp_path_factory").mktemp("local")

    def open_local(**options: object) -> SchemaRegistry:
        return LocalRegistry(RegistrySettings("contract", "local", folder, {"path": "registry.db", **options}))

    @contextmanager
    def unreachable() -> Iterator[SchemaRegistry]:
        with closing(open_local(path=".")) as registry:
            yield registry

    no_access = "a file asks for no credentials"
    yield Target(
        "local",
        open_local,
        RawFile(folder / "registry.db"),
        lacks={"unauthorized": no_access, "forbidden": no_access, "throttled": no_access, "lost answer": "no network"},
        troubles={"unreachable": unreachable},
    )


@contextmanager
def run_double(name: str, make: MakeDouble, kind: str = "confluent") -> Iterator[Target]:
    with make() as double:
        yield Target(
            name,
            _make_opener(double.url, kind),
            RawServer(RawRegistry(double.url), double),
            lacks=LACKS[kind],
            troubles={
                "unreachable": _unreachable,
                "unauthorized": lambda: _troubled(make(users={"alice": "secret"}), kind, auth=_WRONG),
                "forbidden": lambda: _troubled(make(deny=(("*", "*"),)), kind),
                "throttled": lambda: _troubled(_fail_always(make(), "too_many_requests"), kind),
                "lost answer": lambda: _troubled(_lose_one_answer(make()), kind),
            },
        )


def run_apicurio(request: pytest.FixtureRequest) -> AbstractContextManager[Target]:
    return _run_server("confluent-apicurio", request.getfixturevalue("apicurio").url, LACKS["apicurio"])


def run_given(kind: str) -> AbstractContextManager[Target]:
    url, user, password = (
        os.environ.get(f"SCHEMAFED_TEST_{kind.upper()}_{w}", "") for w in ("URL", "USER", "PASSWORD")
    )
    product = GIVEN_PRODUCT if kind == "confluent" else kind
    adapter = product if product in BUILT_INS else kind
    return _run_server(f"{kind}-given", url, LACKS[product], adapter, user, password)


@contextmanager
def _run_server(
    name: str, url: str, lacks: Mapping[str, str], kind: str = "confluent", user: str = "", password: str = ""
) -> Iterator[Target]:
    """A real server: slower than a double, shared, and not to be brought into trouble."""
    real = "a real server is not brought into this trouble"
    auth = {"auth": {"kind": "basic", "username": user, "password": password}} if user else {}
    yield Target(
        name,
        _make_opener(url, kind, **auth),
        RawServer(RawRegistry(url, user, password)),
        lacks={
            **dict.fromkeys(("unauthorized", "forbidden", "throttled", "lost answer"), real),
            "unreadable text": "a real server stores no text that it cannot read",
            **lacks,
        },
        troubles={"unreachable": _unreachable},
        bulk=40,
        bulk_options={"page_size": 10},
        is_shared=True,
    )


def start_target(name: str, request: pytest.FixtureRequest, stack: ExitStack) -> Target:
    return stack.enter_context(TARGETS[name](request))


TARGETS: dict[str, Callable[[pytest.FixtureRequest], AbstractContextManager[Target]]] = {
    "local": run_local,
    "confluent-7.9": lambda _: run_double("confluent-7.9", partial(ConfluentDouble, "7.9")),
    "confluent-8.1": lambda _: run_double("confluent-8.1", partial(ConfluentDouble, "8.1")),
    "karapace": lambda _: run_double("karapace", KarapaceDouble, "karapace"),
    "redpanda": lambda _: run_double("redpanda", RedpandaDouble, "redpanda"),
    "confluent-apicurio": run_apicurio,
    **{f"{kind}-given": lambda _, kind=kind: run_given(kind) for kind in GIVEN_KINDS},
}

_WRONG = {"kind": "basic", "username": "alice", "password": "wrong"}


def _make_opener(url: str, kind: str = "confluent", **fixed: object) -> Open:
    def open_confluent(**options: object) -> SchemaRegistry:
        from adapters.confluent import ConfluentRegistry

        return ConfluentRegistry(RegistrySettings("contract", kind, Path.cwd(), {"url": url, **fixed, **options}))

    return open_confluent


@contextmanager
def _troubled(double: ConfluentDouble, kind: str, **options: object) -> Iterator[SchemaRegistry]:
    with double, closing(_make_opener(double.url, kind, retries=1)(**options)) as registry:
        yield registry


@contextmanager
def _unreachable() -> Iterator[SchemaRegistry]:
    with socket.socket() as taken:
        # Bound but not listening: nobody else gets the port, and connecting to it is refused.
        taken.bind(("127.0.0.1", 0))
        with closing(_make_opener(f"http://127.0.0.1:{taken.getsockname()[1]}", retries=1)()) as registry:
            yield registry


def _fail_always(double: ConfluentDouble, kind: str) -> ConfluentDouble:
    double.faults.add(kind=kind, times=None)
    return double


def _lose_one_answer(double: ConfluentDouble) -> ConfluentDouble:
    double.faults.add(kind="drop_after_commit", method="POST", path="/subjects/*/versions")
    return double
