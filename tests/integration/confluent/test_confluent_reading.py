"""Reading: the right state in few requests, from servers that answer differently."""

from __future__ import annotations

import json

import pytest

from reconciler.errors import NotFoundError, UnexpectedAnswerError
from reconciler.model import Format, LiveState, LiveSubject, LiveVersion, Metadata, Mode, Reference, Schema
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.wire import Reply, Request
from tests.integration.confluent.confluent_samples import (
    Answer,
    answer_otherwise,
    avro,
    fill,
    list_requests,
    open_registry,
    record,
)


def test_an_empty_registry_is_believed_after_two_answers(confluent: ConfluentDouble) -> None:
    state = open_registry(confluent.url).read_state()

    assert state == LiveState({}, Mode.BACKWARD)
    assert list_requests(confluent) == ["GET /schemas", "GET /subjects", "GET /config"]


def test_the_latest_version_and_the_mode_of_every_subject(confluent: ConfluentDouble) -> None:
    confluent.set_compatibility("a", "NONE")
    confluent.register("a", record())
    confluent.register("a", record("x"))
    confluent.register("a", record("y"))
    confluent.register("b/c d", record("x"))
    confluent.set_compatibility("", "FULL")

    state = open_registry(confluent.url).read_state()

    assert state.default_mode is Mode.FULL
    assert {name: (s.latest.version, s.mode) for name, s in state.subjects.items() if s.latest} == {
        "a": (3, Mode.NONE),
        "b/c d": (1, None),
    }
    assert state.subjects["a"].latest == LiveVersion(3, avro("y"), id=3)


@pytest.mark.parametrize(
    ("settings", "mode", "group"),
    [
        ({"compatibilityLevel": "FULL", "compatibilityGroup": "major"}, Mode.FULL, "major"),
        ({"compatibilityGroup": "major"}, None, "major"),
        ({"compatibilityLevel": "FULL", "compatibilityGroup": 7}, Mode.FULL, None),
    ],
)
def test_the_compatibility_group_comes_with_the_mode(
    confluent: ConfluentDouble, settings: dict[str, object], mode: Mode | None, group: str | None
) -> None:
    confluent.register("a", record())
    answer_otherwise(confluent, "/config/a", lambda request, original: Reply(200, json.dumps(settings).encode()))

    subject = open_registry(confluent.url).read_state().subjects["a"]

    assert (subject.mode, subject.compatibility_group, subject.problem) == (mode, group, None)
    assert confluent.count("GET", "/config/a") == 1


def test_modes_are_read_of_those_only_that_are_asked_for(confluent: ConfluentDouble) -> None:
    fill(confluent, "abc")
    confluent.set_compatibility("a", "NONE")
    confluent.set_compatibility("b", "NONE")

    state = open_registry(confluent.url).read_state(modes_of=["a", "absent"])

    assert [state.subjects[name].mode for name in "abc"] == [Mode.NONE, None, None]
    assert confluent.count("GET", "/config/*") == 1


@pytest.mark.parametrize("subjects", [1, 9, 10, 11, 20, 35])
def test_pages_come_together_whole(confluent: ConfluentDouble, subjects: int) -> None:
    names = [f"s{number:02}" for number in range(subjects)]
    fill(confluent, names)

    state = open_registry(confluent.url, page_size=10).read_state(modes_of=[])

    assert list(state.subjects) == names
    assert confluent.count("GET", "/subjects") == 0


def test_a_server_that_gives_smaller_pages_than_asked_for_is_read_whole(confluent: ConfluentDouble) -> None:
    names = [f"s{number:02}" for number in range(23)]
    fill(confluent, names)

    def answer(request: Request, original: Answer) -> Reply:
        return original(Request("GET", request.path, {**request.query, "limit": "5"}, request.headers))

    state = open_registry(answer_otherwise(confluent, "/schemas", answer).url).read_state(modes_of=[])

    assert list(state.subjects) == names


def test_few_subjects_are_read_by_name(confluent: ConfluentDouble) -> None:
    fill(confluent, "abc")

    state = open_registry(confluent.url).read_state(["b", "absent", "a", "b"])

    assert list(state.subjects) == ["b", "a"]
    assert confluent.count("GET", "/schemas") == 0
    assert confluent.count("GET", "/subjects/*") == 3


def test_many_subjects_are_read_in_bulk_and_absence_is_said_by_the_list(confluent: ConfluentDouble) -> None:
    names = [f"s{number:03}" for number in range(150)]
    fill(confluent, names)

    state = open_registry(confluent.url).read_state([*names[10:], "absent"], modes_of=[])

    assert list(state.subjects) == names[10:]
    assert confluent.count("GET", "/subjects/*") == 0
    assert confluent.count("GET", "/schemas") == 2


