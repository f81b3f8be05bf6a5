"""The three cases in which a plan that looks at the latest version only is wrong, on every kind of registry."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest

from tests.contract.raw_file import RawFile
from tests.convergence.reading import FileReader, Reader, ServerReader
from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, record

NOTE = {"name": "note", "type": ["null", "string"], "default": None}
SETTINGS = """\
version: 1
registries:
  orders: {{{registry}}}
environments:
  prod: {{registries: [orders], deletion: soft}}
"""


@dataclass(frozen=True)
class Shop:
    """A repository with one subject, and its registry read raw; `restored` is the number of a restored version 1."""

    repository: Repository
    reader: Reader
    restored: int = 3

    def change(self, *fields: str | dict[str, object]) -> None:
        self.repository.write("schemas/order.avsc", record("Order", *fields))
        self.repository.commit()

    def apply(self) -> None:
        applied = self.repository.run("apply", "--yes")
        assert applied.exit_code == 0, applied.text

    def numbers(self) -> list[int]:
        return [version.version for version in self.reader.read_versions("order")]


def _open_local(request: pytest.FixtureRequest, make: Callable[[str], Repository]) -> Shop:
    repository = make("kind: local, path: .schemafed/registry.db")
    return Shop(repository, FileReader(RawFile(repository.root / ".schemafed/registry.db")))


def _open_double(version: str, request: pytest.FixtureRequest, make: Callable[[str], Repository]) -> Shop:
    double = ConfluentDouble(version).start()
    request.addfinalizer(double.stop)
    return Shop(make(f"kind: confluent, url: {double.url}"), ServerReader(RawRegistry(double.url)))


def _open_apicurio(request: pytest.FixtureRequest, make: Callable[[str], Repository]) -> Shop:
    url, prefix = request.getfixturevalue("apicurio").url, f"cases-{uuid.uuid4().hex[:8]}-"
    repository = make(f"kind: confluent, url: {url}, dialect: apicurio, name: '{prefix}{{{{ name }}}}'")
    return Shop(repository, ServerReader(RawRegistry(url), prefix), restored=1)


_OPENERS = {
    "local": _open_local,
    "confluent-7.9": partial(_open_double, "7.9"),
    "confluent-8.1": partial(_open_double, "8.1"),
    "apicurio": _open_apicurio,
}
_APICURIO = (pytest.mark.server, pytest.mark.xdist_group("apicurio"))


@pytest.fixture(params=["local", "confluent-7.9", "confluent-8.1", pytest.param("apicurio", marks=_APICURIO)])
def shop(request: pytest.FixtureRequest, make_repository: MakeRepository) -> Iterator[Shop]:
    opened = _OPENERS[request.param](request, lambda keys: make_repository(SETTINGS.format(registry=keys)))
    yield opened
    if isinstance(opened.reader, ServerReader):
        opened.reader.http.delete_subject(f"{opened.reader.prefix}order", permanent=True)


def test_semantic_1_a_break_of_version_1_that_the_latest_hides_blocks_under_a_transitive_mode(shop: Shop) -> None:
    shop.repository.write("schemas/order.yaml", "compatibility: BACKWARD_TRANSITIVE\n")
    shop.change("id")
    shop.apply()
    shop.change("id", {"name": "country", "type": "string", "default": "NL"})
    shop.apply()
    # Readers of version 2 are fine without the default; those of version 1 never had the field.
    shop.change("id", "country")

    planned = shop.repository.run("plan")
    applied = shop.repository.run("apply", "--yes")

    assert (planned.exit_code, applied.exit_code) == (3, 3)
    assert "data of version 1" in planned.out
    assert shop.numbers() == [1, 2]


def test_semantic_7_git_goes_back_to_a_compatible_older_text_applied_once_converged(shop: Shop) -> None:
    shop.repository.write("schemas/order.yaml", "compatibility: BACKWARD\n")
    shop.change("id")
    shop.apply()
    shop.change("id", NOTE)
    shop.apply()
    shop.repository.git("revert", "--no-edit", "HEAD")

    shop.apply()
    again = shop.repository.run("plan", "--detailed-exitcode")

    latest = shop.reader.read_versions("order")[-1]
    assert latest.version == shop.restored
    assert json.loads(latest.text) == record("Order", "id")
    assert (again.exit_code, "Nothing to do." in again.out) == (0, True)


def test_semantic_7_git_goes_back_to_an_incompatible_older_text_blocks_and_says_why(shop: Shop) -> None:
    shop.repository.write("schemas/order.yaml", "compatibility: BACKWARD\n")
    shop.change("id", "amount")
    shop.apply()
    shop.change("id")
    shop.apply()
    shop.repository.git("revert", "--no-edit", "HEAD")

    planned = shop.repository.run("plan")
    applied = shop.repository.run("apply", "--yes")

    assert (planned.exit_code, applied.exit_code) == (3, 3)
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in planned.out
    assert "`amount` was added without a default" in planned.out
    assert shop.numbers() == [1, 2]
