"""Writing: what comes back, what is refused, and what happens when an answer is lost."""

from __future__ import annotations

import pytest

from reconciler.errors import (
    OutcomeUnknownError,
    RegistryError,
    RejectedError,
    ThrottledError,
    UnexpectedAnswerError,
    UnreachableError,
)
from reconciler.model import Format, LiveVersion, Metadata, Mode, Reference, Schema
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.faults import FaultKind
from tests.doubles.wire import Reply
from tests.integration.confluent.confluent_samples import (
    answer_otherwise,
    avro,
    list_requests,
    open_registry,
    record,
)
from tests.raw_registry import RawRegistry

LOST = [FaultKind.DROP_AFTER_COMMIT, FaultKind.HALF_JSON]
NOT_DONE = [FaultKind.DROP_BEFORE_READING, FaultKind.ERROR_500, FaultKind.HTML, FaultKind.ERROR_503]


def test_a_version_comes_back_whatever_the_server_tells(confluent: ConfluentDouble) -> None:
    registry = open_registry(confluent.url)

    first = registry.register_schema("order", avro())
    again = registry.register_schema("order", avro())
    registry.set_compatibility("order", Mode.NONE)
    second = registry.register_schema("order", avro("a"))

    assert (first, again, second) == (
        LiveVersion(1, avro(), 1),
        LiveVersion(1, avro(), 1),
        LiveVersion(2, avro("a"), 2),
    )


def test_a_known_older_schema_comes_back_with_its_old_version(confluent: ConfluentDouble) -> None:
    registry = open_registry(confluent.url)
    confluent.set_compatibility("", "NONE")
    registry.register_schema("order", avro())
    registry.register_schema("order", avro("a"))

    assert registry.register_schema("order", avro()).version == 1


def test_references_are_registered(confluent: ConfluentDouble) -> None:
    registry = open_registry(confluent.url)
    registry.register_schema("money", avro("amount", name="Money"))
    text = '{"type":"record","name":"Order","fields":[{"name":"m","type":"Money"}]}'

    schema = Schema(Format.AVRO, text, (Reference("Money", "money", 1),))
    version = registry.register_schema("order", schema)

    assert version == LiveVersion(1, schema, 2)
    assert registry.read_history("order")[0].schema == schema


@pytest.mark.parametrize(
    "schema",
    [
        Schema(Format.JSON, '{"type": "object"}'),
        Schema(Format.PROTOBUF, 'syntax = "proto3";\nmessage A {\n  string a = 1;\n}\n'),
    ],
)
def test_other_formats(confluent: ConfluentDouble, schema: Schema) -> None:
    registry = open_registry(confluent.url)

    assert registry.register_schema("s", schema).version == 1
    assert registry.read_state().subjects["s"].latest
    assert registry.read_history("s")[0].schema.format is schema.format


def test_metadata_is_kept() -> None:
    schema = Schema(Format.AVRO, record(), metadata=Metadata({"owner": "x"}, {"Order": ("B", "A")}))
    with ConfluentDouble("8.1") as double:
        version = open_registry(double.url).register_schema("s", schema)

        assert version == LiveVersion(1, schema, 1)


def test_a_server_that_drops_metadata_is_not_trusted_silently(confluent: ConfluentDouble) -> None:
    body = b'{"subject": "s", "version": 1, "id": 1, "schema": "\\"int\\""}'
    double = answer_otherwise(confluent, "/subjects/s/versions/1", lambda request, original: Reply(200, body))

    with pytest.raises(RejectedError, match="did not keep its metadata") as caught:
        open_registry(double.url).register_schema("s", Schema(Format.AVRO, '"int"', metadata=Metadata({"a": "b"})))

    assert caught.value.code == "METADATA_DROPPED"


def test_modes_are_set_of_a_subject_and_of_the_registry(confluent: ConfluentDouble) -> None:
    registry = open_registry(confluent.url)
    registry.register_schema("a/b", avro())

    registry.set_compatibility("a/b", Mode.FULL_TRANSITIVE)
    registry.set_compatibility(None, Mode.NONE)

    raw = RawRegistry(confluent.url)
    assert raw.send("GET", "/config/a%2Fb").body["compatibilityLevel"] == "FULL_TRANSITIVE"
    assert raw.send("GET", "/config").body["compatibilityLevel"] == "NONE"


def test_an_incompatible_schema_is_refused_in_the_servers_words(confluent: ConfluentDouble) -> None:
    registry = open_registry(confluent.url)
    registry.register_schema("order", avro())

    with pytest.raises(RejectedError) as caught:
        registry.register_schema("order", avro("a"))

    error = caught.value
    assert (error.registry, error.subject, error.status) == ("orders", "order", 409)
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in (error.detail or "")
    assert "loosen the mode" in (error.fix or "")


def test_an_invalid_schema_is_refused(confluent: ConfluentDouble) -> None:
    with pytest.raises(RejectedError) as caught:
        open_registry(confluent.url).register_schema("order", Schema(Format.AVRO, "{"))

    assert (caught.value.status, caught.value.code) == (422, 42201)


@pytest.mark.parametrize("subject", ["", "order"])
def test_a_read_only_registry_says_how_to_open_it(confluent: ConfluentDouble, subject: str) -> None:
    confluent.set_write_mode(subject, "READONLY")

    with pytest.raises(RejectedError) as caught:
        open_registry(confluent.url).register_schema("order", avro())

    assert (caught.value.status, caught.value.code) == (422, 42205)
    assert "READWRITE" in (caught.value.fix or "")