def test_many_absent_subjects_cost_one_list(confluent: ConfluentDouble) -> None:
    fill(confluent, "ab")

    state = open_registry(confluent.url).read_state([f"absent{number}" for number in range(200)] + ["a"])

    assert list(state.subjects) == ["a"]
    assert list_requests(confluent, "/config", "/config/a") == ["GET /subjects", "GET /subjects/a/versions/latest"]


def test_contexts_are_read_with_the_rest(confluent: ConfluentDouble) -> None:
    fill(confluent, ["a", ":.team:a", "z"])

    bulk = open_registry(confluent.url).read_state()
    named = open_registry(confluent.url).read_state([":.team:a"])

    assert sorted(bulk.subjects) == [":.team:a", "a", "z"]
    assert list(named.subjects) == [":.team:a"]


def test_references_and_metadata_come_along() -> None:
    with ConfluentDouble("8.1") as double:
        double.register("money", record("amount", name="Money"))
        text = '{"type":"record","name":"Order","fields":[{"name":"m","type":"Money"}]}'
        references = [{"name": "Money", "subject": "money", "version": 1}]
        metadata = {"properties": {"owner": "x"}, "tags": {"Order.m": ["PII", "A"]}, "sensitive": ["owner"]}
        double.register("order", text, references=references, metadata=metadata)

        state = open_registry(double.url).read_state()

    assert state.subjects["order"].latest
    assert state.subjects["order"].latest.schema == Schema(
        Format.AVRO,
        text,
        (Reference("Money", "money", 1),),
        Metadata({"owner": "x"}, {"Order.m": ("A", "PII")}, ("owner",)),
    )


def test_history_is_one_request_after_a_bulk_read(confluent: ConfluentDouble) -> None:
    for fields in ([], ["a"], ["a", "b"]):
        confluent.set_compatibility("order", "NONE")
        confluent.register("order", record(*fields))
    fill(confluent, ["order-2", "order.items"])
    registry = open_registry(confluent.url)
    registry.read_state(modes_of=[])
    confluent.requests.clear()

    history = registry.read_history("order")

    assert [(v.version, v.schema) for v in history] == [(1, avro()), (2, avro("a")), (3, avro("a", "b"))]
    assert list_requests(confluent) == ["GET /schemas"]


def test_a_long_history_is_read_whole(confluent: ConfluentDouble) -> None:
    confluent.set_compatibility("order", "NONE")
    for number in range(205):
        confluent.register("order", record(f"a{number}"))
    fill(confluent, ["order-2"])
    registry = open_registry(confluent.url)
    registry.read_state(modes_of=[])

    assert [v.version for v in registry.read_history("order")] == list(range(1, 206))


def test_history_without_a_bulk_read_asks_for_each_version(confluent: ConfluentDouble) -> None:
    confluent.register("order", record())
    confluent.set_compatibility("order", "NONE")
    confluent.register("order", record("a"))

    history = open_registry(confluent.url).read_history("order")

    assert [(v.version, v.schema) for v in history] == [(1, avro()), (2, avro("a"))]


@pytest.mark.parametrize("has_read_before", [False, True])
def test_an_absent_subject_has_no_history(confluent: ConfluentDouble, has_read_before: bool) -> None:
    fill(confluent, ["order-2"])
    registry = open_registry(confluent.url)
    if has_read_before:
        registry.read_state()

    assert registry.read_history("order") == ()


def test_rows_that_name_no_subject_are_of_no_use(confluent: ConfluentDouble) -> None:
    """Apicurio lists texts only, those of older versions too."""
    fill(confluent, "ab")
    rows = json.dumps([{"schema": record()}, {"schema": record("a")}]).encode()
    double = answer_otherwise(confluent, "/schemas", lambda request, original: Reply(200, rows))
    registry = open_registry(double.url)

    states = [registry.read_state(modes_of=[]), registry.read_state(modes_of=[])]

    assert [list(state.subjects) for state in states] == [["a", "b"], ["a", "b"]]
    assert double.count("GET", "/schemas") == 1


@pytest.mark.parametrize("status", [404, 405])
def test_a_server_without_a_bulk_answer_is_read_by_name(confluent: ConfluentDouble, status: int) -> None:
    """Redpanda has no such route."""
    fill(confluent, "ab")
    body = b'{"error_code": 404, "message": "HTTP 404 Not Found"}'
    double = answer_otherwise(confluent, "/schemas", lambda request, original: Reply(status, body))

    assert list(open_registry(double.url).read_state().subjects) == ["a", "b"]


def test_rows_in_another_order_are_checked_against_the_list(confluent: ConfluentDouble) -> None:
    """Karapace gives rows as they were registered, deleted ones among them."""
    fill(confluent, "bac")
    rows = [
        {"subject": name, "version": version, "id": 1, "schema": record(*fields)}
        for name, version, fields in (("b", 2, ["new"]), ("deleted", 1, []), ("b", 1, []), ("a", 1, ["a"]))
    ]
    double = answer_otherwise(confluent, "/schemas", lambda request, original: Reply(200, json.dumps(rows).encode()))

    state = open_registry(double.url, page_size=4).read_state(modes_of=[])

    assert sorted(state.subjects) == ["a", "b", "c"]
    assert state.subjects["b"].latest == LiveVersion(2, avro("new"), 1)


