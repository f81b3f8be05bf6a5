"""One subject that may not be read, which its registry says: nothing is planned for it, neither a deletion nor anything
else, and nothing is written. What of Karapace, which says that there is nothing, is in test_hidden_subjects.py.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest

from tests.contract.targets.apicurio import make_raw
from tests.contract.targets.pulsar import RawPulsar
from tests.convergence.reading import Reader, ServerReader
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.wire import Access, HttpDouble, Reply, Request, make_json_reply
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, record

NOTE = {"name": "note", "type": ["null", "string"], "default": None}
THEIRS = record("Theirs", "id")
SETTINGS = """\
version: 1
registries:
  orders: {{{keys}, retries: 0}}
environments:
  prod: {{registries: [orders], deletion: hard}}
"""


# Its brokers answer 401 to whom they know, too.
_PULSARS = "the role does not have the right"


class FilteringConfluent(ConfluentDouble):
    """Its lists, too, leave out what may not be read, as those of servers do whose lists are for everybody."""

    def _answer(self, request: Request) -> Reply:
        reply = super()._answer(request)
        if (request.method, request.path) not in (("GET", "/schemas"), ("GET", "/subjects")) or reply.status != 200:
            return reply
        names = ((row, row if isinstance(row, str) else row["subject"]) for row in json.loads(reply.body))
        return make_json_reply(200, [row for row, name in names if not self._hides(name)])

    def _hides(self, subject: str) -> bool:
        return self.access.denies(Request("GET", f"/subjects/{subject}", {}, {}))


class Gate(HttpDouble):
    """Stands before a real server and answers in its stead what its `access` denies, in its words."""

    def __init__(self, target: str, status: int, words: str) -> None:
        super().__init__(self._forward)
        self._place = urlsplit(target).netloc
        self._refusal = make_json_reply(status, {"title": words, "reason": words})

    def refuse_denied(self, request: Request) -> Reply:
        return self._refusal

    def _forward(self, request: Request) -> Reply:
        headers = {name: text for name, text in request.headers.items() if name in ("accept", "content-type")}
        headers |= {name: text for name, text in request.headers.items() if name.startswith("x-registry-")}
        query = f"?{urlencode(request.query)}" if request.query else ""
        connection = HTTPConnection(self._place, timeout=60)
        connection.request(request.method, request.path + query, request.body or None, headers)
        reply = connection.getresponse()
        content = reply.read()
        connection.close()
        return Reply(reply.status, content, {"Content-Type": reply.headers.get("Content-Type", "application/json")})


@dataclass(frozen=True)
class Shop:
    """A repository; its registry read raw, and as another client registers there; who lets requests pass, or not."""

    repository: Repository
    reader: Reader
    register: Callable[[str, str], object]
    gate: HttpDouble
    patterns: tuple[str, ...]
    reason: str = "the credentials do not allow this"

    def deny(self) -> None:
        """Take the right to read the one subject away."""
        self.gate.access = Access(deny=tuple(("GET", pattern) for pattern in self.patterns))

    def numbers(self) -> dict[str, int]:
        return {name: len(self.reader.read_versions(name)) for name in self.reader.read_subjects()}


def _open_confluent(double: ConfluentDouble, request: pytest.FixtureRequest, make: MakeRepository) -> Shop:
    double.start()
    request.addfinalizer(double.stop)
    repository = make(SETTINGS.format(keys=f"kind: confluent, url: {double.url}"))
    reader = ServerReader(RawRegistry(double.url))
    return Shop(repository, reader, double.register, double, ("/subjects/s1", "/subjects/s1/*", "/config/s1"))


def _open_apicurio(interface: str, request: pytest.FixtureRequest, make: MakeRepository) -> Shop:
    server, group = request.getfixturevalue("apicurio"), f"denied-{uuid.uuid4().hex[:8]}"
    raw = make_raw(server.native_url, group)
    request.addfinalizer(raw.delete_all)
    gate = Gate(server.root, 403, "Forbidden").start()
    request.addfinalizer(gate.stop)
    keys = f"kind: apicurio, url: {gate.url}/apis/registry/{interface}, group: {group}"
    return Shop(make(SETTINGS.format(keys=keys)), raw, raw.register, gate, ("*/artifacts/s1", "*/artifacts/s1/*"))


def _open_pulsar(request: pytest.FixtureRequest, make: MakeRepository) -> Shop:
    raw = RawPulsar(request.getfixturevalue("pulsar").url, f"denied/{uuid.uuid4().hex[:10]}")
    raw.make_namespace()
    request.addfinalizer(raw.delete_namespace)
    gate = Gate(raw.url, 401, "Unauthorized to validateTopicOperation for operation [GET_METADATA]").start()
    request.addfinalizer(gate.stop)
    repository = make(SETTINGS.format(keys=f"kind: pulsar, url: {gate.url}, namespace: {raw.namespace}"))
    return Shop(repository, raw, raw.register, gate, (f"*/{raw.namespace}/s1", f"*/{raw.namespace}/s1/*"), _PULSARS)


_OPENERS: dict[str, Callable[[pytest.FixtureRequest, MakeRepository], Shop]] = {
    "confluent-7.9": lambda request, make: _open_confluent(ConfluentDouble("7.9"), request, make),
    "confluent-8.1": lambda request, make: _open_confluent(ConfluentDouble("8.1"), request, make),
    "confluent-filtering": lambda request, make: _open_confluent(FilteringConfluent("8.1"), request, make),
    "apicurio-v3": partial(_open_apicurio, "v3"),
    "apicurio-v2": partial(_open_apicurio, "v2"),
    "pulsar": _open_pulsar,
}
_MARKS = {
    **dict.fromkeys(("apicurio-v3", "apicurio-v2"), (pytest.mark.server, pytest.mark.xdist_group("apicurio"))),
    "pulsar": (pytest.mark.server, pytest.mark.xdist_group("contract-pulsar")),
}


@pytest.fixture(params=[pytest.param(name, marks=_MARKS.get(name, ())) for name in _OPENERS])
def shop(request: pytest.FixtureRequest, make_repository: MakeRepository) -> Iterator[Shop]:
    """Two schemas that were applied, `s0` and `s2`; `s1` is what each test makes of it."""
    opened = _OPENERS[request.param](request, make_repository)
    declare(opened.repository, "s0", "s2")
    assert opened.repository.run("apply", "--yes").exit_code == 0
    yield opened
    opened.gate.access = Access()


def declare(repository: Repository, *names: str, note: bool = False) -> None:
    for name in names:
        repository.write(f"schemas/{name}.avsc", record(name.upper(), "id", *([NOTE] if note else [])))
    repository.commit()


def apply_s1(shop: Shop) -> None:
    declare(shop.repository, "s1")
    assert shop.repository.run("apply", "--yes").exit_code == 0


def leave_git(shop: Shop) -> None:
    apply_s1(shop)
    (shop.repository.root / "schemas/s1.avsc").unlink()
    shop.repository.commit()


def change_in_git(shop: Shop) -> None:
    apply_s1(shop)
    declare(shop.repository, "s1", note=True)


def name_like_theirs(shop: Shop) -> None:
    shop.register("s1", json.dumps(THEIRS))
    declare(shop.repository, "s1")


@pytest.mark.parametrize("prepare", [leave_git, change_in_git, name_like_theirs])
def test_semantic_10_what_may_not_be_read_is_neither_made_nor_changed_nor_deleted(
    shop: Shop, prepare: Callable[[Shop], None]
) -> None:
    if isinstance(shop.gate, FilteringConfluent) and prepare is name_like_theirs:
        pytest.skip("no list has it and nobody applied it: it looks like a new one, and the next test is about it")
    prepare(shop)
    shop.deny()

    planned = shop.repository.run("plan")
    applied = shop.repository.run("apply", "--yes")

    for outcome in (planned, applied):
        assert outcome.exit_code == 1, outcome.text
        assert "REGISTRY_UNREADABLE" in outcome.text and "orders/s1: " in outcome.text
        assert shop.reason in outcome.text
        assert "no changes" in outcome.text
    shop.gate.access = Access()
    assert shop.numbers() == {"s0": 1, "s1": 1, "s2": 1}
    seen = shop.repository.run("plan")
    assert "s1" in seen.out, "with the right to read there is something to do again"


def test_semantic_10_what_lists_leave_out_and_was_never_ours_is_not_written_over(
    make_repository: MakeRepository,
) -> None:
    with FilteringConfluent("8.1") as double:
        shop = make_repository(SETTINGS.format(keys=f"kind: confluent, url: {double.url}"))
        double.register("s1", json.dumps(THEIRS))
        declare(shop, "s1")
        double.access = Access(deny=(("GET", "/subjects/s1*"),))

        applied = shop.run("apply", "--yes")

        double.access = Access()
        assert applied.exit_code == 1, applied.text
        assert "the credentials do not allow this" in applied.text
        assert [json.loads(version.text) for version in RawRegistry(double.url).read_versions("s1")] == [THEIRS]
