"""What goes wrong at the service: throttling, clocks, permissions that are missing in part, writes that take a moment
to be seen, and things that only a newer service has.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from reconciler.errors import (
    ForbiddenError,
    NotFoundError,
    OutcomeUnknownError,
    RejectedError,
    ThrottledError,
    UnauthorizedError,
)
from reconciler.model import Mode, Schema
from tests.contract.samples import AB, A, make_avro
from tests.doubles.glue import GlueDouble, GlueGate, Refusal
from tests.integration.glue.conftest import OpenGlue, denied
from tests.repositories import Repository, record

OTHER = make_avro(("a", "int"))
NOT_FOUND = "EntityNotFoundException"


def errors(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [finding for finding in document["findings"] if finding["severity"] == "error"]


# ---- throttling and clocks


@pytest.mark.parametrize("code", ["ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"])
def test_throttling_is_waited_out(open_glue: OpenGlue, gate: GlueGate, code: str) -> None:
    gate.refusals.append(Refusal(code, times=2))

    open_glue(retries=3).read_state()

    assert gate.operations() == ["ListSchemas"] * 3


def test_throttling_that_goes_on_is_told(open_glue: OpenGlue, gate: GlueGate) -> None:
    gate.refusals.append(Refusal("ThrottlingException"))

    with pytest.raises(ThrottledError) as raised:
        open_glue(retries=1).read_state()

    assert len(gate.requests) == 2
    assert "requests_per_second" in str(raised.value.fix)


def test_a_proxy_that_says_429_is_throttling_too(open_glue: OpenGlue, gate: GlueGate) -> None:
    gate.refusals.append(Refusal("Unknown", status=429))

    with pytest.raises(ThrottledError):
        open_glue(retries=0).read_state()


def test_requests_keep_to_the_pace_that_is_asked_for(open_glue: OpenGlue, gate: GlueGate) -> None:
    registry = open_glue(requests_per_second=20)
    begun = datetime.now(UTC)

    registry.read_state([f"s{number}" for number in range(10)])

    # Eleven requests, the first of which waits for nobody: one for the registry itself, as nothing was found.
    assert (datetime.now(UTC) - begun) >= timedelta(seconds=0.5)
    assert len(gate.requests) == 11


@pytest.mark.parametrize("code", ["InvalidSignatureException", "SignatureDoesNotMatch", "RequestExpired"])
@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_clock_that_is_wrong_is_told_by_how_much(
    open_glue: OpenGlue, gate: GlueGate, code: str, minutes: int
) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
    gate.refusals.append(Refusal(code, status=403, message="Signature expired", headers={"Date": date}))

    with pytest.raises(UnauthorizedError) as raised:
        open_glue().read_state()

    assert (
        "this machine's clock is 1,2" in raised.value.message or "this machine's clock is 1,1" in raised.value.message
    )
    assert raised.value.fix == "set this machine's clock"


def test_a_signature_that_is_refused_with_a_right_clock_is_of_the_credentials(
    open_glue: OpenGlue, gate: GlueGate
) -> None:
    date = format_datetime(datetime.now(UTC), usegmt=True)
    gate.refusals.append(Refusal("InvalidSignatureException", status=403, headers={"Date": date}))

    with pytest.raises(UnauthorizedError, match="the signature is not accepted") as raised:
        open_glue().read_state()

    assert "role_arn" in str(raised.value.fix)


# ---- permissions


@pytest.fixture
def two(shop: Repository) -> Repository:
    """Two schemas that were applied."""
    shop.write("schemas/other.avsc", record("Other", "id"))
    shop.commit()
    assert shop.run("apply", "--yes").exit_code == 0
    return shop


@pytest.mark.parametrize("operation", ["GetSchemaVersion", "GetSchema"])
def test_a_schema_that_may_not_be_read_is_named_and_never_made_anew(
    two: Repository, gate: GlueGate, client: Any, operation: str
) -> None:
    two.write("schemas/order.meta.yaml", "compatibility: FULL\n")
    two.commit()
    gate.refusals.append(denied(operation, "order"))

    planned = two.run("plan", "--output", "json")
    applied = two.run("apply", "--yes")

    document = json.loads(planned.out)
    (finding,) = errors(document)
    assert (planned.exit_code, applied.exit_code) == (3, 3)
    assert (finding["code"], finding["subject"]) == ("LIVE_SUBJECT_UNREADABLE", "order")
    assert f"not authorized to perform: glue:{operation}" in finding["message"]
    assert document["changes"] == []
    assert len(client.list_schema_versions(SchemaId={"RegistryName": "shop", "SchemaName": "order"})["Schemas"]) == 1


def test_a_schema_that_may_not_be_read_and_is_gone_from_git_is_neither_deleted_nor_forgotten(
    two: Repository, gate: GlueGate, client: Any
) -> None:
    (two.root / "schemas/order.avsc").unlink()
    two.commit()
    gate.refusals.append(denied("GetSchemaVersion", "order"))

    applied = two.run("apply", "--yes")
    gate.refusals.clear()
    seen = two.run("plan")

    assert applied.exit_code == 3
    assert "LIVE_SUBJECT_UNREADABLE" in applied.out
    assert len(client.list_schema_versions(SchemaId={"RegistryName": "shop", "SchemaName": "order"})["Schemas"]) == 1
    assert "DeleteSchema" not in gate.operations()
    # The ledger still knows it: once it can be read, it is deleted.
    assert re.search(r"- order +delete the subject", seen.out)


@pytest.mark.parametrize("operation", ["ListSchemas", "GetSchema*"])
def test_where_nothing_may_be_read_nothing_is_planned(two: Repository, gate: GlueGate, operation: str) -> None:
    two.write("schemas/third.avsc", record("Third", "id"))
    two.commit()
    gate.refusals.append(denied(operation))

    planned = two.run("plan", "--output", "json")

    document = json.loads(planned.out)
    assert planned.exit_code == 1
    assert [finding["code"] for finding in errors(document)] == ["REGISTRY_UNREADABLE"]
    assert document["changes"] == []


def test_settings_that_may_not_be_read_stop_the_plan(two: Repository, gate: GlueGate) -> None:
    two.write("schemas/order.meta.yaml", "settings: {tags: {team: payments}}\n")
    two.commit()
    gate.refusals.append(denied("GetTags"))

    planned = two.run("plan")

    assert planned.exit_code == 1
    assert "orders/order: cannot read the tags: the credentials do not allow this" in planned.out


def test_nothing_that_may_be_read_is_an_error_of_its_own(open_glue: OpenGlue, gate: GlueGate) -> None:
    registry = open_glue()
    registry.register_schema("order", A)
    gate.refusals.append(denied("GetSchemaVersion"))

    with pytest.raises(ForbiddenError) as raised:
        registry.read_state()

    assert raised.value.subject == "order"


def test_a_registry_that_is_not_there_is_no_registry_without_schemas(open_glue: OpenGlue) -> None:
    registry = open_glue(registry="elsewhere")

    for read in (lambda: registry.read_state(["order"]), lambda: registry.read_history("order"), registry.read_state):
        with pytest.raises(NotFoundError, match=r"Registry is not found|elsewhere"):
            read()


# ---- writes that take a moment, or fail in the middle


def test_a_schema_that_is_not_seen_at_once_is_waited_for(open_glue: OpenGlue, gate: GlueGate) -> None:
    registry = open_glue()
    gate.refusals += [
        # The look before the write, and three after it.
        Refusal(NOT_FOUND, "GetSchemaVersion", times=4),
        Refusal(NOT_FOUND, "GetSchema", times=3),
    ]

    answer = registry.register_schema("order", A)
    registry.set_compatibility("order", Mode.FULL)

    assert answer.version == 1
    assert registry.read_state(["order"]).subjects["order"].mode is Mode.FULL


def test_a_version_that_the_name_does_not_lead_to_yet_is_waited_for(open_glue: OpenGlue, gate: GlueGate) -> None:
    registry = open_glue()
    registry.register_schema("order", A)
    # Asked for by its id it is there; by its name only later.
    gate.refusals.append(Refusal(NOT_FOUND, "GetSchemaVersion", "order", after=1, times=2))

    assert registry.register_schema("order", AB).version == 2

    assert [version.version for version in registry.read_history("order")] == [1, 2]


def test_what_is_never_seen_is_not_known(open_glue: OpenGlue, gate: GlueGate) -> None:
    registry = open_glue(patience=0.2)
    gate.refusals.append(Refusal(NOT_FOUND, "GetSchemaVersion"))

    with pytest.raises(OutcomeUnknownError, match=r"was not seen within 0\.2 seconds") as raised:
        registry.register_schema("order", A)

    assert "run again" in str(raised.value.fix)


def test_a_write_that_the_service_fails_at_is_looked_up(open_glue: OpenGlue, gate: GlueGate) -> None:
    registry = open_glue(retries=0)
    registry.register_schema("order", A)
    gate.refusals.append(
        Refusal("InternalServiceException", "RegisterSchemaVersion", times=1, status=500, is_done=True)
    )

    answer = registry.register_schema("order", AB)

    assert answer.version == 2
    assert gate.operations("RegisterSchemaVersion") == ["RegisterSchemaVersion"] * 2


def test_writes_that_the_sdk_repeats_after_they_were_done_are_done(open_glue: OpenGlue, gate: GlueGate) -> None:
    registry = open_glue(retries=2)

    def lose_one(operation: str) -> None:
        gate.refusals[:] = [Refusal("InternalServiceException", operation, times=1, status=500, is_done=True)]

    lose_one("CreateSchema")
    assert registry.register_schema("order", A).version == 1
    lose_one("RegisterSchemaVersion")
    assert registry.register_schema("order", AB).version == 2
    lose_one("UpdateSchema")
    registry.set_compatibility("order", Mode.FULL)
    for operation, pairs in (
        ("PutSchemaVersionMetadata", {"team": "a"}),
        ("RemoveSchemaVersionMetadata", {}),
    ):
        lose_one(operation)
        registry.set_settings("order", {"version_metadata": dict(pairs)})
        assert registry.read_settings(["order"])["order"].get("version_metadata", {}) == pairs
    lose_one("DeleteSchemaVersions")
    registry.delete_versions("order", [2], permanent=True)
    assert [version.version for version in registry.read_history("order")] == [1]
    lose_one("DeleteSchema")
    registry.delete_subject("order", permanent=True)
    assert registry.read_history("order") == ()


def test_a_text_that_failed_under_another_mode_can_be_registered_later(open_glue: OpenGlue) -> None:
    registry = open_glue()
    registry.register_schema("order", A)
    registry.set_compatibility("order", Mode.FULL)
    with pytest.raises(RejectedError):
        registry.register_schema("order", OTHER)

    registry.set_compatibility("order", Mode.NONE)
    answer = registry.register_schema("order", OTHER)

    latest = registry.read_state(["order"]).subjects["order"].latest
    assert latest is not None
    assert (latest.version, latest.schema) == (answer.version, OTHER)


# ---- what only a newer service has


def test_a_compatibility_that_is_unknown_is_told_and_nothing_is_planned_for_it(
    two: Repository, glue: GlueDouble
) -> None:
    glue.backend.registries["shop"].schemas["order"].compatibility = "SIDEWAYS_ALL"
    two.write("schemas/order.avsc", record("Order", "id", {"name": "note", "type": "string", "default": ""}))
    two.write("schemas/order.meta.yaml", "compatibility: FULL\n")
    two.commit()

    planned = two.run("plan", "--output", "json")

    document = json.loads(planned.out)
    assert planned.exit_code == 3
    assert [(f["code"], f["subject"]) for f in errors(document)] == [("LIVE_SUBJECT_UNREADABLE", "order")]
    assert "SIDEWAYS_ALL" in planned.out
    assert document["changes"] == []


def test_a_format_that_is_unknown_is_told_and_hides_no_other(open_glue: OpenGlue, glue: GlueDouble) -> None:
    registry = open_glue()
    for subject in ("order", "other"):
        registry.register_schema(subject, A)
    glue.backend.registries["shop"].schemas["order"].data_format = "CBOR"

    found = registry.read_state().subjects

    assert found["order"].latest is None
    assert "CBOR" in str(found["order"].problem)
    assert found["other"].latest is not None
    assert found["other"].latest.schema == A


def test_a_text_that_our_parser_rejects_is_there_with_its_text(open_glue: OpenGlue, glue: GlueDouble) -> None:
    registry = open_glue()
    registry.register_schema("order", A)
    (version,) = glue.backend.registries["shop"].schemas["order"].schema_versions.values()
    version.schema_definition = "nonsense"

    latest = registry.read_state().subjects["order"].latest

    assert latest is not None
    assert latest.schema == Schema(A.format, "nonsense")