BAD_ROWS = [
    ({"schemaType": "THRIFT"}, "The latest version cannot be read: its format THRIFT is unknown."),
    ({"schema": ""}, "The latest version cannot be read: its text did not arrive."),
    ({"schema": None}, "The latest version cannot be read: its text did not arrive."),
    ({"version": None}, "The latest version cannot be read: it came without a version number."),
]


@pytest.mark.parametrize(("change", "problem"), BAD_ROWS)
def test_a_subject_that_cannot_be_read_is_there_with_its_problem(
    confluent: ConfluentDouble, change: dict[str, object], problem: str
) -> None:
    row = {"subject": "s", "version": 1, "id": 1, "schema": record(), **change}
    double = answer_otherwise(
        confluent,
        "/schemas",
        lambda request, original: Reply(200, json.dumps([row] if request.query["offset"] == "0" else []).encode()),
    )

    state = open_registry(double.url).read_state()

    assert state.subjects == {"s": LiveSubject("s", None, None, problem)}


def test_a_mode_that_we_do_not_know_is_a_problem(confluent: ConfluentDouble) -> None:
    fill(confluent, "a")
    double = answer_otherwise(
        confluent, "/config/a", lambda request, original: Reply(200, b'{"compatibilityLevel": "SIDEWAYS"}')
    )

    subject = open_registry(double.url).read_state().subjects["a"]

    assert subject.mode is None
    assert subject.latest
    assert subject.problem == "The compatibility mode SIDEWAYS is unknown."


def test_settings_without_a_mode_inherit(confluent: ConfluentDouble) -> None:
    fill(confluent, "a")
    double = answer_otherwise(confluent, "/config/a", lambda request, original: Reply(200, b'{"normalize": true}'))

    assert open_registry(double.url).read_state().subjects["a"].mode is None


def test_a_level_of_the_registry_that_we_do_not_know_stops(confluent: ConfluentDouble) -> None:
    double = answer_otherwise(
        confluent, "/config", lambda request, original: Reply(200, b'{"compatibilityLevel": "SIDEWAYS"}')
    )

    with pytest.raises(UnexpectedAnswerError, match="SIDEWAYS is unknown"):
        open_registry(double.url).read_state()


def test_a_wrong_address_is_not_an_empty_registry(confluent: ConfluentDouble) -> None:
    with pytest.raises(NotFoundError) as caught:
        open_registry(f"{confluent.url}/elsewhere").read_state(["a"])

    assert "`url`" in (caught.value.fix or "")
    assert (caught.value.registry, caught.value.subject) == ("orders", "a")


@pytest.mark.parametrize("body", [b"{}", b"[{", b"<html>", b"[1]"])
def test_an_answer_that_is_no_list_is_said(confluent: ConfluentDouble, body: bytes) -> None:
    double = answer_otherwise(confluent, "/schemas", lambda request, original: Reply(200, body))

    with pytest.raises(UnexpectedAnswerError) as caught:
        open_registry(double.url).read_state()

    assert "GET /schemas" in caught.value.message


def test_a_version_of_an_unknown_format_stops_the_history(confluent: ConfluentDouble) -> None:
    confluent.register("s", record())
    body = b'{"subject": "s", "version": 1, "id": 1, "schema": "x", "schemaType": "THRIFT"}'
    double = answer_otherwise(confluent, "/subjects/s/versions/1", lambda request, original: Reply(200, body))

    with pytest.raises(UnexpectedAnswerError, match="version 1: its format THRIFT is unknown") as caught:
        open_registry(double.url).read_history("s")

    assert caught.value.subject == "s"


def test_a_name_without_an_object_is_said(confluent: ConfluentDouble) -> None:
    double = answer_otherwise(confluent, "/subjects/s/versions/latest", lambda request, original: Reply(200, b"[]"))

    with pytest.raises(UnexpectedAnswerError, match="an object was expected"):
        open_registry(double.url).read_state(["s"])


def test_a_mode_that_is_left_of_a_subject_is_there_when_asked_for_by_name(confluent: ConfluentDouble) -> None:
    confluent.set_compatibility("mode only", "FULL")
    registry = open_registry(confluent.url)

    asked = registry.read_state(["mode only", "never"], modes_of=["mode only", "never"])
    others = [registry.read_state(["mode only"]), registry.read_state(modes_of=["mode only"])]

    assert asked.subjects == {"mode only": LiveSubject("mode only", None, Mode.FULL)}
    assert [state.subjects for state in others] == [{}, {}]
