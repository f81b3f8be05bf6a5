"""Semantic 7 where only deleting newer versions leads back: what refers to each other goes back together, at once."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.convergence.reading import ServerReader
from tests.convergence.stages import remove_all
from tests.doubles.karapace import KarapaceDouble
from tests.doubles.redpanda import RedpandaDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, record

NOTE = {"name": "note", "type": ["null", "string"], "default": None}
SETTINGS = """\
version: 1
registries:
  orders: {{{registry}}}
environments:
  prod: {{registries: [orders], deletion: hard}}
"""
_DOUBLES = {"karapace": KarapaceDouble, "redpanda": RedpandaDouble}
_APICURIO = pytest.param("apicurio", marks=(pytest.mark.server, pytest.mark.xdist_group("apicurio")))


@dataclass(frozen=True)
class Shop:
    """Money, a line that uses it, an order that uses the line: two versions of each, applied."""

    repository: Repository
    reader: ServerReader

    def latest(self, subject: str) -> tuple[int, list[tuple[str, int]]]:
        found = self.reader.read_versions(subject)[-1]
        return found.version, [(r.subject, r.version) for r in found.references]

    def apply(self) -> None:
        applied = self.repository.run("apply", "--yes")
        assert applied.exit_code == 0, applied.text


@pytest.fixture(params=[*_DOUBLES, _APICURIO])
def shop(request: pytest.FixtureRequest, make_repository: MakeRepository) -> Iterator[Shop]:
    prefix = ""
    if request.param in _DOUBLES:
        double = _DOUBLES[request.param]().start()
        request.addfinalizer(double.stop)
        url, keys = double.url, f"kind: {request.param}, url: {double.url}"
    else:
        url, prefix = request.getfixturevalue("apicurio").url, f"back-{uuid.uuid4().hex[:8]}-"
        keys = f"kind: confluent, url: {url}, dialect: apicurio, name: '{prefix}{{{{ name }}}}'"
    made = Shop(make_repository(SETTINGS.format(registry=keys)), ServerReader(RawRegistry(url), prefix))
    made.repository.write("schemas/line.avsc", record("Line", "id", {"name": "price", "type": "Money"}))
    made.repository.write("schemas/order.avsc", record("Order", "id", {"name": "line", "type": "Line"}))
    for fields in (["currency"], ["currency", NOTE]):
        made.repository.write("schemas/money.avsc", record("Money", *fields))
        made.repository.commit()
        made.apply()
    assert made.latest("order") == (2, [("line", 2)])
    yield made
    remove_all(made.reader.http, made.reader, prefix)


def test_semantic_7_a_revert_takes_everything_back_that_followed(shop: Shop) -> None:
    shop.repository.git("revert", "--no-edit", "HEAD")

    shop.apply()
    again = shop.repository.run("plan", "--detailed-exitcode")

    assert (again.exit_code, "Nothing to do." in again.out) == (0, True), again.text
    assert shop.latest("money") == (1, [])
    assert json.loads(shop.reader.read_versions("money")[-1].text) == record("Money", "currency")
    assert shop.latest("line") == (1, [("money", 1)])
    assert shop.latest("order") == (1, [("line", 1)])


def test_semantic_9_what_goes_back_waits_for_what_git_dropped(shop: Shop) -> None:
    shop.repository.git("revert", "--no-edit", "HEAD")
    (shop.repository.root / "schemas/order.avsc").unlink()
    shop.repository.commit()

    shop.apply()
    again = shop.repository.run("plan", "--detailed-exitcode")

    assert again.exit_code == 0, again.text
    assert shop.reader.read_versions("order") == []
    assert shop.latest("line") == (1, [("money", 1)])


def test_semantic_7_what_somebody_elses_schema_refers_to_stays(shop: Shop) -> None:
    prefix, http = shop.reader.prefix, shop.reader.http
    text = json.dumps(record("Foreign", "id", {"name": "paid", "type": "Money"}))
    reference = {"name": "com.acme.Money", "subject": f"{prefix}money", "version": 2}
    assert http.register(f"{prefix}foreign", text, references=[reference]).status == 200
    shop.repository.git("revert", "--no-edit", "HEAD")

    planned = shop.repository.run("plan")
    applied = shop.repository.run("apply", "--yes")

    assert (planned.exit_code, applied.exit_code) == (3, 3), planned.text
    assert f"since {prefix}foreign version 1 would still refer to it" in planned.out
    assert shop.latest("order") == (2, [("line", 2)])
