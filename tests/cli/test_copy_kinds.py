"""Copies between kinds of registries: what each can take, and what it is told cannot be carried."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from tests.contract.targets.glue import RawGlue
from tests.copies import EVERYTHING, NOTE, USES, contents, fill, make_shop, order, read_all, uses_money
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.glue import GlueDouble
from tests.doubles.karapace import KarapaceDouble
from tests.doubles.redpanda import RedpandaDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, record

OTHERS: dict[str, Callable[[], ConfluentDouble]] = {"karapace": KarapaceDouble, "redpanda": RedpandaDouble}


@pytest.fixture
def old() -> Iterator[ConfluentDouble]:
    with ConfluentDouble("8.1") as double:
        fill(double.url)
        yield double


@pytest.fixture(params=OTHERS)
def other(request: pytest.FixtureRequest) -> Iterator[tuple[str, ConfluentDouble]]:
    with OTHERS[request.param]() as double:
        yield request.param, double


def same_text(versions: dict[str, list[tuple[object, ...]]]) -> str:
    """Texts as JSON with sorted keys, since Karapace sorts them, and names in full."""
    return json.dumps(versions, sort_keys=True).replace("com.acme.Money", "Money")


def test_a_history_arrives_in_other_products(
    other: tuple[str, ConfluentDouble], old: ConfluentDouble, make_repository: MakeRepository
) -> None:
    kind, new = other
    shop = make_shop(make_repository, old.url, new.url, kind=kind)

    copied = shop.run(*EVERYTHING)

    assert copied.exit_code == 0, copied.text
    assert same_text(contents(read_all(new.url))) == same_text(contents(read_all(old.url)))
    assert RawRegistry(new.url).read_compatibility("order-value") == "FULL_TRANSITIVE"
    assert RawRegistry(new.url).read_compatibility("money") is None
    writes = len(new.writes)
    assert "Nothing to copy" in shop.run(*EVERYTHING).out
    assert len(new.writes) == writes


def test_a_history_of_other_products_arrives_at_confluent_with_its_ids(
    other: tuple[str, ConfluentDouble], confluent: ConfluentDouble, make_repository: MakeRepository
) -> None:
    kind, old = other
    fill(old.url)
    shop = make_repository(
        "version: 1\nregistries:\n"
        f"  old: {{kind: {kind}, url: {old.url}}}\n  new: {{kind: confluent, url: {confluent.url}}}\n"
    )

    copied = shop.run(*EVERYTHING, "--keep-ids")

    assert copied.exit_code == 0, copied.text
    before, after = read_all(old.url), read_all(confluent.url)
    assert same_text(contents(after)) == same_text(contents(before))
    for subject, versions in before.items():
        assert [(v.version, v.id) for v in after[subject]] == [(v.version, v.id) for v in versions]


def test_ids_are_kept_by_confluent_alone(
    other: tuple[str, ConfluentDouble], old: ConfluentDouble, make_repository: MakeRepository
) -> None:
    kind, new = other
    shop = make_shop(make_repository, old.url, new.url, kind=kind)

    refused = shop.run(*EVERYTHING, "--keep-ids")

    assert refused.exit_code == 3
    assert "new gives ids of its own, so none can be kept" in refused.out
    assert new.writes == []


def test_where_a_schema_is_held_once_the_last_of_equal_versions_stands_for_all(
    other: tuple[str, ConfluentDouble], old: ConfluentDouble, make_repository: MakeRepository
) -> None:
    kind, new = other
    raw = RawRegistry(old.url)
    for version, text in enumerate((order(), order(NOTE), order()), start=1):
        assert raw.register("back", text, version=version).status == 200
    shop = make_shop(make_repository, old.url, new.url, kind=kind)

    copied = shop.run(*EVERYTHING)

    assert copied.exit_code == 0, copied.text
    assert "version 1 is one with version 3 there, which does not hold a schema twice" in copied.out
    assert [json.loads(v.text) for v in read_all(new.url)["back"]] == [json.loads(order(NOTE)), json.loads(order())]
    assert "Nothing to copy" in shop.run(*EVERYTHING).out


def test_confluent_holds_a_schema_that_came_back_twice(
    old: ConfluentDouble, confluent: ConfluentDouble, make_repository: MakeRepository
) -> None:
    raw = RawRegistry(old.url)
    for version, text in enumerate((order(), order(NOTE), order()), start=1):
        assert raw.register("back", text, version=version).status == 200
    shop = make_shop(make_repository, old.url, confluent.url)

    copied = shop.run(*EVERYTHING)

    assert copied.exit_code == 0, copied.text
    assert contents(read_all(confluent.url)) == contents(read_all(old.url))
    assert "Nothing to copy" in shop.run(*EVERYTHING).out


def test_what_a_product_cannot_take_is_left_out_with_what_uses_it(
    old: ConfluentDouble, make_repository: MakeRepository
) -> None:
    raw = RawRegistry(old.url)
    raw.register("part", '{"type": "object"}', schemaType="JSON")
    uses = [{"name": "part.json", "subject": "part", "version": 1}]
    raw.register("whole", '{"$ref": "part.json"}', schemaType="JSON", references=uses)
    raw.register("noted", order(), metadata={"properties": {"team": "a"}})
    raw.send("PUT", "/config/noted", {"compatibility": "FULL", "alias": "money"})
    with KarapaceDouble() as new:
        shop = make_shop(make_repository, old.url, new.url, kind="karapace")

        copied = shop.run(*EVERYTHING)

        assert copied.exit_code == 0, copied.text
        assert sorted(read_all(new.url)) == ["money", "noted", "order-value", "part"]
        for words in (
            "it refers to other subjects, which JSON schemas cannot there",
            "its metadata are not kept there",
            "its setting alias is money, which is not kept there",
        ):
            assert words in copied.out
        assert "1 subject left out" in copied.out


@pytest.fixture
def laptop(old: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    return make_repository(
        "version: 1\nregistries:\n"
        f"  old: {{kind: confluent, url: {old.url}}}\n"
        "  new: {kind: local, path: .schemafed/new.db}\n"
    )


def test_a_history_arrives_in_a_file_and_goes_back_from_there(
    laptop: Repository, old: ConfluentDouble, confluent: ConfluentDouble
) -> None:
    copied = laptop.run(*EVERYTHING)

    assert copied.exit_code == 0, copied.text
    with closing(sqlite3.connect(laptop.root / ".schemafed/new.db")) as database:
        numbers = database.execute("SELECT subject, version FROM versions ORDER BY subject, version").fetchall()
        modes = database.execute("SELECT subject, mode FROM settings WHERE mode IS NOT NULL").fetchall()
    assert numbers == [("money", 1), ("money", 2), ("order-value", 1), ("order-value", 2), ("order-value", 3)]
    assert modes == [("order-value", "FULL_TRANSITIVE")]
    assert "Nothing to copy" in laptop.run(*EVERYTHING).out

    with (laptop.root / "schemafed.yaml").open("a") as file:
        file.write(f"  back: {{kind: confluent, url: {confluent.url}}}\n")
    back = laptop.run("copy", "--from", "new", "--to", "back", "--all-versions", "--yes")
    assert back.exit_code == 0, back.text
    assert contents(read_all(confluent.url)) == contents(read_all(old.url))


@pytest.mark.parametrize("options", [(), ("--keep-ids",)])
def test_every_format_arrives(
    old: ConfluentDouble, confluent: ConfluentDouble, make_repository: MakeRepository, options: tuple[str, ...]
) -> None:
    raw, there = RawRegistry(old.url), RawRegistry(confluent.url)
    proto = 'syntax = "proto3";\npackage acme;\n\nmessage Money {\n  string currency = 1;\n}\n'
    uses = 'syntax = "proto3";\npackage acme;\n\nimport "money.proto";\n\nmessage Bill {\n  Money total = 1;\n}\n'
    raw.register("money.proto", proto, schemaType="PROTOBUF")
    reference = [{"name": "money.proto", "subject": "money.proto", "version": 1}]
    assert raw.register("bill.proto", uses, schemaType="PROTOBUF", references=reference).status == 200
    assert raw.register("person", json.dumps({"type": "object", "title": "Person"}), schemaType="JSON").status == 200
    raw.register("bill", json.dumps(record("Bill", "id", USES)), references=uses_money(2))
    shop = make_shop(make_repository, old.url, confluent.url)

    copied = shop.run(*EVERYTHING, *options)

    assert copied.exit_code == 0, copied.text
    for name in ("money.proto", "bill.proto", "person", "bill"):
        before, after = raw.read_version(name), there.read_version(name)
        assert (before.schema_type, before.text, before.references) == (after.schema_type, after.text, after.references)
        assert before.id == after.id or not options


def test_versions_that_are_there_under_other_ids_do_not_get_them_later(
    old: ConfluentDouble, confluent: ConfluentDouble, make_repository: MakeRepository
) -> None:
    for name in ("Theirs", "Others"):
        confluent.register(name, json.dumps(record(name, "id")))
    shop = make_shop(make_repository, old.url, confluent.url)
    assert shop.run(*EVERYTHING, "--subject", "money").exit_code == 0
    writes = len(confluent.writes)

    refused = shop.run(*EVERYTHING, "--keep-ids", "--subject", "money")

    assert refused.exit_code == 3
    assert "version 2 of money is there under id 4, not 3" in refused.out
    assert len(confluent.writes) == writes


def test_a_history_arrives_at_glue_and_comes_back(old: ConfluentDouble, make_repository: MakeRepository) -> None:
    raw = RawRegistry(old.url)
    raw.set_compatibility("plain", "NONE")
    for text in (order(), order("gone"), order()):
        raw.register("plain", text, version=-1)
    raw.set_compatibility("plain", "FULL_TRANSITIVE")
    with GlueDouble("copied") as new, ConfluentDouble("8.1") as last:
        shop = make_repository(
            "version: 1\nregistries:\n"
            f"  old: {{kind: confluent, url: {old.url}}}\n"
            f"  new: {json.dumps({'kind': 'glue', **new.options})}\n"
            f"  back: {{kind: confluent, url: {last.url}}}\n"
        )
        copied = shop.run(*EVERYTHING)
        there = RawGlue(new.make_client(), new.registry)

        assert copied.exit_code == 0, copied.text
        assert "it refers to other subjects, which AVRO schemas cannot there" in copied.out
        assert [json.loads(v.text) for v in there.read_versions("plain")] == [
            json.loads(order("gone")),
            json.loads(order()),
        ]
        assert there.read_compatibility("plain") == "FULL_TRANSITIVE"
        assert there.read_compatibility("money") == "BACKWARD"
        assert "Nothing to copy" in shop.run(*EVERYTHING).out

        refused = shop.run("copy", "--from", "new", "--to", "back", "--all-versions", "--keep-ids", "--yes")
        assert "new does not tell ids" in refused.out
        back = shop.run("copy", "--from", "new", "--to", "back", "--all-versions", "--yes")
        assert back.exit_code == 0, back.text
        assert [json.loads(v.text) for v in read_all(last.url)["plain"]] == [
            json.loads(order("gone")),
            json.loads(order()),
        ]


@pytest.mark.parametrize("where", ["option", "config"])
def test_a_target_that_stores_its_own_normal_form_is_recognised(
    old: ConfluentDouble, confluent: ConfluentDouble, make_repository: MakeRepository, where: str
) -> None:
    raw = RawRegistry(old.url)
    part = '{"type": "object", "properties": {"z": {"type": "string"}, "a": {"type": "integer"}}}'
    raw.register("part", part, schemaType="JSON")
    uses = [{"name": "part.json", "subject": "part", "version": 1}]
    whole = '{"type": "object", "properties": {"p": {"$ref": "part.json"}, "b": {"type": "string"}}}'
    assert raw.register("whole", whole, schemaType="JSON", references=uses).status == 200
    if where == "config":
        RawRegistry(confluent.url).send("PUT", "/config", {"normalize": True})
    option = ", normalize: true" if where == "option" else ""
    shop = make_shop(make_repository, old.url, confluent.url + option)

    copied = shop.run(*EVERYTHING, "--subject", "whole")

    assert copied.exit_code == 0, copied.text
    stored = read_all(confluent.url)
    assert sorted(stored) == ["part", "whole"]
    assert [json.loads(stored[name][0].text) for name in stored] == [json.loads(part), json.loads(whole)]
    assert stored["part"][0].text != raw.read_version("part").text
    assert "Nothing to copy" in shop.run(*EVERYTHING, "--subject", "whole").out
