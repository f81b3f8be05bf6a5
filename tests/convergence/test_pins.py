"""Semantic 6: a pin stays with its version, whatever becomes of the subject, and whatever that version refers to."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.contract.targets.raw_file import RawFile
from tests.convergence.reading import FileReader, Reader, ServerReader
from tests.convergence.stages import remove_all
from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, record

NOTE = {"name": "note", "type": ["null", "string"], "default": None}
PRICE = {"name": "price", "type": "Money"}
LINE = {"name": "line", "type": ["null", "Line"], "default": None}
SETTINGS = """\
version: 1
registries:
  orders: {{{registry}}}
environments:
  prod: {{registries: [orders], deletion: soft}}
"""
WAIVED = 'waivers: [{code: TYPE_MISMATCH, reason: meant, approver: "@acme", until: 2099-12-31}]\n'
_APICURIO = pytest.param("apicurio", marks=(pytest.mark.server, pytest.mark.xdist_group("apicurio")))


def pin(subject: str, version: int, folder: str = "../pins/") -> str:
    """The lines of a sidecar that pin one reference."""
    name = f"com.acme.{subject.title()}"
    file = f"{folder}{subject}-{version}.avsc"
    return f"references: [{{name: {name}, subject: {subject}, version: {version}, file: {file}}}]\n"


@dataclass(frozen=True)
class Shop:
    """Money, and a line that uses it: two versions of each, of which the newer ones have other types; applied."""

    repository: Repository
    reader: Reader

    def write(self, path: str, content: str | dict[str, object]) -> None:
        self.repository.write(path, content)

    def apply(self) -> None:
        self.repository.commit()
        applied = self.repository.run("apply", "--yes")
        again = self.repository.run("plan", "--detailed-exitcode")
        assert applied.exit_code == 0, applied.text
        assert (again.exit_code, "Nothing to do." in again.out) == (0, True), again.text

    def raise_if_not_blocked(self, code: str, *words: str) -> None:
        self.repository.commit()
        planned = self.repository.run("plan")
        applied = self.repository.run("apply", "--yes")
        assert (planned.exit_code, applied.exit_code) == (3, 3), planned.text
        assert all(word in planned.out for word in (code, *words)), planned.text
        assert self.reader.read_versions("order") == []

    def lose_version_2_of_money(self) -> None:
        """Let somebody else delete it, and the line first, which refers to it."""
        if isinstance(self.reader, ServerReader):
            self.reader.http.delete_subject(f"{self.reader.prefix}line")
            deleted = self.reader.http.send("DELETE", f"/subjects/{self.reader.prefix}money/versions/2")
            assert deleted.status == 200
        elif isinstance(self.reader, FileReader):
            with self.reader.file._open() as connection:
                connection.execute("UPDATE versions SET deleted = 1 WHERE subject = 'money' AND version = 2")

    def order(self) -> list[tuple[str, int]]:
        return [(r.subject, r.version) for r in self.reader.read_versions("order")[-1].references]


@pytest.fixture(params=["local", "confluent", _APICURIO])
def shop(request: pytest.FixtureRequest, make_repository: MakeRepository) -> Iterator[Shop]:
    reader: Reader
    if request.param == "local":
        repository = make_repository(SETTINGS.format(registry="kind: local, path: .schemafed/registry.db"))
        reader = FileReader(RawFile(repository.root / ".schemafed/registry.db"))
    elif request.param == "confluent":
        double = ConfluentDouble("8.1").start()
        request.addfinalizer(double.stop)
        repository = make_repository(SETTINGS.format(registry=f"kind: confluent, url: {double.url}"))
        reader = ServerReader(RawRegistry(double.url))
    else:
        url, prefix = request.getfixturevalue("apicurio").url, f"pins-{uuid.uuid4().hex[:8]}-"
        keys = f"kind: confluent, url: {url}, dialect: apicurio, name: '{prefix}{{{{ name }}}}'"
        repository = make_repository(SETTINGS.format(registry=keys))
        reader = ServerReader(RawRegistry(url), prefix)
    made = Shop(repository, reader)
    made.write("schemas/money.meta.yaml", WAIVED)
    made.write("schemas/line.meta.yaml", WAIVED)
    made.write("schemas/line.avsc", record("Line", "id", PRICE))
    for kind in ("string", "int"):
        made.write("schemas/money.avsc", record("Money", {"name": "amount", "type": kind}))
        made.apply()
    assert [v.version for v in reader.read_versions("line")] == [1, 2]
    made.write("pins/money-1.avsc", reader.read_versions("money")[0].text)
    made.write("pins/line-1.avsc", reader.read_versions("line")[0].text)
    yield made
    if isinstance(reader, ServerReader):
        remove_all(reader.http, reader, reader.prefix)


def test_semantic_6_a_new_schema_is_pinned_to_a_version_that_is_not_the_latest(shop: Shop) -> None:
    shop.write("schemas/order.avsc", record("Order", "id", PRICE))
    shop.write("schemas/order.meta.yaml", pin("money", 1))
    shop.apply()

    shop.write("schemas/money.avsc", record("Money", {"name": "amount", "type": "int"}, NOTE))
    shop.apply()

    assert shop.order() == [("money", 1)]
    assert [v.version for v in shop.reader.read_versions("order")] == [1]


def test_semantic_11_a_plan_rests_on_the_version_that_it_pins(shop: Shop) -> None:
    shop.write("schemas/money.avsc", record("Money", {"name": "amount", "type": "int"}, NOTE))
    shop.apply()
    shop.write("schemas/order.avsc", record("Order", "id", PRICE))
    shop.write("schemas/order.meta.yaml", pin("money", 2))
    shop.write("pins/money-2.avsc", record("Money", {"name": "amount", "type": "int"}))
    shop.repository.commit()
    saved = str(shop.repository.root.parent / "saved.json")
    planned = shop.repository.run("plan", "--plan-file", saved)
    shop.lose_version_2_of_money()

    applied = shop.repository.run("apply", "--yes", saved)

    assert (planned.exit_code, applied.exit_code) == (0, 3), applied.text
    assert "STALE_PLAN" in applied.err and "an earlier version is gone, or another one" in applied.err


def test_semantic_6_a_pinned_version_keeps_what_it_refers_to(shop: Shop) -> None:
    shop.write("schemas/order.avsc", record("Order", "id", LINE))
    shop.write("schemas/order.meta.yaml", pin("line", 1))
    shop.write("pins/line-1.meta.yaml", pin("money", 1, folder=""))
    shop.apply()

    # Money has another type now: were it judged with that, this would break.
    shop.write("schemas/order.avsc", record("Order", "id", LINE, NOTE))
    shop.apply()

    assert shop.order() == [("line", 1)]
    assert [v.version for v in shop.reader.read_versions("order")] == [1, 2]


def test_semantic_6_a_pinned_version_that_means_others_there_than_here_blocks(shop: Shop) -> None:
    shop.write("schemas/order.avsc", record("Order", "id", LINE))
    shop.write("schemas/order.meta.yaml", pin("line", 1))

    shop.raise_if_not_blocked("PIN_DIFFERS", "it pins version 1 of", "is another schema in the registry than in Git")


def test_semantic_6_a_pinned_text_that_is_not_that_of_the_version_blocks(shop: Shop) -> None:
    shop.write("schemas/order.avsc", record("Order", "id", PRICE))
    shop.write("schemas/order.meta.yaml", pin("money", 1))
    shop.write("pins/money-1.avsc", record("Money", {"name": "amount", "type": "long"}))

    shop.raise_if_not_blocked("PIN_DIFFERS", "it pins version 1 of", "schemas/order.avsc")


def test_semantic_6_a_version_that_is_not_there_blocks(shop: Shop) -> None:
    shop.write("schemas/order.avsc", record("Order", "id", PRICE))
    shop.write("schemas/order.meta.yaml", pin("money", 7))
    shop.write("pins/money-7.avsc", record("Money", {"name": "amount", "type": "long"}))

    shop.raise_if_not_blocked("REFERENCE_NOT_IN_REGISTRY", "in version 7", "pin a version that it has")


def test_semantic_6_what_git_does_not_declare_any_more_can_be_pinned_by_the_name_that_it_has_there(shop: Shop) -> None:
    # On Apicurio the registry's template gives names a prefix.
    settings = shop.repository.root / "schemafed.yaml"
    settings.write_text(settings.read_text().replace("deletion: soft", "deletion: forbid"))
    (shop.repository.root / "schemas/line.avsc").unlink()
    (shop.repository.root / "schemas/line.meta.yaml").unlink()
    shop.write("schemas/order.avsc", record("Order", "id", LINE))
    shop.write("schemas/order.meta.yaml", pin("line", 1))
    shop.write("pins/line-1.meta.yaml", pin("money", 1, folder=""))

    shop.apply()

    assert shop.order() == [("line", 1)]


def test_semantic_6_one_schema_may_be_pinned_and_followed_as_long_as_both_are_the_same(shop: Shop) -> None:
    shop.write("schemas/order.avsc", record("Order", "id", PRICE, LINE))
    shop.write("schemas/order.meta.yaml", pin("money", 2))
    shop.write("pins/money-2.avsc", json.dumps(record("Money", {"name": "amount", "type": "int"})))
    shop.apply()

    shop.write("schemas/money.avsc", record("Money", {"name": "amount", "type": "int"}, NOTE))
    shop.repository.commit()
    planned = shop.repository.run("plan")

    assert sorted(shop.order()) == [("line", 2), ("money", 2)]
    assert planned.exit_code == 3
    assert "`com.acme.Money` is defined by two references" in planned.text
