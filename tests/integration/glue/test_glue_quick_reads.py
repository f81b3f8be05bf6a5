"""Reading much: each schema is asked about once, and what is not answered plainly is asked again by the SDK."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from adapters.glue import GlueRegistry
from reconciler.model import Mode
from tests.contract.samples import A
from tests.doubles.glue import GlueDouble, GlueGate, Refusal
from tests.integration.glue.conftest import OpenGlue, denied

NAMES = [f"s{number:02}" for number in range(20)]


@pytest.fixture
def registry(open_glue: OpenGlue, glue: GlueDouble, gate: GlueGate) -> GlueRegistry:
    """Twenty schemas, each with a mode."""
    client = glue.make_client()
    for name in NAMES:
        about = {"DataFormat": "AVRO", "Compatibility": "FULL_ALL", "SchemaDefinition": A.definition}
        client.create_schema(RegistryId={"RegistryName": "shop"}, SchemaName=name, **about)
    client.close()
    return open_glue(retries=1)


def test_each_schema_is_asked_about_once(registry: GlueRegistry, gate: GlueGate) -> None:
    found = registry.read_state().subjects

    assert {name: (s.mode, s.latest and s.latest.schema) for name, s in found.items()} == dict.fromkeys(
        NAMES, (Mode.FULL_TRANSITIVE, A)
    )
    assert Counter(gate.operations()) == {"ListSchemas": 1, "GetSchemaVersion": 20, "GetSchema": 20}


def test_modes_are_asked_for_where_they_matter(registry: GlueRegistry, gate: GlueGate) -> None:
    found = registry.read_state(NAMES, modes_of=NAMES[:16]).subjects

    assert [found[name].mode for name in NAMES] == [Mode.FULL_TRANSITIVE] * 16 + [None] * 4
    assert Counter(gate.operations()) == {"GetSchemaVersion": 20, "GetSchema": 16}


def test_what_may_not_be_read_is_asked_again_and_told(registry: GlueRegistry, gate: GlueGate) -> None:
    gate.refusals.append(denied("GetSchema", "s07"))

    found = registry.read_state().subjects

    assert [name for name, subject in found.items() if subject.problem] == ["s07"]
    assert all(subject.latest for name, subject in found.items() if name != "s07")


def test_what_is_not_there_is_absent(registry: GlueRegistry) -> None:
    assert list(registry.read_state([*NAMES, "nothing"]).subjects) == NAMES


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal("ThrottlingException", "GetSchemaVersion", after=5, times=1),
        Refusal("InternalServiceException", "GetSchema", after=3, times=1, status=500),
        Refusal("ExpiredTokenException", "GetSchemaVersion", times=1),
    ],
    ids=lambda refusal: refusal.code,
)
def test_what_goes_wrong_is_left_to_the_sdk(registry: GlueRegistry, gate: GlueGate, refusal: Refusal) -> None:
    gate.refusals.append(refusal)

    found = registry.read_state().subjects

    assert [name for name in NAMES if found[name].latest and found[name].mode] == NAMES


def test_a_connection_that_is_cut_is_left_to_the_sdk(registry: GlueRegistry, gate: GlueGate) -> None:
    gate.faults.add(kind="drop_after_commit", method="POST", path="/", times=1)

    found = registry.read_state(NAMES).subjects

    assert list(found) == NAMES


def test_with_a_pace_to_keep_everything_is_left_to_the_sdk(
    registry: GlueRegistry, open_glue: OpenGlue, gate: GlueGate
) -> None:
    paced = open_glue(requests_per_second=500)

    assert list(paced.read_state().subjects) == NAMES
    agents = {request.headers["user-agent"] for request in gate.requests}
    assert all("Boto3" in agent for agent in agents)


def test_a_version_that_failed_is_not_the_latest(registry: GlueRegistry, glue: GlueDouble) -> None:
    client = glue.make_client()
    broken = {**json.loads(A.definition), "fields": [{"name": "a", "type": "int"}]}
    where = {"RegistryName": "shop", "SchemaName": "s03"}
    told = client.register_schema_version(SchemaId=where, SchemaDefinition=json.dumps(broken))
    for _ in range(3):
        last = client.get_schema_version(SchemaVersionId=told["SchemaVersionId"])
    client.close()

    latest = registry.read_state().subjects["s03"].latest

    assert last["Status"] == "FAILURE"
    assert latest is not None
    assert (latest.version, latest.schema) == (1, A)
