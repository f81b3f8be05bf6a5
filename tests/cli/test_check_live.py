"""`check --live`: a change held against what registries really have, those of the base; without it none is asked."""

from __future__ import annotations

import json

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.repositories import Repository, over_rest, record

FILE = "schemas/order-value.avsc"
NOTE = {"name": "note", "type": "string", "default": ""}
TOTAL = {"name": "total", "type": "long"}


@pytest.fixture
def repository(online: Repository) -> Repository:
    """One schema on main, applied; what a test writes is the change."""
    online.write(FILE, record("Order", "id"))
    online.write("schemas/defaults.yaml", "compatibility: BACKWARD\n")
    online.commit("Begin")
    assert online.run("apply", "--yes").exit_code == 0
    return online


@pytest.fixture
def older(online: Repository, double: ConfluentDouble) -> Repository:
    """A registry with a version 1 that Git never had; its version 2 is what main has, and what was applied."""
    double.register("order-value", json.dumps(record("Order", TOTAL)))
    double.set_compatibility("order-value", "NONE")
    double.register("order-value", json.dumps(record("Order", "id")))
    online.write(FILE, record("Order", "id"))
    online.write("schemas/defaults.yaml", "compatibility: BACKWARD_TRANSITIVE\n")
    online.commit("Begin")
    assert online.run("apply", "--yes").exit_code == 0
    return online


def check(repository: Repository, *options: str) -> tuple[int, dict[str, object]]:
    done = repository.run("check", "--output", "json", *options)
    return done.exit_code, json.loads(done.out)


def told(document: dict[str, object], key: str = "findings") -> list[tuple[str, str, str, str]]:
    findings: list[dict[str, str]] = document[key]  # type: ignore[assignment]
    return [(f["code"], f["registry"], f["subject"], f["path"]) for f in findings]


def test_without_it_no_registry_is_asked(repository: Repository, double: ConfluentDouble) -> None:
    repository.write(FILE, record("Order", "id", NOTE))
    double.requests.clear()

    assert repository.run("check").exit_code == 0
    assert double.requests == []


def test_a_version_that_git_never_had_speaks_against_a_change(older: Repository) -> None:
    older.write(FILE, record("Order", "id", NOTE))

    offline = older.run("check")
    asked = older.run("check", "--live")
    comment = older.run("check", "--live", "--output", "markdown")

    mode = "(BACKWARD_TRANSITIVE, declared in schemas/defaults.yaml:1:1)"
    assert offline.exit_code == 0
    assert asked.exit_code == 3
    assert f"\n      compatible with version 1 {mode}\n" in asked.out
    assert f"\n      in orders: incompatible with versions 1 and 2 {mode}\n" in asked.out
    assert "READER_FIELD_MISSING_DEFAULT_VALUE  BACKWARD  against version 1" in asked.out
    assert f"❌ in orders: incompatible with versions 1 and 2 {mode}" in comment.out.replace("\\", "")


def test_what_git_told_already_is_told_once(repository: Repository) -> None:
    repository.write(FILE, record("Order", "id", TOTAL))

    code, document = check(repository, "--live")
    (subject,) = document["subjects"]  # type: ignore[misc]

    assert code == 3
    assert told(document) == [("READER_FIELD_MISSING_DEFAULT_VALUE", None, "order-value", "/fields/1")]
    assert [(v["registry"], v["outcome"], v["versions"]) for v in subject["live"]] == [("orders", "incompatible", [1])]


def test_what_somebody_changed_before_is_shown_apart_and_does_not_block(
    repository: Repository, double: ConfluentDouble
) -> None:
    double.register("order-value", json.dumps(record("Order", "id", NOTE)))
    repository.write(FILE, record("Order", "id", NOTE, {**TOTAL, "default": 0}))

    code, document = check(repository, "--live")

    assert (code, told(document)) == (0, [])
    assert [finding[:3] for finding in told(document, "known")] == [("DRIFTED", "orders", "order-value")]


def test_what_only_a_registry_knows_of_a_new_subject_blocks(repository: Repository, double: ConfluentDouble) -> None:
    double.register("payment-value", json.dumps(record("Payment", "id")))
    repository.write("schemas/payment-value.avsc", record("Payment", "id", NOTE))

    code, document = check(repository, "--live")

    assert code == 3
    assert [finding[:3] for finding in told(document)] == [("ADOPT_CONFLICT", "orders", "payment-value")]


def test_a_registry_that_cannot_be_read_is_an_error(repository: Repository, double: ConfluentDouble) -> None:
    repository.write(FILE, record("Order", "id", NOTE))
    double.stop()

    assert repository.run("check").exit_code == 0
    done = repository.run("check", "--live")

    assert done.exit_code == 1
    assert "REGISTRY_UNREADABLE" in done.out


def test_an_address_that_the_change_names_gets_neither_request_nor_credentials(
    repository: Repository, double: ConfluentDouble
) -> None:
    with ConfluentDouble("8.1") as elsewhere:
        repository.write("schemafed.yaml", over_rest(elsewhere.url))
        repository.write(FILE, record("Order", "id", NOTE))
        double.requests.clear()

        code, document = check(repository, "--live")

        assert elsewhere.requests == []
    assert double.requests != []
    assert code == 0
    assert [finding[0] for finding in told(document)] == ["REGISTRIES_CHANGED"]


def test_a_registry_that_only_the_change_has_is_not_asked(repository: Repository) -> None:
    settings = (repository.root / "schemafed.yaml").read_text()
    more = settings.replace("registries: [orders]", "registries: [orders, fresh]").replace(
        "registries:\n", "registries:\n  fresh: {kind: confluent, url: http://127.0.0.1:9}\n", 1
    )
    repository.write("schemafed.yaml", more)
    repository.write(FILE, record("Order", "id", NOTE))

    code, document = check(repository, "--live")

    assert code == 0
    assert [finding[0] for finding in told(document)] == ["REGISTRIES_CHANGED", "REGISTRY_NOT_ASKED"]


def test_what_is_staged_is_what_registries_are_asked_about(older: Repository) -> None:
    older.write(FILE, record("Order", "id", NOTE))
    older.git("add", ".")
    older.write(FILE, record("Order", "id"))

    code, document = check(older, "--staged", "--live")

    assert code == 3
    assert told(document) == [("READER_FIELD_MISSING_DEFAULT_VALUE", "orders", "order-value", "/fields/0")]


def test_files_with_errors_are_told_before_any_registry_is_asked(
    repository: Repository, double: ConfluentDouble
) -> None:
    repository.write(FILE, "{")
    double.requests.clear()

    code, document = check(repository, "--live")

    assert code == 3
    assert [finding[0] for finding in told(document)] == ["SCHEMA_INVALID", "REGISTRY_NOT_ASKED"]
    assert double.requests == []
