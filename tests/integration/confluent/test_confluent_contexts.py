"""Contexts with a level of their own: read once each, and told of each of their subjects."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.confluent import ConfluentRegistry
from adapters.confluent.contexts import find_context
from reconciler.model import Mode
from reconciler.registry import RegistrySettings
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.karapace import KarapaceDouble
from tests.doubles.wire import Access
from tests.integration.confluent.confluent_samples import fill, list_requests, open_registry


@pytest.mark.parametrize(
    ("subject", "context"),
    [
        ("orders", ""),
        (":.team:orders", ":.team:"),
        (":.team:orders:v1", ":.team:"),
        (":.:orders", ""),
        (":.team", ""),
        ("a:.team:orders", ""),
    ],
)
def test_the_context_of_a_subject(subject: str, context: str) -> None:
    assert find_context(subject) == context


def test_a_subject_inherits_the_level_of_its_context(confluent: ConfluentDouble) -> None:
    fill(confluent, ["orders", ":.team:orders", ":.team:a:b", ":.other:orders"])
    confluent.set_compatibility("", "FULL")
    confluent.set_compatibility(":.team:", "NONE")
    confluent.set_compatibility(":.team:orders", "FORWARD")

    state = open_registry(confluent.url).read_state()

    assert state.default_mode is Mode.FULL
    assert {name: (s.mode, s.inherited) for name, s in state.subjects.items()} == {
        "orders": (None, None),
        ":.team:orders": (Mode.FORWARD, Mode.NONE),
        ":.team:a:b": (None, Mode.NONE),
        # Not the registry's: without a level of its own a context has the server's default.
        ":.other:orders": (None, Mode.BACKWARD),
    }


def test_each_context_is_asked_for_once_and_the_default_one_never(confluent: ConfluentDouble) -> None:
    fill(confluent, ["a", "b", ":.team:a", ":.team:b", ":.other:a", ":.third:a"])
    confluent.requests.clear()

    open_registry(confluent.url).read_state(modes_of=["a", ":.team:a", ":.team:b", ":.other:a"])

    asked = [request for request in list_requests(confluent) if request.endswith("%3A")]
    assert sorted(asked) == ["GET /config/%3A.other%3A", "GET /config/%3A.team%3A"]


def test_an_unknown_level_of_a_context_is_a_problem_of_who_inherits_it(confluent: ConfluentDouble) -> None:
    fill(confluent, [":.team:a", ":.team:b"])
    confluent.set_compatibility(":.team:b", "FULL")
    confluent.registry.settings._configs[":.team:"] = {"compatibilityLevel": "SIDEWAYS"}

    subjects = open_registry(confluent.url).read_state().subjects

    assert subjects[":.team:a"].problem == "The compatibility mode SIDEWAYS is unknown."
    assert subjects[":.team:b"].problem is None


def test_a_level_that_may_not_be_read_is_a_problem_of_who_inherits_it(confluent: ConfluentDouble) -> None:
    fill(confluent, ["a", ":.team:a", ":.team:b"])
    confluent.set_compatibility(":.team:b", "FULL")
    confluent.access = Access(deny=(("GET", "/config/:.team:"),))

    subjects = open_registry(confluent.url).read_state().subjects

    assert "The level of its context :.team: may not be read (403)" in (subjects[":.team:a"].problem or "")
    assert subjects["a"].problem is None
    assert subjects[":.team:b"].problem is None


def test_a_server_without_contexts_is_not_asked_for_any() -> None:
    with KarapaceDouble() as double:
        fill(double, [":.team:a"])
        double.set_compatibility(":.team:", "NONE")
        registry = ConfluentRegistry(RegistrySettings("k", "karapace", Path(), {"url": double.url}))
        subject = registry.read_state().subjects[":.team:a"]
        registry.close()

    assert subject.inherited is None
