"""Every refusal of the registry: its HTTP status and its error code."""

from __future__ import annotations

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.unit.doubles.conversation import (
    IN_7_9,
    IN_8_1,
    INT,
    LONG,
    REFERENCED,
    REFERS,
    STRING,
    TWO_VERSIONS,
    Case,
    Send,
    delete,
    get,
    mode,
    post,
    write_mode,
)

_V = "/subjects/s/versions"
_SOFT = (post("s", INT), delete("/subjects/s"))
_SOFT_VERSION = (*TWO_VERSIONS, delete(f"{_V}/1"))
_READ_ONLY = (post("s", INT), write_mode("s", "READONLY"))
_NO_REFERENCE = {**REFERS, "references": [{"name": "R", "subject": "none", "version": 1}]}
_UNRESOLVED_REF = '{"$ref":"#/definitions/none"}'
_MISSING_IMPORT = 'syntax = "proto3"; import "other.proto"; message M { int32 a = 1; }'
_LEVEL = Send("PUT", "/config/s", {"compatibility": "SIDEWAYS"})

CASES = (
    Case("unknown path", (), get("/nothing/here"), 404, 404),
    Case("method not allowed", (), delete("/subjects"), 405, 405),
    Case("malformed body", (), Send("POST", _V, ["not", "an", "object"]), 400, 400),
    Case("unknown field in body", (), post("s", INT, compatability="FULL"), 422, 422),
    Case("unknown field in config", (), Send("PUT", "/config/s", {"compatibilityLevel": "FULL"}), 422, 422),
    Case("incompatible, 7.9", (post("s", INT),), post("s", STRING), 409, 409, versions=IN_7_9),
    Case("incompatible, 8.1", (post("s", INT),), post("s", STRING), 409, 40901, versions=IN_8_1),
    Case("no JSON", (), post("s", "{"), 422, 42201),
    Case("no Avro", (), post("s", '{"type":"recorded"}'), 422, 42201),
    Case("empty schema", (), post("s", ""), 422, 42201),
    Case("no JSON Schema", (), post("s", '{"type":7}', schemaType="JSON"), 422, 42201),
    Case("unresolved $ref", (), post("s", _UNRESOLVED_REF, schemaType="JSON"), 422, 42201),
    Case("no Protobuf", (), post("s", "message M {", schemaType="PROTOBUF"), 422, 42201),
    Case("missing import", (), post("s", _MISSING_IMPORT, schemaType="PROTOBUF"), 422, 42201),
    Case("unknown format", (), post("s", INT, schemaType="XSD"), 422, 42201),
    Case("missing reference", (), Send("POST", _V, _NO_REFERENCE), 422, 42201),
    Case("reference is soft-deleted", _SOFT, Send("POST", "/subjects/u/versions", REFERS), 422, 42201),
    Case("version is not the next", TWO_VERSIONS, post("s", INT, version=4), 422, 42201),
    Case("invalid version", (post("s", INT),), get(f"{_V}/zero"), 422, 42202),
    Case("version zero", (post("s", INT),), get(f"{_V}/0"), 422, 42202),
    Case("invalid level", (), _LEVEL, 422, 42203),
    Case("invalid write mode", (), write_mode("s", "CLOSED"), 422, 42204),
    Case("read-only: register", _READ_ONLY, post("s", LONG), 422, 42205),
    Case("read-only: delete subject", _READ_ONLY, delete("/subjects/s"), 422, 42205),
    Case("read-only: delete version", _READ_ONLY, delete(f"{_V}/1"), 422, 42205),
    Case("read-only: config", _READ_ONLY, mode("s", "FULL"), 422, 42205),
    Case("read-only registry", (write_mode("", "READONLY"),), post("s", INT), 422, 42205),
    Case("id outside IMPORT", (), post("s", INT, id=7), 422, 42205),
    Case("no id in IMPORT", (write_mode("s", "IMPORT"),), post("s", INT), 422, 42205),
    Case("IMPORT over versions", (post("s", INT),), write_mode("s", "IMPORT"), 422, 42205),
    Case("delete referenced version", REFERENCED, delete(f"{_V}/1"), 422, 42206),
    Case("delete referenced subject", REFERENCED, delete("/subjects/s"), 422, 42206),
    Case("id of another schema", (post("r", INT), write_mode("s", "IMPORT")), post("s", LONG, id=1), 422, 42207),
    Case("too large", (), post("s", f'{{"type":"string","doc":"{"x" * 1_500_000}"}}'), 422, 42209),
    Case("missing subject", (), get("/subjects/s/versions"), 404, 40401),
    Case("look up in missing subject", (), Send("POST", "/subjects/s", {"schema": INT}), 404, 40401),
    Case("delete missing subject", (), delete("/subjects/s"), 404, 40401),
    Case("soft-deleted subject", _SOFT, get(f"{_V}/latest"), 404, 40401),
    Case("missing version", (post("s", INT),), get(f"{_V}/2"), 404, 40402),
    Case("soft-deleted version", _SOFT_VERSION, get(f"{_V}/1"), 404, 40402),
    Case("check missing version", (), Send("POST", f"/compatibility{_V}/3", {"schema": INT}), 404, 40402),
    Case("missing id", (), get("/schemas/ids/9"), 404, 40403),
    Case("look up unknown text", (post("s", INT),), Send("POST", "/subjects/s", {"schema": LONG}), 404, 40403),
    Case("subject soft again", _SOFT, delete("/subjects/s"), 404, 40404),
    Case("subject hard without soft", (post("s", INT),), delete("/subjects/s?permanent=true"), 404, 40405),
    Case("version soft again", _SOFT_VERSION, delete(f"{_V}/1"), 404, 40406),
    Case("version hard without soft", TWO_VERSIONS, delete(f"{_V}/1?permanent=true"), 404, 40407),
    Case("unset mode", (post("s", INT),), get("/config/s"), 404, 40408),
    Case("unset write mode", (post("s", INT),), get("/mode/s"), 404, 40409),
    Case("reset unset mode", (post("s", INT),), delete("/config/s"), 404, 40401),
    Case("reset mode twice", (mode("s", "FULL"), delete("/config/s")), delete("/config/s"), 404, 40401),
    Case("config after hard delete", (*_SOFT, mode("s", "FULL"), delete("/subjects/s?permanent=true")),
         get("/config/s"), 404, 40408),
)  # fmt: skip


@pytest.mark.parametrize(
    ("case", "version"),
    [pytest.param(case, version, id=f"{version} {case.name}") for case in CASES for version in case.versions],
)
def test_refusal(case: Case, version: str) -> None:
    with ConfluentDouble(version) as double:
        registry = RawRegistry(double.url)
        for step in case.given:
            assert registry.send(step.method, step.path, step.body).status == 200

        answer = registry.send(case.act.method, case.act.path, case.act.body)

        assert (answer.status, answer.body["error_code"]) == (case.status, case.code)
        assert answer.body["message"]


def test_unknown_media_type_is_refused() -> None:
    with ConfluentDouble() as double:
        answer = RawRegistry(double.url).send("POST", "/subjects/s", {"schema": INT}, Content_Type="text/plain")

        assert (answer.status, answer.body["error_code"]) == (415, 415)


def test_incompatible_registration_says_why() -> None:
    with ConfluentDouble("8.1") as double:
        double.register("s", INT)

        message = RawRegistry(double.url).register("s", STRING).body["message"]

        assert "TYPE_MISMATCH" in message
        assert "/fields/0/type" in message
        assert "{oldSchemaVersion: 1}" in message
        assert "{compatibility: 'BACKWARD'}" in message
