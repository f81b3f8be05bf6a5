"""What the registry answers where it accepts a request."""

from __future__ import annotations

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.unit.doubles.conversation import (
    IN_7_9,
    INT,
    LONG,
    REFERENCED,
    REFERS,
    STRING,
    TWO_VERSIONS,
    USES_R,
    WITH_DOC,
    Case,
    Send,
    delete,
    get,
    mode,
    post,
    write_mode,
)

_V = "/subjects/s/versions"
_CHECK = f"/compatibility{_V}"
_OPEN = (mode("s", "NONE"), post("s", INT), post("s", STRING))
_UNCHECKED = (mode("s", "NONE"), *TWO_VERSIONS)
_LATEST_REFERENCE = {**REFERS, "references": [{"name": "R", "subject": "s", "version": -1}]}
_STORED = {"subject": "s", "version": 1, "id": 1, "schema": INT}
_IN_CONTEXT = (post(":.eu:s", INT), post("s", LONG))
_META = {"metadata": {"properties": {"owner": "a"}}}

CASES = (
    Case("root", (), get("/"), 200, body={}),
    Case("types", (), get("/schemas/types"), 200, body=["JSON", "PROTOBUF", "AVRO"]),
    Case("subjects are sorted", (post("b", INT), post("a", INT)), get("/subjects"), 200, body=["a", "b"]),
    Case("page of subjects", (post("a", INT), post("b", INT), post("c", INT)),
         get("/subjects?offset=1&limit=1"), 200, body=["b"]),
    Case("prefix of subjects", (post("ab", INT), post("b", INT)), get("/subjects?subjectPrefix=a"), 200, body=["ab"]),
    Case("soft-deleted subject is hidden", (post("s", INT), delete("/subjects/s")), get("/subjects"), 200, body=[]),
    Case("soft-deleted subject on demand", (post("s", INT), delete("/subjects/s")),
         get("/subjects?deleted=true"), 200, body=["s"]),
    Case("registered, 7.9", (), post("s", INT), 200, body={"id": 1}, versions=IN_7_9),
    Case("version, 7.9", (post("s", INT),), get(f"{_V}/1"), 200, body=_STORED, versions=IN_7_9),
    Case("minus one is latest, 7.9", (post("s", INT),), get(f"{_V}/-1"), 200, body=_STORED, versions=IN_7_9),
    Case("look-up, 7.9", (post("s", INT),), Send("POST", "/subjects/s", {"schema": INT}), 200,
         body=_STORED, versions=IN_7_9),
    Case("schema by id, 7.9", (post("s", INT),), get("/schemas/ids/1"), 200, body={"schema": INT}, versions=IN_7_9),
    Case("versions", TWO_VERSIONS, get(_V), 200, body=[1, 2]),
    Case("versions without deleted ones", (*TWO_VERSIONS, delete(f"{_V}/1")), get(_V), 200, body=[2]),
    Case("numbers go on after soft delete", (*TWO_VERSIONS, delete(f"{_V}/2"), post("s", LONG)),
         get(_V), 200, body=[1, 3]),
    Case("numbers restart after hard delete",
         (post("s", INT), delete("/subjects/s"), delete("/subjects/s?permanent=true"), post("s", LONG)),
         get(_V), 200, body=[1]),
    Case("delete version", TWO_VERSIONS, delete(f"{_V}/latest"), 200, body=2),
    Case("delete subject", TWO_VERSIONS, delete("/subjects/s"), 200, body=[1, 2]),
    Case("text of a version", (post("s", INT),), get(f"{_V}/1/schema"), 200,
         body={"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}),
    Case("referenced by", REFERENCED, get(f"{_V}/1/referencedby"), 200, body=[2]),
    Case("same schema, same id", (post("s", INT), post("t", INT)), get("/schemas/ids/1/subjects"), 200,
         body=["s", "t"]),
    Case("places of an id", (post("s", INT), post("t", INT)), get("/schemas/ids/1/versions"), 200,
         body=[{"subject": "s", "version": 1}, {"subject": "t", "version": 1}]),
    Case("known older schema makes no version", (*TWO_VERSIONS, post("s", INT)), get(_V), 200, body=[1, 2]),
    Case("the next number makes a version", (*_UNCHECKED, post("s", INT, version=3)), get(_V), 200, body=[1, 2, 3]),
    Case("minus one makes it the latest", (*_UNCHECKED, post("s", INT, version=-1)), get(_V), 200, body=[1, 2, 3]),
    Case("minus one over the same latest", (*TWO_VERSIONS, post("s", LONG, version=-1)), get(_V), 200, body=[1, 2]),
    Case("deleted numbers count for the next", (*TWO_VERSIONS, delete(f"{_V}/2"), post("s", INT, version=3)),
         get(_V), 200, body=[1, 3]),
    Case("metadata alone is a version", (post("s", INT), post("s", INT, **_META)), get(_V), 200, body=[1, 2]),
    Case("metadata is carried over", (post("s", INT, **_META), post("s", INT)), get(_V), 200, body=[1]),
    Case("IMPORT honours id and version", (write_mode("s", "IMPORT"), post("s", INT, id=40, version=7)),
         get("/schemas/ids/40/versions"), 200, body=[{"subject": "s", "version": 7}]),
    Case("IMPORT again over versions", (write_mode("s", "IMPORT"), post("s", INT, id=40)),
         write_mode("s", "IMPORT"), 200, body={"mode": "IMPORT"}),
    Case("IMPORT by force over versions", (post("s", INT),),
         Send("PUT", "/mode/s?force=true", {"mode": "IMPORT"}), 200, body={"mode": "IMPORT"}),
    Case("IMPORT forgets what is softly deleted", (post("s", INT), delete("/subjects/s"), write_mode("s", "IMPORT")),
         get("/subjects?deleted=true"), 200, body=[]),
    Case("IMPORT by force forgets nothing",
         (post("s", INT), delete("/subjects/s"), Send("PUT", "/mode/s?force=true", {"mode": "IMPORT"})),
         get("/subjects?deleted=true"), 200, body=["s"]),
    Case("IMPORT asks for no compatibility", (write_mode("s", "IMPORT"), post("s", INT, id=1), post("s", STRING, id=2)),
         get(_V), 200, body=[1, 2]),
    Case("default level", (), get("/config"), 200, body={"compatibilityLevel": "BACKWARD"}),
    Case("level is set", (), mode("s", "full"), 200, body={"compatibility": "FULL"}),
    Case("level is read", (mode("s", "FULL"),), get("/config/s"), 200, body={"compatibilityLevel": "FULL"}),
    Case("extended settings merge",
         (mode("s", "FULL"), Send("PUT", "/config/s", {"compatibilityGroup": "app"})), get("/config/s"), 200,
         body={"compatibilityLevel": "FULL", "compatibilityGroup": "app"}),
    Case("level falls to the registry's", (Send("PUT", "/config", {"compatibility": "NONE"}),),
         get("/config/s?defaultToGlobal=true"), 200, body={"compatibilityLevel": "NONE"}),
    Case("reset answers the old level", (mode("s", "FULL"),), delete("/config/s"), 200,
         body={"compatibilityLevel": "FULL"}),
    Case("level outlives a soft delete", (post("s", INT), mode("s", "FULL"), delete("/subjects/s")),
         get("/config/s"), 200, body={"compatibilityLevel": "FULL"}),
    Case("default write mode", (), get("/mode"), 200, body={"mode": "READWRITE"}),
    Case("write mode is set", (write_mode("s", "READONLY"),), get("/mode/s"), 200, body={"mode": "READONLY"}),
    Case("reset answers the old write mode", (write_mode("s", "READONLY"),), delete("/mode/s"), 200,
         body={"mode": "READONLY"}),
    Case("check says yes", (post("s", INT),), Send("POST", f"{_CHECK}/latest", {"schema": LONG}), 200,
         body={"is_compatible": True}),
    Case("check says no", (post("s", INT),), Send("POST", f"{_CHECK}/latest", {"schema": STRING}), 200,
         body={"is_compatible": False}),
    Case("verbose check says yes", (post("s", INT),), Send("POST", f"{_CHECK}?verbose=true", {"schema": LONG}), 200,
         body={"is_compatible": True, "messages": []}),
    Case("check of a missing subject", (), Send("POST", f"{_CHECK}/latest", {"schema": INT}), 200,
         body={"is_compatible": True}),
    Case("check of no schema", (post("s", INT),), Send("POST", f"{_CHECK}/latest", {"schema": "{"}), 200,
         body={"is_compatible": False}),
    Case("one version, whatever the mode", (*_OPEN, mode("s", "BACKWARD_TRANSITIVE")),
         Send("POST", f"{_CHECK}/latest", {"schema": STRING}), 200, body={"is_compatible": True}),
    Case("all versions of a transitive mode", (*_OPEN, mode("s", "BACKWARD_TRANSITIVE")),
         Send("POST", _CHECK, {"schema": STRING}), 200, body={"is_compatible": False}),
    Case("forward", (mode("s", "FORWARD"), post("s", LONG)), Send("POST", _CHECK, {"schema": INT}), 200,
         body={"is_compatible": True}),
    Case("full", (mode("s", "FULL"), post("s", LONG)), Send("POST", _CHECK, {"schema": INT}), 200,
         body={"is_compatible": False}),
    Case("names compare unqualified", (post("s", INT.replace('"R"', '"a.R"')),),
         Send("POST", _CHECK, {"schema": INT.replace('"R"', '"b.R"')}), 200, body={"is_compatible": True}),
    Case("other format", (post("s", INT),), Send("POST", _CHECK, {"schema": "{}", "schemaType": "JSON"}), 200,
         body={"is_compatible": False}),
    Case("contexts", _IN_CONTEXT, get("/contexts"), 200, body=[".", ".eu"]),
    Case("subjects of all contexts", _IN_CONTEXT, get("/subjects"), 200, body=[":.eu:s", "s"]),
    Case("subjects of one context", _IN_CONTEXT, get("/subjects?subjectPrefix=:.eu:"), 200, body=[":.eu:s"]),
    Case("subjects of the default context", _IN_CONTEXT, get("/subjects?subjectPrefix="), 200, body=["s"]),
    Case("ids are per context", _IN_CONTEXT, get("/schemas/ids/1/subjects?subject=:.eu:"), 200, body=[":.eu:s"]),
    Case("context in the path", _IN_CONTEXT, get("/contexts/.eu/subjects/s/versions"), 200, body=[1]),
    Case("level of a context", (mode(":.eu:", "FULL"),), get("/config/:.eu:s?defaultToGlobal=true"), 200,
         body={"compatibilityLevel": "FULL"}),
    Case("percent-encoded subject", (post("a%2Fb%20c", INT),), get("/subjects"), 200, body=["a/b c"]),
)  # fmt: skip


@pytest.mark.parametrize(
    ("case", "version"),
    [pytest.param(case, version, id=f"{version} {case.name}") for case in CASES for version in case.versions],
)
def test_answer(case: Case, version: str) -> None:
    with ConfluentDouble(version) as double:
        registry = RawRegistry(double.url)
        for step in case.given:
            assert registry.send(step.method, step.path, step.body).status == 200

        answer = registry.send(case.act.method, case.act.path, case.act.body)

        assert (answer.status, answer.body) == (case.status, case.body)


def test_8_1_echoes_the_registered_schema() -> None:
    with ConfluentDouble("8.1") as double:
        body = RawRegistry(double.url).register("s", INT).body

        assert {key: body[key] for key in ("id", "version", "schemaType", "schema")} == {
            "id": 1,
            "version": 1,
            "schemaType": "AVRO",
            "schema": INT,
        }
        assert RawRegistry(double.url).read(f"/schemas/guids/{body['guid']}")["schema"] == INT


def test_8_1_adds_guid_time_and_deletion_to_a_version() -> None:
    with ConfluentDouble("8.1") as double:
        double.register("s", INT)

        body = RawRegistry(double.url).read("/subjects/s/versions/1")

        assert body.keys() == {"subject", "version", "id", "guid", "schemaType", "schema", "ts", "deleted"}


def test_rolled_back_schema_has_a_new_id_and_its_number_in_the_metadata() -> None:
    with ConfluentDouble("8.1") as double:
        registry = RawRegistry(double.url)
        registry.set_compatibility("s", "NONE")
        registry.register("s", INT)
        registry.register("s", LONG)

        registry.register("s", INT, version=3)

        latest = registry.read_version("s")
        assert (latest.version, latest.id, latest.text) == (3, 3, INT)
        assert latest.metadata == {"properties": {"confluent:version": "3"}}


def test_after_a_rollback_the_text_alone_still_finds_its_first_version() -> None:
    with ConfluentDouble() as double:
        registry = RawRegistry(double.url)
        registry.set_compatibility("s", "NONE")
        for text, version in ((INT, 0), (LONG, 0), (INT, 3)):
            registry.register("s", text, version=version)

        posted = registry.register("s", INT).body
        found = registry.send("POST", "/subjects/s", {"schema": INT}).body

        assert (posted["version"], found["version"]) == (1, 1)
        assert [version.version for version in registry.read_versions("s")] == [1, 2, 3]


def test_a_look_up_without_metadata_finds_a_version_that_has_some() -> None:
    with ConfluentDouble() as double:
        registry = RawRegistry(double.url)
        registry.register("s", INT, **_META)

        plain = registry.send("POST", "/subjects/s", {"schema": INT})
        other = registry.send("POST", "/subjects/s", {"schema": INT, "metadata": {"properties": {"owner": "b"}}})

        assert (plain.body["version"], other.status) == (1, 404)


def test_a_rollback_is_checked_like_any_other_version() -> None:
    with ConfluentDouble() as double:
        registry = RawRegistry(double.url)
        registry.register("s", INT)
        registry.register("s", LONG)

        answer = registry.register("s", INT, version=3)

        assert answer.status == 409
        assert registry.read_version("s").text == LONG


def test_reference_to_the_latest_version_is_stored_as_its_number() -> None:
    with ConfluentDouble() as double:
        registry = RawRegistry(double.url)
        registry.register("s", INT)
        registry.register("s", WITH_DOC)

        registry.send("POST", "/subjects/u/versions", _LATEST_REFERENCE)

        stored = registry.read_version("u")
        assert [(r.name, r.subject, r.version) for r in stored.references] == [("R", "s", 2)]
        assert stored.text == USES_R


def test_schemas_come_a_thousand_at_a_time_whatever_the_limit() -> None:
    with ConfluentDouble("7.9") as double:
        for number in range(1_005):
            double.register(f"s{number:04}", '"string"')
        registry = RawRegistry(double.url)

        first = registry.read("/schemas?latestOnly=true&limit=5000")
        second = registry.read("/schemas?latestOnly=true&limit=5000&offset=1000")

        assert [len(first), len(second)] == [1_000, 5]
        assert [row["subject"] for row in first + second] == [f"s{number:04}" for number in range(1_005)]


def test_latest_only_leaves_out_older_and_deleted_versions() -> None:
    with ConfluentDouble() as double:
        registry = RawRegistry(double.url)
        for subject in ("a", "b"):
            registry.register(subject, INT)
            registry.register(subject, LONG)
        registry.delete_subject("b")

        rows = registry.read("/schemas?latestOnly=true")
        every = registry.read("/schemas?deleted=true")

        assert [(row["subject"], row["version"]) for row in rows] == [("a", 2)]
        assert [(row["subject"], row["version"]) for row in every] == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]


def test_compatibility_group_narrows_the_history() -> None:
    with ConfluentDouble() as double:
        registry = RawRegistry(double.url)
        registry.send("PUT", "/config/s", {"compatibilityGroup": "line"})
        registry.register("s", INT, metadata={"properties": {"line": "1"}})

        same = registry.register("s", STRING, metadata={"properties": {"line": "1"}})
        other = registry.register("s", STRING, metadata={"properties": {"line": "2"}})

        assert (same.status, other.status) == (409, 200)
