"""AWS Glue beyond the contract suite: the checkpoint, DISABLED, failures, going back, and errors of the service."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.glue import GlueRegistry
from reconciler.errors import ConfigurationError, ForbiddenError, RegistryError, RejectedError, UnauthorizedError
from reconciler.model import Format, Mode, Schema
from reconciler.registry import RegistrySettings
from tests.doubles.glue import GlueDouble, RefusingGlue
from tests.repositories import MakeRepository, Repository, record

NOTE = {"name": "note", "type": "string", "default": ""}


@pytest.fixture
def shop(glue: GlueDouble, make_repository: MakeRepository) -> Repository:
    entry = json.dumps({"kind": "glue", **glue.options})
    repository = make_repository(f"version: 1\nregistries:\n  orders: {entry}\n")
    repository.write("schemas/order.avsc", record("Order", "id"))
    repository.commit()
    return repository


def schema_id(name: str = "order") -> dict[str, str]:
    return {"RegistryName": "shop", "SchemaName": name}


def texts(client: Any) -> list[object]:
    rows = client.list_schema_versions(SchemaId=schema_id(), MaxResults=100)["Schemas"]
    numbers = sorted(row["VersionNumber"] for row in rows if row["Status"] == "AVAILABLE")
    found = [client.get_schema_version(SchemaId=schema_id(), SchemaVersionNumber={"VersionNumber": n}) for n in numbers]
    return [json.loads(version["SchemaDefinition"]) for version in found]


def change(shop: Repository, *fields: object, sidecar: str | None = None) -> None:
    shop.write("schemas/order.avsc", record("Order", *fields))  # type: ignore[arg-type]
    if sidecar is not None:
        shop.write("schemas/order.meta.yaml", sidecar)
    shop.commit()


def test_what_is_declared_is_there_and_the_next_plan_is_empty(shop: Repository, client: Any) -> None:
    change(
        shop, "id", sidecar="compatibility: FULL_TRANSITIVE\nsettings: {tags: {team: payments}, description: Orders}\n"
    )

    assert shop.run("apply", "--yes").exit_code == 0

    told = client.get_schema(SchemaId=schema_id())
    assert (told["Compatibility"], told["Description"]) == ("FULL_ALL", "Orders")
    assert client.get_tags(ResourceArn=told["SchemaArn"])["Tags"] == {"team": "payments"}
    assert texts(client) == [record("Order", "id")]
    assert "Nothing to do" in shop.run("apply", "--yes").text


def test_a_mode_compares_with_the_checkpoint(shop: Repository, client: Any) -> None:
    change(shop, "id", sidecar="compatibility: BACKWARD\n")
    assert shop.run("apply", "--yes").exit_code == 0
    change(shop, "id", NOTE)
    assert shop.run("apply", "--yes").exit_code == 0

    # Compatible with the latest version, and not with the checkpoint, which still is the first.
    change(shop, {"name": "note", "type": "string"})
    blocked = shop.run("plan")
    assert blocked.exit_code == 3
    assert "against version 1" in blocked.text

    client.update_schema(SchemaId=schema_id(), SchemaVersionNumber={"VersionNumber": 2})
    assert shop.run("apply", "--yes").exit_code == 0


def test_a_disabled_schema_takes_no_version_until_a_mode_is_declared(shop: Repository, client: Any) -> None:
    assert shop.run("apply", "--yes").exit_code == 0
    client.update_schema(SchemaId=schema_id(), Compatibility="DISABLED", SchemaVersionNumber={"VersionNumber": 1})

    change(shop, "id", NOTE)
    blocked = shop.run("plan")
    assert blocked.exit_code == 3
    assert "SUBJECT_CLOSED" in blocked.text

    change(shop, "id", NOTE, sidecar="compatibility: BACKWARD\n")
    assert shop.run("apply", "--yes").exit_code == 0
    assert len(texts(client)) == 2


def test_going_back_deletes_what_came_after(shop: Repository, client: Any) -> None:
    config = (shop.root / "schemafed.yaml").read_text()
    shop.write("schemafed.yaml", config + "environments:\n  prod: {registries: [orders], deletion: hard}\n")
    shop.commit()
    assert shop.run("apply", "--yes").exit_code == 0
    change(shop, "id", NOTE)
    assert shop.run("apply", "--yes").exit_code == 0
    assert len(texts(client)) == 2

    shop.git("revert", "--no-edit", "HEAD")
    applied = shop.run("apply", "--yes")
    assert applied.exit_code == 0, applied.text

    assert texts(client) == [record("Order", "id")]
    assert "Nothing to do" in shop.run("apply", "--yes").text


def test_going_back_is_refused_where_nothing_may_be_deleted(shop: Repository) -> None:
    assert shop.run("apply", "--yes").exit_code == 0
    change(shop, "id", NOTE)
    assert shop.run("apply", "--yes").exit_code == 0
    shop.git("revert", "--no-edit", "HEAD")

    blocked = shop.run("plan")
    assert blocked.exit_code == 3
    assert "OLDER_VERSION" in blocked.text


def test_a_name_and_a_reference_that_it_does_not_take_are_told_before(shop: Repository) -> None:
    shop.write("schemas/a b.avsc", record("Other", "id"))
    shop.write("schemas/line.avsc", record("Line", {"name": "order", "type": "Order"}))
    shop.commit()

    blocked = shop.run("plan")
    assert blocked.exit_code == 3
    assert "UNSUPPORTED_NAME" in blocked.text
    assert "UNSUPPORTED_REFERENCES" in blocked.text


def open_glue(options: dict[str, Any], **more: object) -> GlueRegistry:
    return GlueRegistry(RegistrySettings("orders", "glue", Path.cwd(), {**options, **more}))


def test_a_failed_version_is_an_error_and_never_the_latest(glue: GlueDouble) -> None:
    first = Schema(Format.AVRO, json.dumps(record("Order", "id")))
    broken = Schema(Format.AVRO, json.dumps(record("Order", "id", "more")))
    with closing(open_glue(glue.options)) as registry:
        registry.register_schema("order", first)
        registry.set_compatibility("order", Mode.BACKWARD)

        with pytest.raises(RejectedError) as raised:
            registry.register_schema("order", broken)

        latest = registry.read_state(["order"]).subjects["order"].latest
    assert raised.value.code == "FAILURE"
    assert latest and latest.version == 1


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("ExpiredTokenException", UnauthorizedError, "the credentials are over"),
        ("AccessDeniedException", ForbiddenError, "the credentials do not allow this"),
        ("InvalidSignatureException", UnauthorizedError, "the signature is not accepted"),
        ("InternalServiceException", RegistryError, "the service failed"),
    ],
)
def test_what_the_service_refuses_is_told_with_its_code(code: str, kind: type[RegistryError], words: str) -> None:
    keys = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "hidden-key"}
    status = 500 if code.startswith("Internal") else 400
    with RefusingGlue(code, status) as double:
        options = {"region": "eu-central-1", "endpoint": double.url, "auth": keys, "retries": 0}
        with closing(open_glue(options)) as registry, pytest.raises(kind) as raised:
            registry.read_state()

    assert words in raised.value.message
    assert raised.value.code == code
    assert raised.value.fix


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"region": "eu-central-1", "profile": "nobody-has-this"}, "nobody-has-this"),
        ({"registri": "x"}, "did you mean `registry`?"),
        ({"external_id": "x"}, "`external_id` goes with `role_arn`"),
    ],
)
def test_options_that_cannot_be_are_told(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        open_glue(options)

    assert words in str(raised.value)
