"""A real Apicurio Registry, behind the interface that it shares with Confluent in part."""

from __future__ import annotations

from uuid import uuid4

import pytest

from reconciler.errors import RejectedError
from reconciler.model import Format, Metadata, Mode, Outcome, Reference, Schema
from tests.integration.confluent.confluent_samples import avro, open_registry, record
from tests.servers.apicurio import ApicurioServer

pytestmark = pytest.mark.server


@pytest.fixture
def prefix() -> str:
    return f"t{uuid4().hex[:10]}"


def test_state_is_read_by_name_where_the_bulk_answer_names_nothing(apicurio: ApicurioServer, prefix: str) -> None:
    registry = open_registry(apicurio.url)
    for number in range(3):
        registry.register_schema(f"{prefix}/{number} x", avro("a"))
    registry.register_schema(f"{prefix}/0 x", avro())

    state = registry.read_state(modes_of=[])

    assert {n: s.latest.version for n, s in state.subjects.items() if s.latest and n.startswith(prefix)} == {
        f"{prefix}/0 x": 2,
        f"{prefix}/1 x": 1,
        f"{prefix}/2 x": 1,
    }
    assert [v.schema for v in registry.read_history(f"{prefix}/0 x")] == [avro("a"), avro()]


def test_modes_and_verdicts(apicurio: ApicurioServer, prefix: str) -> None:
    registry = open_registry(apicurio.url)
    registry.register_schema(prefix, avro())
    registry.set_compatibility(prefix, Mode.BACKWARD_TRANSITIVE)

    verdict = registry.probe(prefix, avro("a"), Mode.BACKWARD_TRANSITIVE)

    assert registry.read_state([prefix]).subjects[prefix].mode is Mode.BACKWARD_TRANSITIVE
    assert verdict
    assert verdict.outcome is Outcome.INCOMPATIBLE
    with pytest.raises(RejectedError) as caught:
        registry.register_schema(prefix, avro("a"))
    assert caught.value.status == 409


def test_metadata_that_is_dropped_is_said(apicurio: ApicurioServer, prefix: str) -> None:
    schema = Schema(Format.AVRO, record(), metadata=Metadata({"owner": "x"}))

    with pytest.raises(RejectedError, match="did not keep its metadata"):
        open_registry(apicurio.url).register_schema(prefix, schema)


def test_references_register_and_have_no_verdict(apicurio: ApicurioServer, prefix: str) -> None:
    registry = open_registry(apicurio.url)
    registry.register_schema(f"{prefix}-money", avro("amount", name="Money"))
    text = '{"type":"record","name":"Order","fields":[{"name":"m","type":"Money"}]}'
    schema = Schema(Format.AVRO, text, (Reference("Money", f"{prefix}-money", 1),))

    version = registry.register_schema(prefix, schema)

    assert (version.version, version.schema) == (1, schema)
    assert registry.probe(prefix, schema, Mode.BACKWARD) is None


def test_health_names_the_server(apicurio: ApicurioServer) -> None:
    health = open_registry(apicurio.url).check_health()

    assert (health.product, health.version) == ("Apicurio Registry", "3.3.3")
