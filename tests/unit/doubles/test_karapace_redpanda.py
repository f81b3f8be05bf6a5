"""What the doubles of Karapace and Redpanda answer otherwise than Confluent's."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.doubles.karapace import KarapaceDouble
from tests.doubles.redpanda import RedpandaDouble
from tests.raw_registry import RawRegistry

TEXT, NUMBER = {"name": "a", "type": "string"}, {"name": "a", "type": "int"}
FIRST = {"type": "record", "name": "A", "fields": [TEXT]}
OTHER = {"type": "record", "name": "A", "fields": [NUMBER]}
MORE = {"type": "record", "name": "A", "fields": [TEXT, {"name": "b", "type": "int", "default": 0}]}
TUPLE = json.dumps({"type": "array", "prefixItems": [{"type": "string"}]})
MALFORMED = {
    "error_code": 422,
    "message": [{"type": "missing", "loc": ["body", "schema"], "msg": "Field required"}],
}


def posted(schema: object, **fields: object) -> dict[str, object]:
    return {"schema": json.dumps(schema), **fields}


@pytest.fixture
def karapace() -> Iterator[RawRegistry]:
    """`z`, then `a` with a softly deleted second version, then `b`."""
    with KarapaceDouble() as double:
        raw = RawRegistry(double.url)
        for name, schema in (("z", FIRST), ("a", FIRST), ("a", MORE), ("b", FIRST)):
            assert raw.register(name, json.dumps(schema)).body.keys() == {"id"}
        assert raw.send("DELETE", "/subjects/a/versions/2").status == 200
        yield raw


def test_karapace_keeps_the_comments_of_protobuf_and_tells_them_apart(karapace: RawRegistry) -> None:
    texts = [
        'syntax = "proto3";\nmessage M {}',
        'syntax = "proto3"; message M { }',
        'syntax = "proto3"; // Of M.\nmessage M {}',
    ]

    for text in texts:
        assert karapace.register("p", text, schemaType="PROTOBUF").status == 200

    assert [version.text for version in karapace.read_versions("p")] == [texts[0], texts[2]]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "answer"),
    [
        ("GET", "/nothing", None, 404, "Not Found"),
        ("PUT", "/mode/a", {"mode": "READONLY"}, 405, "Method Not Allowed"),
        ("GET", "/mode/a", None, 200, {"mode": "READWRITE"}),
        ("GET", "/subjects", None, 200, ["z", "a", "b"]),
        ("DELETE", "/config/a", None, 404, 40401),
        ("PUT", "/config/a", {"compatibility": "FULL", "normalize": True}, 200, {"compatibility": "FULL"}),
        ("POST", "/compatibility/subjects/new/versions/latest", posted(FIRST), 404, 40402),
        ("POST", "/compatibility/subjects/a/versions/latest", posted({"type": "nothing"}), 422, 42201),
        ("POST", "/subjects/a/versions", posted(OTHER), 409, 409),
        ("POST", "/subjects/a/versions", posted({"type": "nothing"}), 422, 42201),
        (
            "POST",
            "/subjects/j/versions",
            posted({}, schemaType="JSON", references=[{"name": "a", "subject": "a", "version": 1}]),
            422,
            44302,
        ),
        ("POST", "/subjects/a/versions", posted("x" * 1_500_000), 500, 500),
        ("POST", "/subjects/a/versions", {"text": ""}, 422, MALFORMED),
    ],
)
def test_karapace_answers(
    karapace: RawRegistry, method: str, path: str, body: object, status: int, answer: object
) -> None:
    answered = karapace.send(method, path, body)

    assert answered.status == status
    assert (answered.body["error_code"] if isinstance(answer, int) else answered.body) == answer


def test_karapace_gives_deleted_schemas_where_they_are_not_asked_for(karapace: RawRegistry) -> None:
    plain = karapace.send("GET", "/schemas?latestOnly=true&subjectPrefix=b&limit=1").body
    asked = karapace.send("GET", "/schemas?latestOnly=true&deleted=true").body

    assert [(row["subject"], row["version"]) for row in plain] == [("z", 1), ("a", 2), ("b", 1)]
    assert [(row["subject"], row["version"]) for row in asked] == [("z", 1), ("a", 1), ("b", 1)]


def test_karapace_answers_the_level_of_the_registry_where_one_is_taken_away(karapace: RawRegistry) -> None:
    karapace.set_compatibility("a", "FULL")

    assert karapace.send("DELETE", "/config/a").body == {"compatibility": "BACKWARD"}


def test_karapace_sorts_keys_of_avro_and_drops_metadata(karapace: RawRegistry) -> None:
    karapace.register("m", json.dumps(FIRST), metadata={"properties": {"owner": "x"}})

    stored = karapace.send("GET", "/subjects/m/versions/1").body

    assert stored["schema"] == json.dumps(FIRST, sort_keys=True, separators=(",", ":"))
    assert stored.keys() == {"subject", "version", "id", "schema"}


def test_karapace_returns_the_old_version_whatever_number_is_asked_for(karapace: RawRegistry) -> None:
    first = karapace.register("v", json.dumps(FIRST))
    karapace.register("v", json.dumps(MORE))

    assert karapace.register("v", json.dumps(FIRST), version=3).body == first.body
    assert [v.version for v in karapace.read_versions("v")] == [1, 2]


def test_karapace_tells_what_is_incompatible_without_being_asked(karapace: RawRegistry) -> None:
    verdict = karapace.send("POST", "/compatibility/subjects/a/versions/latest", posted(OTHER)).body

    assert verdict["is_compatible"] is False
    assert len(verdict["messages"]) == 1


def test_karapace_hides_what_may_not_be_seen() -> None:
    with KarapaceDouble(users={"alice": "secret"}, deny=(("*", "/subjects*"),)) as double:
        double.register("s", json.dumps(FIRST))
        raw = RawRegistry(double.url, "alice", "secret")

        listed = raw.send("GET", "/subjects")
        hidden = raw.send("GET", "/subjects/s/versions")
        stranger = RawRegistry(double.url).send("GET", "/subjects")

    assert (listed.status, listed.body) == (200, [])
    assert (hidden.status, hidden.body["error_code"]) == (404, 40401)
    assert stranger.status == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/schemas?latestOnly=true", 404),
        ("POST", "/compatibility/subjects/a/versions", 404),
        ("POST", "/compatibility/subjects/a/versions/latest", 200),
        ("DELETE", "/config", 405),
        ("DELETE", "/mode", 405),
    ],
)
def test_redpanda_has_fewer_routes(method: str, path: str, status: int) -> None:
    with RedpandaDouble() as double:
        double.register("a", json.dumps(FIRST))

        assert RawRegistry(double.url).send(method, path, posted(FIRST)).status == status


def test_redpanda_keeps_properties_alone() -> None:
    with RedpandaDouble() as double:
        raw = RawRegistry(double.url)
        raw.register("a", json.dumps(FIRST), metadata={"properties": {"owner": "x"}, "tags": {"**.a": ["PII"]}})

        assert raw.send("GET", "/subjects/a/versions/1").body["metadata"] == {"properties": {"owner": "x"}}


def test_redpanda_refuses_a_second_version_of_json_that_it_cannot_judge() -> None:
    with RedpandaDouble() as double:
        raw = RawRegistry(double.url)

        first = raw.register("a", TUPLE, schemaType="JSON")
        second = raw.register("a", '{"type": "array"}', schemaType="JSON")

    assert first.status == 200
    assert (second.status, second.body["error_code"]) == (422, 42201)