@pytest.mark.parametrize("kind", LOST)
def test_a_registration_whose_answer_was_lost_is_found_and_not_repeated(
    confluent: ConfluentDouble, kind: FaultKind
) -> None:
    confluent.faults.add(method="POST", path="/subjects/a/versions", kind=kind)

    version = open_registry(confluent.url).register_schema("a", avro())

    assert version == LiveVersion(1, avro(), 1)
    assert list_requests(confluent) == ["POST /subjects/a/versions", "POST /subjects/a"]


@pytest.mark.parametrize("kind", NOT_DONE)
def test_a_registration_that_did_not_happen_is_repeated_after_looking(
    confluent: ConfluentDouble, kind: FaultKind
) -> None:
    confluent.faults.add(method="POST", path="/subjects/a/versions", kind=kind, retry_after=None)

    version = open_registry(confluent.url).register_schema("a", avro())

    assert version == LiveVersion(1, avro(), 1)
    assert list_requests(confluent)[:3] == [
        "POST /subjects/a/versions",
        "POST /subjects/a",
        "POST /subjects/a/versions",
    ]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.DROP_BEFORE_READING, UnreachableError),
        (FaultKind.ERROR_500, UnexpectedAnswerError),
        (FaultKind.HTML, UnexpectedAnswerError),
    ],
)
def test_a_registration_that_never_happens_is_known_not_to_have(
    confluent: ConfluentDouble, kind: FaultKind, error: type[RegistryError]
) -> None:
    confluent.faults.add(method="POST", path="/subjects/a/versions", kind=kind, times=None)

    with pytest.raises(error, match="it was looked up and was not done") as caught:
        open_registry(confluent.url).register_schema("a", avro())

    assert (caught.value.registry, caught.value.subject) == ("orders", "a")
    assert confluent.count("POST", "/subjects/a/versions") == 2


def test_when_looking_fails_too_the_outcome_is_unknown(confluent: ConfluentDouble) -> None:
    confluent.faults.add(method="POST", path="/subjects/a/versions", kind=FaultKind.DROP_AFTER_COMMIT)
    confluent.faults.add(method="POST", path="/subjects/a", kind=FaultKind.ERROR_500, times=None)

    with pytest.raises(OutcomeUnknownError, match="could not be looked up") as caught:
        open_registry(confluent.url).register_schema("a", avro())

    assert "run again" in (caught.value.fix or "")
    assert caught.value.subject == "a"


@pytest.mark.parametrize("subject", ["a", None])
@pytest.mark.parametrize("kind", [*LOST, *NOT_DONE])
def test_a_mode_is_set_whatever_happens_to_one_answer(
    confluent: ConfluentDouble, kind: FaultKind, subject: str | None
) -> None:
    confluent.faults.add(method="PUT", kind=kind, retry_after=None)

    open_registry(confluent.url).set_compatibility(subject, Mode.FULL)

    path = "/config/a" if subject else "/config"
    assert RawRegistry(confluent.url).send("GET", path).body["compatibilityLevel"] == "FULL"
    assert confluent.count("PUT") == (1 if kind in LOST else 2)


def test_a_registry_that_stays_busy_is_throttled(confluent: ConfluentDouble) -> None:
    confluent.faults.add(method="PUT", kind=FaultKind.TOO_MANY_REQUESTS, times=None)

    with pytest.raises(ThrottledError) as caught:
        open_registry(confluent.url).set_compatibility("a", Mode.FULL)

    assert "requests_per_second" in (caught.value.fix or "")
    assert confluent.count("PUT") == 2


def test_a_server_that_cannot_find_what_it_accepted_is_said(confluent: ConfluentDouble) -> None:
    missing = b'{"error_code": 40403, "message": "Schema not found"}'
    answer_otherwise(confluent, "/subjects/a", lambda request, original: Reply(404, missing))
    answer_otherwise(confluent, "/subjects/a/versions/latest", lambda request, original: Reply(404, missing))
    answer_otherwise(confluent, "/subjects/a/versions", lambda request, original: Reply(200, b'{"id": 7}'))

    with pytest.raises(UnexpectedAnswerError, match="does not find it again"):
        open_registry(confluent.url).register_schema("a", avro())


@pytest.mark.parametrize("body", [b"[]", b'{"version": "one"}'])
def test_a_lookup_that_tells_no_version_is_said(confluent: ConfluentDouble, body: bytes) -> None:
    answer_otherwise(confluent, "/subjects/a", lambda request, original: Reply(200, body))
    answer_otherwise(confluent, "/subjects/a/versions", lambda request, original: Reply(200, b'{"id": 7}'))

    with pytest.raises(UnexpectedAnswerError, match="does not tell its version"):
        open_registry(confluent.url).register_schema("a", avro())


@pytest.mark.parametrize("body", [b"[]", b"7"])
def test_an_answer_to_a_write_of_another_shape_is_looked_up(confluent: ConfluentDouble, body: bytes) -> None:
    confluent.register("a", record())
    answer_otherwise(confluent, "/subjects/a/versions", lambda request, original: Reply(200, body))

    assert open_registry(confluent.url).register_schema("a", avro()) == LiveVersion(1, avro(), 1)


def test_a_version_is_told_by_the_latest_where_looking_up_fails(confluent: ConfluentDouble) -> None:
    confluent.register("a", record())
    missing = b'{"error_code": 40403, "message": "Schema not found"}'
    answer_otherwise(confluent, "/subjects/a", lambda request, original: Reply(404, missing))
    answer_otherwise(confluent, "/subjects/a/versions", lambda request, original: Reply(200, b'{"id": 1}'))

    assert open_registry(confluent.url).register_schema("a", avro()) == LiveVersion(1, avro(), 1)
