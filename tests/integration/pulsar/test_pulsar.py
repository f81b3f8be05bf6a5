"""Plans and applies on a real Pulsar; what came of them is read past the product."""

from __future__ import annotations

import json

import pytest

from tests.contract.targets.pulsar import RawPulsar
from tests.integration.pulsar.conftest import configure
from tests.repositories import MakeRepository, Repository, record

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("contract-pulsar")]

NOTE: dict[str, object] = {"name": "note", "type": "string", "default": ""}
PROTO = 'syntax = "proto3";\npackage acme;\n\nmessage Event {\n  string id = 1;\n}\n'


def change(shop: Repository, *fields: str | dict[str, object]) -> None:
    shop.write("schemas/order.avsc", record("Order", *fields))
    shop.commit()


def texts(raw: RawPulsar, topic: str = "order") -> list[object]:
    return [json.loads(row["data"]) for row in raw.read_rows(topic)]


def test_what_is_declared_is_there_and_the_next_plan_is_empty(shop: Repository, raw: RawPulsar) -> None:
    shop.write("schemas/event.proto", PROTO)
    shop.write("schemas/defaults.yaml", "compatibility: FULL_TRANSITIVE\n")
    shop.commit()

    applied = shop.run("apply", "--yes")
    planned = shop.run("plan", "--detailed-exitcode")

    assert applied.exit_code == 0, applied.text
    assert planned.exit_code == 0, planned.text
    assert texts(raw) == [record("Order", "id")]
    assert [(row["version"], row["type"]) for row in raw.read_rows("event")] == [(0, "PROTOBUF_NATIVE")]
    assert [raw.read_compatibility(topic) for topic in ("order", "event")] == ["FULL_TRANSITIVE"] * 2


def test_versions_follow_and_are_judged_by_what_the_topic_inherits(shop: Repository, raw: RawPulsar) -> None:
    shop.run("apply", "--yes")
    change(shop, "id", NOTE)
    assert shop.run("apply", "--yes").exit_code == 0
    change(shop, "id", NOTE, "total")

    planned = shop.run("plan")

    assert planned.exit_code == 3, planned.text
    assert "FULL, the registry's own level" in planned.out
    assert texts(raw) == [record("Order", "id"), record("Order", "id", NOTE)]


STATE: dict[str, object] = {"type": "enum", "name": "State", "symbols": ["NEW", "OLD"]}
UNSEEN: dict[str, dict[str, object]] = {
    "documentation": {**record("Order", {"name": "state", "type": STATE}), "doc": "An order."},
    "an alias": record("Order", {"name": "state", "type": STATE, "aliases": ["old"]}),
    "an enum's default": record("Order", {"name": "state", "type": {**STATE, "default": "NEW"}}),
}


@pytest.mark.parametrize("case", UNSEEN)
def test_what_the_broker_does_not_see_is_said_and_not_planned_for_ever(shop: Repository, case: str) -> None:
    change(shop, {"name": "state", "type": STATE})
    shop.run("apply", "--yes")
    shop.write("schemas/order.avsc", UNSEEN[case])
    shop.commit()

    planned = shop.run("plan", "--detailed-exitcode")

    assert planned.exit_code == 0, planned.text
    assert "SAME_FOR_REGISTRY" in planned.out


def test_going_back_is_refused_with_the_reason(shop: Repository, raw: RawPulsar) -> None:
    shop.run("apply", "--yes")
    change(shop, "id", NOTE)
    shop.run("apply", "--yes")
    change(shop, "id")

    planned = shop.run("plan")

    assert planned.exit_code == 3, planned.text
    assert "version 1" in planned.out
    assert len(texts(raw)) == 2


def test_a_field_of_another_type_blocks_in_protobuf_though_the_broker_does_not_look(
    shop: Repository, raw: RawPulsar
) -> None:
    shop.write("schemas/event.proto", PROTO)
    shop.write("schemas/event.meta.yaml", "compatibility: BACKWARD\n")
    shop.commit()
    shop.run("apply", "--yes")
    shop.write("schemas/event.proto", PROTO.replace("string id", "int32 id"))
    shop.commit()

    planned = shop.run("plan")
    assert planned.exit_code == 3, planned.text
    assert "FIELD_SCALAR_KIND_CHANGED" in planned.out

    shop.write("schemas/event.meta.yaml", "compatibility: NONE\n")
    shop.commit()
    applied = shop.run("apply", "--yes")
    assert applied.exit_code == 0, applied.text
    assert len(raw.read_rows("event")) == 2


