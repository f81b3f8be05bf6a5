"""Karapace and Redpanda, as kinds of their own: what their servers do otherwise does not mislead."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.confluent import ConfluentRegistry
from reconciler.errors import ConfigurationError
from reconciler.model import Dialect, Mode, Outcome
from reconciler.plugins import open_registry
from reconciler.registry import RegistrySettings
from tests.contract.samples import ABC, make_avro
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.karapace import KarapaceDouble
from tests.doubles.redpanda import RedpandaDouble

TEXT, NUMBER = make_avro(("a", "string")), make_avro(("a", "int"))
NOWHERE = "http://127.0.0.1:1"


def open_kind(kind: str, url: str, **options: object) -> ConfluentRegistry:
    registry = open_registry(RegistrySettings("r", kind, Path.cwd(), {"url": url, **options}))
    assert isinstance(registry, ConfluentRegistry)
    return registry


def test_a_softly_deleted_version_is_not_the_latest_though_karapace_lists_it() -> None:
    with KarapaceDouble() as double:
        double.register("a", TEXT.definition)
        double.register("a", ABC.definition)
        double.register("gone", TEXT.definition)
        double.registry.store.delete_version("a", "2", permanent=False)
        double.registry.store.delete_subject("gone", permanent=False)
        registry = open_kind("karapace", double.url)

        state = registry.read_state()
        history = registry.read_history("a")
        registry.close()

    assert {n: s.latest.version for n, s in state.subjects.items() if s.latest} == {"a": 1}
    assert [version.version for version in history] == [1]


def test_many_subjects_of_karapace_are_read_together() -> None:
    with KarapaceDouble() as double:
        for number in range(300, 0, -1):
            double.register(f"s{number}", TEXT.definition)
        registry = open_kind("karapace", double.url)

        state = registry.read_state(modes_of=())
        registry.close()

        assert len(state.subjects) == 300
        assert double.count("GET", "/subjects/*/versions/latest") == 0


@pytest.mark.parametrize(("kind", "double"), [("karapace", KarapaceDouble), ("redpanda", RedpandaDouble)])
def test_health_names_the_product(kind: str, double: type[ConfluentDouble]) -> None:
    with double() as server:
        registry = open_kind(kind, server.url)

        health = registry.check_health()
        registry.close()

    assert health.product == kind.title()


def test_redpanda_is_asked_about_each_version_under_a_transitive_mode() -> None:
    with RedpandaDouble() as double:
        double.set_compatibility("a", "NONE")
        double.register("a", NUMBER.definition)
        double.register("a", TEXT.definition)
        double.set_compatibility("a", "BACKWARD_TRANSITIVE")
        registry = open_kind("redpanda", double.url)

        verdict = registry.probe("a", TEXT, Mode.BACKWARD_TRANSITIVE)
        unknown = registry.probe("new", TEXT, Mode.BACKWARD_TRANSITIVE)
        registry.close()

        assert double.count("POST", "/compatibility/subjects/a/versions/*") == 2
    assert verdict is not None
    assert unknown is not None
    assert (verdict.outcome, verdict.findings[0].against) == (Outcome.INCOMPATIBLE, 1)
    assert unknown.outcome is Outcome.COMPATIBLE


def test_a_kind_that_names_its_product_takes_no_dialect() -> None:
    with pytest.raises(ConfigurationError, match="dialect"):
        open_kind("karapace", NOWHERE, dialect="apicurio")


@pytest.mark.parametrize(
    ("kind", "dialect"),
    [("confluent", Dialect.CONFLUENT), ("karapace", Dialect.KARAPACE), ("redpanda", Dialect.CONFLUENT)],
)
def test_each_kind_has_the_identity_of_its_product(kind: str, dialect: Dialect) -> None:
    assert open_kind(kind, NOWHERE).capabilities.dialect is dialect
