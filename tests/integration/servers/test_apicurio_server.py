"""The real Apicurio that other tests lean on: it runs, speaks both APIs, and deletes."""

from __future__ import annotations

import json
import os
import urllib.request

import pytest

from tests.raw_registry import RawRegistry
from tests.servers.apicurio import ADMIN, READER, VERSION, ApicurioServer

pytestmark = pytest.mark.server


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="one process runs all tests")
@pytest.mark.usefixtures("apicurio")
def test_who_shares_it_runs_on_one_worker(request: pytest.FixtureRequest) -> None:
    assert request.node.nodeid.endswith("@apicurio")


def test_it_is_the_pinned_version(apicurio: ApicurioServer) -> None:
    with urllib.request.urlopen(f"{apicurio.native_url}/system/info") as reply:
        assert json.load(reply)["version"] == VERSION


def test_a_schema_is_registered_and_deleted_by_the_confluent_api(apicurio: ApicurioServer) -> None:
    registry = RawRegistry(apicurio.url)
    schema = '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}'

    assert registry.register("server-test", schema).status == 200
    assert json.loads(registry.read_version("server-test").text) == json.loads(schema)
    assert registry.read_compatibility() == "NONE"

    registry.delete_subject("server-test", permanent=True)
    assert registry.read_versions("server-test") == []


def test_a_server_with_users_knows_who_may_write(apicurio_with_users: ApicurioServer) -> None:
    anybody = RawRegistry(apicurio_with_users.url)
    reader, admin = RawRegistry(apicurio_with_users.url, *READER), RawRegistry(apicurio_with_users.url, *ADMIN)

    assert anybody.send("GET", "/subjects").status == 401
    assert reader.send("GET", "/subjects").status == 200
    assert reader.register("server-test-users", '"int"').status == 403
    assert admin.register("server-test-users", '"int"').status == 200
    admin.delete_subject("server-test-users", permanent=True)