def test_the_broker_says_no_before_anything_is_written(shop: Repository, raw: RawPulsar) -> None:
    """The root of a Protobuf schema must stay the root, which none of our rules knows."""
    two = PROTO + "message Other { string id = 1; }\n"
    shop.write("schemas/event.proto", two)
    shop.commit()
    shop.run("apply", "--yes")
    head, _, rest = two.partition("message Event")
    event, _, other = rest.partition("message Other")
    shop.write("schemas/event.proto", f"{head}message Other{other}message Event{event}")
    shop.commit()

    planned = shop.run("plan")

    assert planned.exit_code == 3, planned.text
    assert "Protobuf root message change is not allowed" in planned.out
    assert len(raw.read_rows("event")) == 1


def test_a_topic_is_created_with_the_partitions_of_the_options(raw: RawPulsar, make_repository: MakeRepository) -> None:
    shop = make_repository(configure(raw, partitions=3))
    shop.write("schemas/order.avsc", record("Order", "id"))
    shop.write("schemas/order.meta.yaml", "compatibility: BACKWARD\n")
    shop.commit()

    assert shop.run("apply", "--yes").exit_code == 0

    assert raw.send("GET", f"/persistent/{raw.namespace}/partitioned")[1] == [f"persistent://{raw.namespace}/order"]
    assert raw.read_compatibility("order") == "BACKWARD"
    assert "order" in shop.run("registries", "--overview").out
    assert "order-partition" not in shop.run("registries", "--overview").out
    assert shop.run("plan", "--detailed-exitcode").exit_code == 0


def test_a_topic_keeps_its_type(shop: Repository, raw: RawPulsar) -> None:
    """Data in JSON is described in Avro; what a client wrote beside the schema stays with its next version."""
    raw.make_topic("order")
    raw.write_schema("order", "JSON", json.dumps(record("Order", "id")), __alwaysAllowNull="true")
    change(shop, "id", NOTE)

    applied = shop.run("apply", "--yes", "--take-over", "order")

    assert applied.exit_code == 0, applied.text
    rows = raw.read_rows("order")
    assert [row["type"] for row in rows] == ["JSON", "JSON"]
    assert rows[1]["properties"] == {"__alwaysAllowNull": "true"}


def test_topics_of_the_options_begin_as_json(raw: RawPulsar, make_repository: MakeRepository) -> None:
    raw.make_topic("events.old")
    raw.write_schema("events.old", "AVRO", json.dumps(record("Old", "id")))
    shop = make_repository(configure(raw, json_topics=["events.*"]))
    shop.write("schemas/events.order.avsc", record("Order", "id"))
    shop.commit()

    assert shop.run("apply", "--yes").exit_code == 0
    shop.write("schemas/events.old.avsc", record("Old", "id"))
    shop.commit()
    planned = shop.run("plan")

    assert [row["type"] for row in raw.read_rows("events.order")] == ["JSON"]
    assert planned.exit_code == 3, planned.text
    assert "a topic keeps its type" in planned.out


@pytest.mark.parametrize("kind", ["STRING", "INT64", "BYTES"])
def test_types_that_are_not_ours_are_shown_and_never_planned_over(shop: Repository, raw: RawPulsar, kind: str) -> None:
    raw.make_topic("order")
    raw.write_schema("order", kind, "")

    planned = shop.run("plan")

    assert planned.exit_code == 3, planned.text
    assert "is shown and not managed" in planned.out
    assert len(raw.read_rows("order")) == 1


def test_a_pair_of_schemas_hides_no_other_topic(shop: Repository, raw: RawPulsar) -> None:
    raw.make_topic("pairs")
    part = json.dumps(record("Order", "id"))
    pair = json.dumps({"key": json.loads(part), "value": json.loads(part)})
    words = {f"{side}.schema.{key}": "AVRO" if key == "type" else "{}" if key == "properties" else ""
             for side in ("key", "value") for key in ("name", "type", "properties")}  # fmt: skip
    assert raw.write_schema("pairs", "KEY_VALUE", pair, **words) == 200

    applied = shop.run("apply", "--yes")

    assert applied.exit_code == 0, applied.text
    assert "unreadable" in shop.run("registries", "--overview").out
    assert len(raw.read_rows("pairs")) == 1


