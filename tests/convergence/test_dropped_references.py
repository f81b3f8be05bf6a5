"""Semantic 1 on a real Apicurio: a schema that refers to less than an earlier one needs is refused, and the plan knows.

The server reads earlier versions by the references of the new one. Its check on request cannot read schemas with
references, so that the plan has to know by itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.contract.targets.apicurio import RawApicurio
from tests.convergence.own_registries import open_own_group
from tests.convergence.reading import Reader, ServerReader
from tests.convergence.stages import remove_all
from tests.raw_registry import RawReference, RawRegistry
from tests.repositories import MakeRepository, Outcome, Repository, record
from tests.servers.apicurio import ApicurioServer

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("apicurio")]
SETTINGS = """\
version: 1
registries:
  orders: {{{keys}}}
environments:
  prod: {{registries: [orders]}}
"""
WAIVER = 'waivers: [{code: REFERENCE_DROPPED, reason: meant, approver: "@acme", until: 2099-12-31}]\n'


def optional(name: str) -> dict[str, object]:
    return {"name": f"its_{name.lower()}", "type": ["null", name], "default": None}


@dataclass(frozen=True)
class Shop:
    """An order with a line, which has a price, and with money of its own; its mode is BACKWARD. All is applied.

    `register` is somebody else who registers an order with references; the status of the answer.
    """

    repository: Repository
    reader: Reader
    register: Callable[[str, list[RawReference]], int]

    def use(self, *names: str, sidecar: str = "") -> None:
        """Let the order use something else."""
        self.repository.write("schemas/order.avsc", record("Order", "core", *map(optional, names)))
        self.repository.write("schemas/order.meta.yaml", f"compatibility: BACKWARD\n{sidecar}")
        self.repository.commit()

    def apply(self) -> Outcome:
        return self.repository.run("apply", "--yes")

    def order(self) -> list[str]:
        return [reference.subject for reference in self.reader.read_versions("order")[-1].references]


Opened = tuple[str, Reader, Callable[[str, list[RawReference]], int]]


@contextmanager
def _open_compatible(server: ApicurioServer) -> Iterator[Opened]:
    prefix, raw = f"dropped-{uuid.uuid4().hex[:8]}-", RawRegistry(server.url)
    reader = ServerReader(raw, prefix)

    def register(text: str, references: list[RawReference]) -> int:
        rows = [{"name": r.name, "subject": prefix + r.subject, "version": r.version} for r in references]
        return raw.register(f"{prefix}order", text, references=rows).status

    yield f"kind: confluent, url: {server.url}, dialect: apicurio, name: '{prefix}{{{{ name }}}}'", reader, register
    remove_all(raw, reader, prefix)


@contextmanager
def _open_own(server: ApicurioServer) -> Iterator[Opened]:
    with open_own_group(server.native_url) as own:
        assert isinstance(own.raw, RawApicurio)
        raw = own.raw
        yield own.keys, own.reader, lambda text, references: raw.register("order", text, references=references)


_OPENERS = {"ccompat": _open_compatible, "v3": _open_own}


@pytest.fixture(params=_OPENERS)
def shop(request: pytest.FixtureRequest, apicurio: ApicurioServer, make_repository: MakeRepository) -> Iterator[Shop]:
    with _OPENERS[request.param](apicurio) as (keys, reader, register):
        made = Shop(make_repository(SETTINGS.format(keys=keys)), reader, register)
        made.repository.write("schemas/money.avsc", record("Money", "core"))
        made.repository.write("schemas/line.avsc", record("Line", "core", optional("Money")))
        made.use("Line", "Money")
        applied = made.apply()
        assert applied.exit_code == 0, applied.text
        yield made


def test_semantic_1_what_an_earlier_version_needs_and_nothing_brings_any_more_blocks(shop: Shop) -> None:
    shop.use("Money")
    text = (shop.repository.root / "schemas/order.avsc").read_text()

    planned = shop.repository.run("plan")
    refused = shop.register(text, [RawReference("com.acme.Money", "money", 1)])

    assert planned.exit_code == 3, planned.text
    assert "REFERENCE_DROPPED" in planned.out and "do not bring `com.acme.Line`" in planned.out
    # That is what the server really does.
    assert refused in (409, 422)


def test_semantic_1_what_another_reference_still_brings_is_no_loss(shop: Shop) -> None:
    shop.use("Line")

    applied = shop.apply()

    assert applied.exit_code == 0, applied.text
    assert shop.order() == ["line"]


def test_semantic_8_a_waiver_leads_a_dropped_reference_through(shop: Shop) -> None:
    shop.use("Money", sidecar=WAIVER)

    applied = shop.apply()

    assert applied.exit_code == 0, applied.text
    assert shop.order() == ["money"]
    assert shop.reader.read_compatibility("order") == "BACKWARD"
    assert "Nothing to do." in shop.repository.run("plan").out
