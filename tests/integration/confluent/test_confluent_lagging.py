"""Reading back what was written where another node answers, which does not know of the write yet."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.confluent import ConfluentRegistry
from reconciler.errors import RejectedError, UnexpectedAnswerError
from reconciler.model import ContractRule, Format, LiveVersion, Metadata, Mode, RuleSet, Schema
from reconciler.registry import RegistrySettings
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.karapace import KarapaceDouble
from tests.doubles.redpanda import RedpandaDouble
from tests.doubles.wire import Reply, Request
from tests.integration.confluent.confluent_samples import (
    Answer,
    answer_otherwise,
    avro,
    list_requests,
    open_registry,
    record,
)
from tests.raw_registry import RawRegistry

LAG = 3
TAGGED = Schema(Format.AVRO, record(), metadata=Metadata({"owner": "payments"}))
RULED = Schema(
    Format.AVRO, record(), rules=RuleSet((ContractRule(name="r", kind="CONDITION", mode="WRITE", type="CEL"),))
)


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("confluent", lambda: ConfluentDouble("7.9")),
        ("confluent", lambda: ConfluentDouble("8.1")),
        ("karapace", KarapaceDouble),
        ("redpanda", RedpandaDouble),
    ],
)
def test_a_version_is_told_though_its_number_cannot_be_read_at_once(
    kind: str, make: Callable[[], ConfluentDouble]
) -> None:
    with make() as double:
        double.lag = LAG
        registry = ConfluentRegistry(RegistrySettings("r", kind, Path(), {"url": double.url}))
        versions = [registry.register_schema(subject, avro()) for subject in ("order", "order", "other")]
        registry.set_compatibility("order", Mode.NONE)
        versions.append(registry.register_schema("order", avro("a")))
        registry.close()

    assert [(version.version, version.id) for version in versions] == [(1, 1), (1, 1), (1, 1), (2, 2)]


@pytest.mark.parametrize("schema", [TAGGED, RULED], ids=["metadata", "rules"])
def test_metadata_and_rules_that_cannot_be_read_at_once_were_kept(schema: Schema) -> None:
    with ConfluentDouble("8.1", keeps_rules=True, lag=LAG) as double:
        version = open_registry(double.url, patience=10).register_schema("order", schema)

        assert version.version == 1
        assert double.count("GET", "/subjects/order/versions/1") == LAG + 1


def test_another_version_that_had_the_number_before_is_not_taken_for_it() -> None:
    with ConfluentDouble("8.1") as double:
        double.register("order", record("old"))
        RawRegistry(double.url).delete_subject("order", permanent=True)
        double.register("order", record("old"))
        behind = double.answer(Request("GET", "/subjects/order/versions/1", {}, {}))
        RawRegistry(double.url).delete_subject("order", permanent=True)
        answers = [behind, behind]

        def answer(request: Request, original: Answer) -> Reply:
            return answers.pop() if answers else original(request)

        answer_otherwise(double, "/subjects/order/versions/1", answer)

        assert open_registry(double.url, patience=10).register_schema("order", TAGGED).version == 1


def test_what_a_server_drops_is_told_without_waiting(confluent: ConfluentDouble) -> None:
    with pytest.raises(RejectedError, match="did not keep its rules") as caught:
        open_registry(confluent.url, patience=60).register_schema("order", RULED)

    assert caught.value.code == "RULES_DROPPED"
    assert confluent.count("GET", "/subjects/order/versions/1") == 1


def test_a_version_that_stays_away_is_told(confluent: ConfluentDouble) -> None:
    confluent.lag = 1_000

    with pytest.raises(UnexpectedAnswerError, match=r"does not find it again within 0\.2 seconds") as caught:
        open_registry(confluent.url, patience=0.2).register_schema("order", TAGGED)

    assert "`patience` of the registry" in (caught.value.fix or "")


def test_an_older_schema_that_is_the_latest_again_and_cannot_be_read_at_once(confluent: ConfluentDouble) -> None:
    confluent.set_compatibility("", "NONE")
    confluent.register("order", record())
    confluent.register("order", record("a"))
    confluent.lag = LAG

    assert open_registry(confluent.url, patience=10).restore_schema("order", avro()).version == 3


def test_an_imported_version_that_cannot_be_read_at_once(confluent: ConfluentDouble) -> None:
    confluent.lag = LAG
    registry = open_registry(confluent.url, patience=10)
    wanted = LiveVersion(7, TAGGED, 70)

    registry.begin_import("order")

    assert registry.import_version("order", wanted) == wanted


def test_settings_that_cannot_be_read_at_once_were_kept(confluent: ConfluentDouble) -> None:
    confluent.lag = LAG
    registry = open_registry(confluent.url, patience=10)

    for subject in ("order", None):
        registry.set_settings(subject, {"normalize": True, "compatibility_group": "major"})

    raw = RawRegistry(confluent.url)
    for path in ("/config/order", "/config"):
        assert raw.send("GET", path).body.items() >= {"normalize": True, "compatibilityGroup": "major"}.items()


def test_a_setting_that_is_still_read_was_taken_away_all_the_same(confluent: ConfluentDouble) -> None:
    registry = open_registry(confluent.url, patience=10)
    registry.set_settings("order", {"normalize": True})
    confluent.lag = LAG
    confluent.requests.clear()

    registry.set_settings("order", {"normalize": None})

    assert list_requests(confluent) == ["PUT /config/order", *["GET /config/order"] * (LAG + 1)]


def test_a_setting_that_was_dropped_is_told(confluent: ConfluentDouble) -> None:
    answer_otherwise(confluent, "/config/order", lambda request, original: Reply(200, b'{"normalize": true}'))

    with pytest.raises(RejectedError, match="did not keep compatibility_group") as caught:
        open_registry(confluent.url, patience=0.1).set_settings("order", {"compatibility_group": "major"})

    assert caught.value.code == "SETTING_DROPPED"


def test_a_server_that_takes_no_single_setting_away_is_waited_for_once(confluent: ConfluentDouble) -> None:
    def ignore_nulls(request: Request, original: Answer) -> Reply:
        if request.method != "PUT":
            return original(request)
        given = {name: value for name, value in json.loads(request.body).items() if value is not None}
        return original(replace(request, body=json.dumps(given).encode()))

    for subject in ("first", "second"):
        answer_otherwise(confluent, f"/config/{subject}", ignore_nulls)
    registry = open_registry(confluent.url, patience=0.2)
    for subject in ("first", "second"):
        registry.set_settings(subject, {"normalize": True, "compatibility_group": "major"})
    registry.set_settings("first", {"normalize": None})
    confluent.requests.clear()

    registry.set_settings("second", {"normalize": None})

    assert list_requests(confluent) == [
        "PUT /config/second",
        "GET /config/second",
        "GET /config/second",
        "DELETE /config/second",
        "PUT /config/second",
        "PUT /config/second",
        "GET /config/second",
    ]
    assert registry.read_settings(["second"]) == {"second": {"compatibility_group": "major"}}


def test_what_is_there_at_once_is_looked_at_once(confluent: ConfluentDouble) -> None:
    registry = open_registry(confluent.url, patience=10)

    registry.set_settings("order", {"normalize": True})

    assert list_requests(confluent) == ["PUT /config/order", "GET /config/order"]
