"""Registries that speak Confluent's interface: doubles, real Apicurio, and servers that the environment names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

from reconciler.plugins import BUILT_INS
from reconciler.registry import RegistrySettings, SchemaRegistry
from tests.contract.targets.target import NOT_TROUBLED, Given, Open, Start, Target, find_given, open_unreachable
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.karapace import KarapaceDouble
from tests.doubles.redpanda import RedpandaDouble
from tests.raw_registry import RawRegistry, RawVersion

GIVEN_PRODUCT = os.environ.get("SCHEMAFED_TEST_CONFLUENT_PRODUCT", "confluent")

MakeDouble = Callable[..., ConfluentDouble]

LACKS: Mapping[str, Mapping[str, str]] = {
    "confluent": {
        "rules": "the open-source server drops rule sets silently",
        "schemas of 3 MB": "Confluent's server takes up to a record of Kafka, 1 MB by default",
    },
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
        "schemas of 3 MB": "Karapace takes up to a record of Kafka, 1 MB by default",
        "forbidden": "Karapace hides what may not be seen",
    },
    "redpanda": {
        "metadata": "Redpanda stores properties only",
        "references JSON": "Redpanda takes one version of a JSON schema that refers to others",
        "schemas of 3 MB": "Redpanda takes up to a record of Kafka, 1 MB by default",
    },
}
"""What products of the family do otherwise, which no capability tells; SCHEMAFED_TEST_CONFLUENT_PRODUCT picks a row."""


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
def run_double(name: str, make: MakeDouble, kind: str = "confluent") -> Iterator[Target]:
    with make() as double:
        dropped = {} if double.registry.keeps_rules else {"rules": "this server drops rule sets silently"}
        yield Target(
            name,
            _make_opener(double.url, kind),
            RawServer(RawRegistry(double.url), double),
            {"kind": kind, "url": double.url},
            lacks={n: why for n, why in LACKS[kind].items() if n != "rules"} | dropped,
            troubles={
                "unreachable": _unreachable,
                "unauthorized": lambda: _troubled(make(users={"alice": "secret"}), kind, auth=_WRONG),
                "forbidden": lambda: _troubled(make(deny=(("*", "*"),)), kind),
                "throttled": lambda: _troubled(_fail_always(make(), "too_many_requests"), kind),
                "lost answer": lambda: _troubled(_lose_one_answer(make()), kind),
            },
        )


def run_apicurio(request: pytest.FixtureRequest) -> AbstractContextManager[Target]:
    return _run_server("confluent-apicurio", Given(request.getfixturevalue("apicurio").url), LACKS["apicurio"])


def run_given(kind: str, given: Given) -> AbstractContextManager[Target]:
    product = GIVEN_PRODUCT if kind == "confluent" else kind
    adapter = product if product in BUILT_INS else kind
    return _run_server(f"{kind}-given", given, LACKS[product], adapter)


@contextmanager
def _run_server(name: str, given: Given, lacks: Mapping[str, str], kind: str = "confluent") -> Iterator[Target]:
    """A real server: slower than a double, shared, and not to be brought into trouble."""
    user, password = given.user, given.password
    auth = {"auth": {"kind": "basic", "username": user, "password": password}} if user else {}
    yield Target(
        name,
        _make_opener(given.url, kind, **auth),
        RawServer(RawRegistry(given.url, user, password)),
        {"kind": kind, "url": given.url, **auth},
        lacks={**NOT_TROUBLED, "unreadable text": "a real server stores no text that it cannot read", **lacks},
        troubles={"unreachable": _unreachable},
        bulk=40,
        bulk_options={"page_size": 10},
        is_shared=True,
    )


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


def _unreachable() -> AbstractContextManager[SchemaRegistry]:
    return open_unreachable(lambda url: _make_opener(url, retries=1)())


def _fail_always(double: ConfluentDouble, kind: str) -> ConfluentDouble:
    double.faults.add(kind=kind, times=None)
    return double


def _lose_one_answer(double: ConfluentDouble) -> ConfluentDouble:
    double.faults.add(kind="drop_after_commit", method="POST", path="/subjects/*/versions")
    return double


STARTS = {
    "confluent-7.9": Start(lambda _: run_double("confluent-7.9", partial(ConfluentDouble, "7.9"))),
    "confluent-8.1": Start(lambda _: run_double("confluent-8.1", partial(ConfluentDouble, "8.1", keeps_rules=True))),
    "karapace": Start(lambda _: run_double("karapace", KarapaceDouble, "karapace")),
    "redpanda": Start(lambda _: run_double("redpanda", RedpandaDouble, "redpanda")),
    "confluent-apicurio": Start(run_apicurio, is_server=True, group="apicurio"),
    **{
        f"{kind}-given": Start(lambda _, kind=kind, given=given: run_given(kind, given), is_server=True)
        for kind in ("confluent", "karapace", "redpanda")
        if (given := find_given(kind))
    },
}
