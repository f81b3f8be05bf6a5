"""One registry copied into another from the command line; what came of it is read without the product's code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.copies import MONEY, NOTE, USES, contents, fill, make_shop, order, read_all, read_write_mode, uses_money
from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, record


@pytest.fixture
def old() -> Iterator[ConfluentDouble]:
    with ConfluentDouble("7.9") as double:
        fill(double.url)
        yield double


@pytest.fixture
def shop(old: ConfluentDouble, confluent: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    """A repository with an old registry and a new one, which is empty."""
    return make_shop(make_repository, old.url, confluent.url)


def test_the_whole_history_keeps_its_ids_and_numbers(
    shop: Repository, old: ConfluentDouble, confluent: ConfluentDouble
) -> None:
    copied = shop.run("copy", "--from", "old", "--to", "new", "--all-versions", "--keep-ids", "--yes")

    assert copied.exit_code == 0, copied.text
    assert "Copied. 5 versions of 2 subjects to new; 5 read back, all the same." in copied.out
    assert read_all(confluent.url) == read_all(old.url)
    assert [v.version for v in read_all(confluent.url)["order-value"]] == [1, 3, 4]
    assert RawRegistry(confluent.url).read_compatibility("order-value") == "FULL_TRANSITIVE"
    assert [read_write_mode(confluent.url, subject) for subject in ("money", "order-value")] == [None, None]
    assert "DELETED_NOT_CARRIED" in copied.out


def test_without_ids_versions_are_numbered_anew_and_references_follow(
    shop: Repository, old: ConfluentDouble, confluent: ConfluentDouble
) -> None:
    copied = shop.run("copy", "--from", "old", "--to", "new", "--all-versions", "--yes")

    assert copied.exit_code == 0, copied.text
    after = read_all(confluent.url)
    assert contents(after) == contents(read_all(old.url))
    assert [v.version for v in after["order-value"]] == [1, 2, 3]
    assert [r.version for v in after["order-value"] for r in v.references] == [1, 2]
    assert RawRegistry(confluent.url).read_compatibility("order-value") == "FULL_TRANSITIVE"
    assert RawRegistry(confluent.url).read_compatibility("money") is None


def test_a_dry_run_writes_nothing(shop: Repository, confluent: ConfluentDouble) -> None:
    shown = shop.run("copy", "--from", "old", "--to", "new", "--all-versions", "--dry-run")

    assert shown.exit_code == 0, shown.text
    assert "+ order-value  versions 1, 3 and 4, mode inherited → FULL_TRANSITIVE" in shown.out
    assert confluent.writes == []
    assert list(Path(shop.root).glob(".schemafed/*")) == []


def test_a_second_run_copies_nothing(shop: Repository, confluent: ConfluentDouble) -> None:
    for options in (["--all-versions", "--keep-ids"], ["--all-versions"], []):
        shop.run("copy", "--from", "old", "--to", "new", *options, "--yes")
        writes = len(confluent.writes)

        again = shop.run("copy", "--from", "old", "--to", "new", *options, "--yes")

        assert again.exit_code == 0, again.text
        assert "Nothing to copy" in again.out
        assert len(confluent.writes) == writes


def test_it_goes_on_with_what_is_new_since(shop: Repository, old: ConfluentDouble, confluent: ConfluentDouble) -> None:
    copy = ("copy", "--from", "old", "--to", "new", "--all-versions", "--keep-ids", "--yes")
    shop.run(*copy)
    raw = RawRegistry(old.url)
    assert raw.register("money", json.dumps(record("Money", "currency", NOTE, {**NOTE, "name": "more"}))).status == 200

    again = shop.run(*copy)

    assert "~ money  version 3" in again.out
    assert read_all(confluent.url) == read_all(old.url)


def test_the_latest_versions_alone_come_with_what_they_refer_to(
    shop: Repository, old: ConfluentDouble, confluent: ConfluentDouble
) -> None:
    raw = RawRegistry(old.url)
    raw.set_compatibility("order-value", "NONE")
    assert raw.register("order-value", order(USES, NOTE), references=uses_money(1)).status == 200

    copied = shop.run("copy", "--from", "old", "--to", "new", "--subject", "order*", "--yes")

    assert copied.exit_code == 0, copied.text
    after = read_all(confluent.url)
    assert [json.loads(v.text) for v in after["money"]] == [MONEY]
    assert [json.loads(v.text) for v in after["order-value"]] == [json.loads(order(USES, NOTE))]

    # What comes later goes on from there.
    raw.register("order-value", order("other"))
    again = shop.run("copy", "--from", "old", "--to", "new", "--subject", "order*", "--yes")
    assert again.exit_code == 0, again.text
    assert len(read_all(confluent.url)["order-value"]) == 2


def test_subjects_can_be_left_out(shop: Repository, confluent: ConfluentDouble) -> None:
    left = shop.run("copy", "--from", "old", "--to", "new", "--except", "order*", "--yes")

    assert left.exit_code == 0, left.text
    assert list(read_all(confluent.url)) == ["money"]
    none = shop.run("copy", "--from", "old", "--to", "new", "--subject", "nothing*", "--yes")
    assert none.exit_code == 1
    assert "old has no subject that fits nothing*" in none.text


@pytest.mark.parametrize("options", [[], ["--keep-ids"]])
def test_a_subject_with_other_versions_is_not_touched(
    shop: Repository, confluent: ConfluentDouble, options: list[str]
) -> None:
    RawRegistry(confluent.url).register("money", json.dumps(record("Other", "id")))
    before, writes = read_all(confluent.url), len(confluent.writes)

    refused = shop.run("copy", "--from", "old", "--to", "new", "--all-versions", *options, "--yes")

    assert refused.exit_code == 3
    assert "COPY_CONFLICT" in refused.out
    assert "version 1" in refused.out
    assert (read_all(confluent.url), len(confluent.writes)) == (before, writes)


def test_a_registry_that_is_in_import_mode_as_a_whole_is_taken_as_it_is(
    shop: Repository, old: ConfluentDouble, confluent: ConfluentDouble
) -> None:
    confluent.set_write_mode("", "IMPORT")

    copied = shop.run("copy", "--from", "old", "--to", "new", "--all-versions", "--keep-ids", "--yes")

    assert copied.exit_code == 0, copied.text
    assert read_all(confluent.url) == read_all(old.url)
    assert [request.path for request in confluent.writes if "/mode" in request.path] == []
    assert RawRegistry(confluent.url).read("/mode") == {"mode": "IMPORT"}


def test_an_id_of_another_schema_is_not_taken(shop: Repository, confluent: ConfluentDouble) -> None:
    for number in range(6):
        confluent.register(f"theirs-{number}", json.dumps(record(f"Theirs{number}", "id")))

    refused = shop.run("copy", "--from", "old", "--to", "new", "--all-versions", "--keep-ids", "--yes")

    assert refused.exit_code == 3
    assert "COPY_ID_TAKEN" in refused.out
    assert "id 2 of version 1 is that of another schema there" in refused.out
    assert confluent.writes == []


def test_a_context_of_its_own_has_room_for_ids_and_names(
    old: ConfluentDouble, confluent: ConfluentDouble, make_repository: MakeRepository
) -> None:
    confluent.register("money", json.dumps(record("Theirs", "id")))
    shop = make_shop(make_repository, old.url, confluent.url + ', name: ":.old:{{ name }}"')

    copied = shop.run("copy", "--from", "old", "--to", "new", "--all-versions", "--keep-ids", "--yes")

    assert copied.exit_code == 0, copied.text
    raw = RawRegistry(confluent.url)
    after = {s.removeprefix(":.old:"): raw.read_versions(s) for s in raw.read_subjects() if s != "money"}
    before = read_all(old.url)
    assert {s: [(v.version, v.id, json.loads(v.text)) for v in each] for s, each in after.items()} == {
        s: [(v.version, v.id, json.loads(v.text)) for v in each] for s, each in before.items()
    }
    assert [r.subject for v in after["order-value"] for r in v.references] == [":.old:money"] * 2

    # And back out of the context, where references have no context of their own.
    bill = {"schema": order(USES, NOTE), "references": uses_money(1)}
    assert raw.send("POST", "/subjects/%3A.old%3Abill/versions", bill).status == 200
    home = make_shop(make_repository, confluent.url + ', name: ":.old:{{ name }}"', old.url, name="home")
    back = home.run("copy", "--from", "old", "--to", "new", "--subject", "bill", "--yes")
    assert back.exit_code == 0, back.text
    assert "Copied" in back.out, back.text
    assert RawRegistry(old.url).read_version("bill").references[0].subject == "money"


def test_modes_settings_metadata_and_rules_come_along(old: ConfluentDouble, make_repository: MakeRepository) -> None:
    rules = {"domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true"}]}
    with ConfluentDouble("8.1", keeps_rules=True) as source, ConfluentDouble("8.1", keeps_rules=True) as new:
        raw = RawRegistry(source.url)
        raw.register("a", order(), metadata={"properties": {"team": "a"}, "tags": {"**.id": ["PII"]}})
        raw.register("a", order(NOTE), metadata={"properties": {"team": "b"}}, ruleSet=rules)
        raw.send("PUT", "/config/a", {"compatibility": "FULL", "compatibilityGroup": "team", "alias": "b"})
        raw.register("b", order())
        raw.send("PUT", "/mode/b", {"mode": "READONLY"})
        raw.set_compatibility("", "FORWARD")
        shop = make_shop(make_repository, source.url, new.url + ', name: "eu.{{ name }}"')

        copied = shop.run("copy", "--from", "old", "--to", "new", "--all-versions", "--yes")

        assert copied.exit_code == 0, copied.text
        there = RawRegistry(new.url)
        first, second = there.read_versions("eu.a")
        assert first.metadata == {"properties": {"team": "a"}, "tags": {"**.id": ["PII"]}}
        assert (second.metadata, there.read("/subjects/eu.a/versions/2")["ruleSet"]["domainRules"][0]["name"]) == (
            {"properties": {"team": "b"}},
            "r",
        )
        config = there.read("/config/eu.a")
        assert {key: config[key] for key in ("compatibilityLevel", "compatibilityGroup", "alias")} == {
            "compatibilityLevel": "FULL",
            "compatibilityGroup": "team",
            "alias": "eu.b",
        }
        assert read_write_mode(new.url, "eu.b") == "READONLY"
        assert there.read_compatibility() == "BACKWARD"
        assert "b inherits FORWARD in old, and BACKWARD in new" in copied.out
        assert "Nothing to copy" in shop.run("copy", "--from", "old", "--to", "new", "--all-versions", "--yes").out


def test_what_a_server_drops_silently_is_told(make_repository: MakeRepository, confluent: ConfluentDouble) -> None:
    rules = {"domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true"}]}
    with ConfluentDouble("8.1", keeps_rules=True) as source:
        RawRegistry(source.url).register("a", order(), ruleSet=rules)
        RawRegistry(source.url).register(
            "a", order(), ruleSet={"domainRules": [{**rules["domainRules"][0], "name": "s"}]}
        )
        shop = make_shop(make_repository, source.url, confluent.url)

        for options in ([], ["--keep-ids"]):
            copied = shop.run("copy", "--from", "old", "--to", "new", "--all-versions", *options, "--yes")

            assert copied.exit_code == 0, copied.text
            assert "METADATA_NOT_CARRIED" in copied.out
            RawRegistry(confluent.url).delete_subject("a", permanent=True)


@pytest.mark.parametrize(
    ("subject", "mode", "options"),
    [
        ("", "READONLY", []),
        ("money", "READONLY", []),
        ("money", "IMPORT", []),
        ("", "READONLY_OVERRIDE", ["--keep-ids"]),
    ],
)
def test_a_target_that_lets_nothing_in_is_left_alone(
    shop: Repository, confluent: ConfluentDouble, subject: str, mode: str, options: list[str]
) -> None:
    confluent.set_write_mode(subject, mode)

    refused = shop.run("copy", "--from", "old", "--to", "new", "--all-versions", *options, "--yes")

    assert refused.exit_code == 3, refused.text
    assert "COPY_CLOSED" in refused.out
    assert mode in refused.out
    assert confluent.writes == []


def test_the_report_for_machines_tells_numbers_and_ids(
    shop: Repository, old: ConfluentDouble, confluent: ConfluentDouble
) -> None:
    copy = ("copy", "--from", "old", "--to", "new", "--all-versions", "--output", "json")
    refused = shop.run(*copy)
    planned = json.loads(shop.run(*copy, "--dry-run").out)
    made = json.loads(shop.run(*copy, "--yes").out)

    assert refused.exit_code == 1
    assert (planned["can_copy"], planned["result"]) == (True, None)
    assert made["result"] == {
        "is_complete": True,
        "is_interrupted": False,
        "stopped": None,
        "verified": 5,
        "unrestored": [],
    }
    there = {v.version: v.id for v in RawRegistry(confluent.url).read_versions("order-value")}
    here = {v.version: v.id for v in RawRegistry(old.url).read_versions("order-value")}
    told = next(s for s in made["subjects"] if s["from"] == "order-value")["versions"]
    assert [(v["from"], v["id_from"], v["to"], v["id_to"]) for v in told] == [
        (number, here[number], index + 1, there[index + 1]) for index, number in enumerate(sorted(here))
    ]
    assert {finding["code"] for finding in made["findings"]} == {"DELETED_NOT_CARRIED", "IDS_NOT_KEPT"}


@pytest.mark.parametrize(
    ("names", "words"),
    [(("old", "nev"), "did you mean `new`?"), (("old", "old"), "old cannot be copied into itself")],
)
def test_names_that_cannot_be_copied(shop: Repository, names: tuple[str, str], words: str) -> None:
    refused = shop.run("copy", "--from", names[0], "--to", names[1], "--dry-run")

    assert refused.exit_code == 1
    assert words in refused.text


def test_without_a_terminal_it_does_not_ask(shop: Repository, confluent: ConfluentDouble) -> None:
    refused = shop.run("copy", "--from", "old", "--to", "new")

    assert refused.exit_code == 1
    assert "say --yes, or --dry-run" in refused.text
    assert confluent.writes == []
