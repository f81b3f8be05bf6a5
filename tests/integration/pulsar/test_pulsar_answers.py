"""Answers that a broker should not give, those of a newer one, and what reading many topics costs."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import pytest

from reconciler.errors import NotFoundError, RegistryError, RejectedError, UnexpectedAnswerError
from reconciler.model import Format, Mode, Outcome, Schema
from reconciler.registry import SchemaRegistry, VerdictProbe
from tests.contract.samples import A, make_avro
from tests.contract.targets.pulsar import open_pulsar
from tests.doubles.pulsar import Amiss, PulsarDouble, make_row
from tests.doubles.wire import Reply, make_json_reply

PAGE = Reply(500, b"<html><head><title>Error 500 Server Error</title></head></html>", {"Content-Type": "text/html"})
SCHEMA = "/schemas/acme/orders/s/schema"
ROWS = {"s": make_row(A.definition)}
STRATEGY = "/persistent/acme/orders/s/schemaCompatibilityStrategy"


@contextmanager
def broker(
    rows: Mapping[str, dict[str, Any]], amiss: Amiss | None = None, **options: Any
) -> Iterator[tuple[SchemaRegistry, PulsarDouble]]:
    """A double, and an adapter that speaks to it."""
    with PulsarDouble(rows, amiss) as double, closing(open_double(double, **options)) as registry:
        yield registry, double


def open_double(double: PulsarDouble, **options: Any) -> SchemaRegistry:
    return open_pulsar(double.url, namespace="acme/orders", retries=0, **options)


def pack(data: object) -> dict[str, Any]:
    return make_row(data if isinstance(data, str) else json.dumps(data), "PROTOBUF_NATIVE")


EMPTY = base64.b64encode(b"").decode()
ODD = {
    "a type of a newer broker": (make_row("", "AVRO_NEXT"), "AVRO_NEXT, which is shown"),
    "a JSON Schema": (make_row('{"type": "object"}', "JSON"), "no Avro record"),
    "no text": ({"version": 0, "type": "AVRO"}, "no text"),
    "no descriptors": (pack("nonsense"), "descriptors cannot be read"),
    "descriptors without their root": (
        pack({"fileDescriptorSet": EMPTY, "rootMessageTypeName": "M", "rootFileDescriptorName": "m.proto"}),
        "descriptors cannot be read",
    ),
}


@pytest.mark.parametrize("case", ODD)
def test_a_schema_that_is_none_of_ours_is_a_problem_and_hides_no_other(case: str) -> None:
    row, words = ODD[case]
    with broker({"odd": row, "s": make_row(A.definition)}) as (registry, _):
        for state in (registry.read_state(), registry.read_state(["odd", "s"])):
            assert words in str(state.subjects["odd"].problem)
            assert state.subjects["odd"].latest is None
            assert state.subjects["s"].problem is None


def test_a_text_that_no_parser_reads_is_there_as_it_is() -> None:
    with broker({"s": make_row("nonsense")}) as (registry, _):
        latest = registry.read_state().subjects["s"].latest

    assert latest is not None
    assert latest.schema.definition == "nonsense"


def test_a_strategy_of_a_newer_broker_is_a_problem() -> None:
    with broker(ROWS) as (registry, double):
        double.strategies["s"] = "SOMETIMES"

        subject = registry.read_state().subjects["s"]

    assert subject.problem == "Its compatibility strategy SOMETIMES is unknown."


def test_a_strategy_that_the_broker_drops_is_said() -> None:
    """A broker answers 204 to a word that it does not know, and has none then."""
    dropped = {("PUT", STRATEGY): Reply(204)}
    with (
        broker(ROWS, dropped, patience=0.1) as (registry, _),
        pytest.raises(RejectedError) as caught,
    ):
        registry.set_compatibility("s", Mode.FULL)

    assert caught.value.code == "MODE_DROPPED"
    assert "took the strategy FULL and has none now" in caught.value.message


@pytest.mark.parametrize("reply", [PAGE, Reply(200, b"<html>log in</html>"), make_json_reply(200, [1])])
def test_what_is_no_answer_is_no_absence(reply: Reply) -> None:
    with (
        broker(ROWS, {("GET", SCHEMA): reply}) as (registry, _),
        pytest.raises(UnexpectedAnswerError) as caught,
    ):
        registry.read_state()

    assert caught.value.registry == "contract"


def test_a_wrong_address_is_no_absence() -> None:
    """A server that is no Pulsar knows no such path either."""
    nowhere = make_json_reply(404, {"servlet": "x", "message": "Not Found", "url": SCHEMA, "status": "404"})
    with broker({}, {("GET", SCHEMA): nowhere}) as (registry, _), pytest.raises(NotFoundError):
        registry.read_state(["s"])


def test_errors_of_the_web_server_are_read_without_its_escapes() -> None:
    message = "exists schema type &apos;AVRO&apos; &lt;here&gt;"
    refused = make_json_reply(409, {"servlet": "x", "message": message, "url": SCHEMA, "status": "409"})
    with (
        broker(ROWS, {("POST", SCHEMA): refused}) as (registry, _),
        pytest.raises(RejectedError) as caught,
    ):
        registry.register_schema("s", make_avro(("b", "string")))

    assert (caught.value.detail, caught.value.code) == ("exists schema type 'AVRO' <here>", "409")


VERDICTS = {
    "yes": (make_json_reply(202, {"compatibility": True, "schemaCompatibilityStrategy": "FULL"}), Outcome.COMPATIBLE),
    "no": (make_json_reply(202, {"compatibility": False}), Outcome.INCOMPATIBLE),
    "no, by an exception": (
        make_json_reply(
            500,
            {"reason": "\n ---\n\nMessage: a is gone\n\nStacktrace:\n\norg.x.IncompatibleSchemaException: a is gone"},
        ),
        Outcome.INCOMPATIBLE,
    ),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_a_verdict_is_read_whatever_its_status(case: str) -> None:
    reply, outcome = VERDICTS[case]
    path = "/schemas/acme/orders/s/compatibility"
    with broker(ROWS, {("POST", path): reply}) as (registry, _):
        assert isinstance(registry, VerdictProbe)
        verdict = registry.probe("s", A, Mode.FULL)

    assert verdict is not None
    assert verdict.outcome is outcome
    if "exception" in case:
        assert [finding.message for finding in verdict.findings] == ["a is gone"]


def test_a_server_that_fails_gives_no_verdict() -> None:
    failing = {("POST", "/schemas/acme/orders/s/compatibility"): make_json_reply(500, {"reason": "no ledger"})}
    with broker(ROWS, failing) as (registry, _):
        assert isinstance(registry, VerdictProbe)
        with pytest.raises(RegistryError) as caught:
            registry.probe("s", A, Mode.FULL)

    assert caught.value.detail == "no ledger"


def test_a_json_schema_is_refused_with_what_helps() -> None:
    with broker({}) as (registry, double), pytest.raises(RejectedError) as caught:
        registry.register_schema("s", Schema(Format.JSON, '{"type": "object"}'))

    assert "json_topics" in str(caught.value.fix)
    assert all(request.method == "GET" for request in double.requests)


def test_ten_thousand_topics_are_as_many_requests_and_little_work() -> None:
    text = make_avro(*((f"field_{number}", "string") for number in range(20))).definition
    rows = {f"topic-{number:05}": make_row(text) for number in range(10_000)}
    with broker(rows) as (registry, double):
        started = time.thread_time()
        state = registry.read_state(modes_of=())
        seconds = time.thread_time() - started
        asked = len(double.requests)

    assert len(state.subjects) == 10_000
    # The level, the topics, the partitioned ones; then each topic.
    assert asked == 10_003
    # Of this thread: one millisecond a topic is the most.
    assert seconds < 10.0