def test_a_namespace_without_a_strategy_has_the_older_one_that_is_set_there(shop: Repository, raw: RawPulsar) -> None:
    shop.run("apply", "--yes")
    assert raw.send("PUT", f"/namespaces/{raw.namespace}/schemaAutoUpdateCompatibilityStrategy", "Backward")[0] == 204
    change(shop, "id", NOTE)

    planned = shop.run("plan")

    assert "BACKWARD, the registry's own level" in planned.out, planned.text


def test_a_closed_namespace_is_said_before_anything_is_written(shop: Repository, raw: RawPulsar) -> None:
    shop.run("apply", "--yes")
    raw.write_compatibility("", "ALWAYS_INCOMPATIBLE")
    shop.write("schemas/order.meta.yaml", "compatibility: BACKWARD\n")
    shop.commit()
    change(shop, "id", NOTE)
    opened = shop.run("plan")
    shop.write("schemas/order.meta.yaml", "owner: payments\n")
    shop.commit()

    planned = shop.run("plan")

    assert opened.exit_code == 0, opened.text
    assert planned.exit_code == 3, planned.text
    assert "ALWAYS_INCOMPATIBLE" in planned.out


def test_the_level_of_a_namespace_is_declared(raw: RawPulsar, make_repository: MakeRepository) -> None:
    shop = make_repository(configure(raw, compatibility="NONE"))
    shop.write("schemas/order.avsc", record("Order", "id"))
    shop.commit()

    assert shop.run("apply", "--yes").exit_code == 0

    assert raw.send("GET", f"/namespaces/{raw.namespace}/schemaCompatibilityStrategy")[1] == "ALWAYS_COMPATIBLE"
    assert shop.run("plan", "--detailed-exitcode").exit_code == 0


def test_a_schema_without_its_topic_gets_one_when_its_mode_is_set(shop: Repository, raw: RawPulsar) -> None:
    raw.write_schema("order", "AVRO", json.dumps(record("Order", "id")))
    shop.write("schemas/order.meta.yaml", "compatibility: FORWARD\n")
    shop.commit()

    applied = shop.run("apply", "--yes", "--subject", "order")

    assert applied.exit_code == 0, applied.text
    assert raw.read_compatibility("order") == "FORWARD"


@pytest.mark.parametrize("deletion", ["soft", "hard"])
def test_a_dropped_topic_loses_its_schema_and_stays(
    raw: RawPulsar, make_repository: MakeRepository, deletion: str
) -> None:
    shop = make_repository(configure(raw, environment=f", deletion: {deletion}"))
    shop.write("schemas/order.avsc", record("Order", "id"))
    shop.write("schemas/money.avsc", record("Money", "amount"))
    shop.commit()
    shop.run("apply", "--yes")
    (shop.root / "schemas" / "order.avsc").unlink()
    shop.commit()

    applied = shop.run("apply", "--yes")

    assert applied.exit_code == 0, applied.text
    assert raw.read_rows("order") == []
    assert f"persistent://{raw.namespace}/order" in raw.send("GET", f"/persistent/{raw.namespace}")[1]
    assert shop.run("plan", "--detailed-exitcode").exit_code == 0


def test_a_namespace_that_is_not_there_is_named_when_a_plan_is_made(
    raw: RawPulsar, make_repository: MakeRepository
) -> None:
    shop = make_repository(configure(raw, namespace="shop/nowhere"))
    shop.write("schemas/order.avsc", record("Order", "id"))
    shop.commit()

    planned = shop.run("plan")

    assert planned.exit_code != 0
    assert "namespace shop/nowhere is not there" in planned.text
    assert "pulsar-admin namespaces create shop/nowhere" in planned.text


def test_an_import_gives_back_what_is_there(shop: Repository, raw: RawPulsar, make_repository: MakeRepository) -> None:
    shop.write("schemas/event.proto", PROTO)
    shop.write("schemas/order.meta.yaml", "compatibility: BACKWARD\n")
    shop.commit()
    shop.run("apply", "--yes")
    other = make_repository(configure(raw), "other")
    other.commit()

    imported = other.run("import", "--registry", "orders")
    other.commit()
    planned = other.run("plan", "--detailed-exitcode")

    assert imported.exit_code == 0, imported.text
    assert planned.exit_code == 0, planned.text
    assert (other.root / "schemas" / "event.proto").read_text() == PROTO
