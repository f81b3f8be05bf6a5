"""Whatever befalls a request of an apply on its way to a real Pulsar, the next apply leads where Git says."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import pytest

from tests.contract.targets.pulsar import RawPulsar
from tests.doubles.fault_proxy import FaultProxy, WireFault
from tests.integration.pulsar.conftest import configure
from tests.repositories import MakeRepository, Repository, record
from tests.servers.pulsar import PulsarServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("contract-pulsar")]

FAULTS = (
    WireFault.RESET_AFTER,
    WireFault.ERROR_500_AFTER,
    WireFault.RESET,
    WireFault.TRUNCATE_AFTER,
    WireFault.ERROR_503,
    WireFault.ERROR_500,
    WireFault.TOO_MANY,
)
PROTO = 'syntax = "proto3";\npackage acme;\n\nmessage Event {\n  string id = 1;\n}\n'
NOTE: dict[str, object] = {"name": "note", "type": "string", "default": ""}


@pytest.fixture
def proxy(pulsar: PulsarServer) -> Iterator[FaultProxy]:
    with FaultProxy(pulsar.url) as between:
        yield between


def begin(pulsar: PulsarServer, proxy: FaultProxy, make_repository: MakeRepository) -> tuple[Repository, RawPulsar]:
    """A namespace with one applied topic, and a repository that declares a change of everything that there is."""
    raw = RawPulsar(pulsar.url, f"faults/{uuid.uuid4().hex[:10]}")
    raw.make_namespace()
    options = {"url": proxy.url, "retries": 0, "timeout": 30, "compatibility": "FORWARD"}
    shop = make_repository(configure(raw, ", deletion: hard", **options), uuid.uuid4().hex)
    for name in ("order", "money"):
        shop.write(f"schemas/{name}.avsc", record(name.title(), "id"))
    shop.commit()
    raw.write_compatibility("", "FORWARD")
    assert shop.run("apply", "--yes").exit_code == 0
    shop.write("schemas/order.avsc", record("Order", "id", NOTE))
    shop.write("schemas/order.meta.yaml", "compatibility: FULL\n")
    shop.write("schemas/event.proto", PROTO)
    (shop.root / "schemas" / "money.avsc").unlink()
    shop.commit()
    raw.write_compatibility("", "BACKWARD")
    return shop, raw


def is_there(raw: RawPulsar) -> bool:
    """Whether the broker holds what is declared, and each version once."""
    texts = [json.loads(row["data"]) for row in raw.read_rows("order")]
    modes = [raw.read_compatibility(name) for name in ("order", "event", "")]
    return (
        texts == [record("Order", "id"), record("Order", "id", NOTE)]
        and [row["type"] for row in raw.read_rows("event")] == ["PROTOBUF_NATIVE"]
        and raw.read_rows("money") == []
        and modes == ["FULL", None, "FORWARD"]
    )


def test_every_request_of_an_apply_may_suffer(
    pulsar: PulsarServer, proxy: FaultProxy, make_repository: MakeRepository
) -> None:
    shop, raw = begin(pulsar, proxy, make_repository)
    proxy.arm()
    assert shop.run("apply", "--yes", "--allow-mass-change").exit_code == 0
    assert is_there(raw)
    requests = len(proxy.passed)
    raw.delete_namespace()

    # One fault each, in turn: a few of them in one run, as each of them ends it at most once.
    for number in range(0, requests, 2):
        shop, raw = begin(pulsar, proxy, make_repository)
        proxy.arm({number: FAULTS[number // 2 % len(FAULTS)]})
        suffered = shop.run("apply", "--yes", "--allow-mass-change")
        assert proxy.struck
        proxy.arm()

        settled = shop.run("apply", "--yes", "--allow-mass-change")

        assert suffered.exit_code in (0, 1), suffered.text
        assert settled.exit_code == 0, settled.text
        assert is_there(raw), (number, suffered.text)
        assert shop.run("plan", "--detailed-exitcode").exit_code == 0
        raw.delete_namespace()
