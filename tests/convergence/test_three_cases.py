"""The three cases in which a plan that looks at the latest version only is wrong, on every kind of registry."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

import pytest

from tests.contract.targets.pulsar import RawPulsar
from tests.contract.targets.raw_file import RawFile
from tests.convergence.own_registries import OwnRegistry, open_own_glue, open_own_group
from tests.convergence.reading import FileReader, Reader, ServerReader
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.karapace import KarapaceDouble
from tests.doubles.redpanda import RedpandaDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, record

MakeShopRepository = Callable[..., Repository]
NOTE = {"name": "note", "type": ["null", "string"], "default": None}
SETTINGS = """\
version: 1
registries:
  orders: {{{registry}}}
environments:
  prod: {{registries: [orders], deletion: {deletion}}}
"""


@dataclass(frozen=True)
class Shop:
    """A repository with one subject, and its registry read raw.

    `restored` is the number of a restored version 1, None where nothing restores it. `of_latest` is a mode that counts
    the latest version.
    """

    repository: Repository
    reader: Reader
    restored: int | None = 3
    of_latest: str = "BACKWARD"

    def change(self, *fields: str | dict[str, object]) -> None:
        self.repository.write("schemas/order.avsc", record("Order", *fields))
        self.repository.commit()

    def apply(self) -> None:
        applied = self.repository.run("apply", "--yes")
        assert applied.exit_code == 0, applied.text

    def numbers(self) -> list[int]:
        return [version.version for version in self.reader.read_versions("order")]


def _open_local(request: pytest.FixtureRequest, make: MakeShopRepository) -> Shop:
    repository = make("kind: local, path: .schemafed/registry.db")
    return Shop(repository, FileReader(RawFile(repository.root / ".schemafed/registry.db")))


def _open_double(
    double: Callable[[], ConfluentDouble],
    kind: str,
    request: pytest.FixtureRequest,
    make: MakeShopRepository,
    **ways: object,
) -> Shop:
    started = double().start()
    request.addfinalizer(started.stop)
    keys = f"kind: {kind}, url: {started.url}"
    return Shop(make(keys), ServerReader(RawRegistry(started.url)), **ways)  # type: ignore[arg-type]


def _open_apicurio(request: pytest.FixtureRequest, make: MakeShopRepository) -> Shop:
    url, prefix = request.getfixturevalue("apicurio").url, f"cases-{uuid.uuid4().hex[:8]}-"
    repository = make(f"kind: confluent, url: {url}, dialect: apicurio, name: '{prefix}{{{{ name }}}}'")
    return Shop(repository, ServerReader(RawRegistry(url), prefix), restored=1)


def _open_own(
    own: AbstractContextManager[OwnRegistry], request: pytest.FixtureRequest, make: MakeShopRepository, **ways: object
) -> Shop:
    opened = own.__enter__()
    request.addfinalizer(lambda: own.__exit__(None, None, None))
    return Shop(make(opened.keys, "hard"), opened.reader, **ways)  # type: ignore[arg-type]


def _open_glue(request: pytest.FixtureRequest, make: MakeShopRepository) -> Shop:
    # Its mode BACKWARD compares with the checkpoint, which is the very version that Git goes back to.
    return _open_own(open_own_glue(), request, make, restored=1, of_latest="BACKWARD_TRANSITIVE")


def _open_group(interface: str, request: pytest.FixtureRequest, make: MakeShopRepository) -> Shop:
    url = f"{request.getfixturevalue('apicurio').root}/apis/registry/{interface}"
    return _open_own(open_own_group(url), request, make)


def _open_pulsar(request: pytest.FixtureRequest, make: MakeShopRepository) -> Shop:
    raw = RawPulsar(request.getfixturevalue("pulsar").url, f"cases/{uuid.uuid4().hex[:10]}")
    raw.make_namespace()
    request.addfinalizer(raw.delete_namespace)
    repository = make(f"kind: pulsar, url: '{raw.url}', namespace: {raw.namespace}", "hard")
    return Shop(repository, raw, restored=None)


_OPENERS = {
    "local": _open_local,
    "confluent-7.9": partial(_open_double, lambda: ConfluentDouble("7.9"), "confluent"),
    "confluent-8.1": partial(_open_double, lambda: ConfluentDouble("8.1"), "confluent"),
    "karapace": partial(_open_double, KarapaceDouble, "karapace", restored=1),
    "redpanda": partial(_open_double, RedpandaDouble, "redpanda", restored=1),
    "glue": _open_glue,
    "apicurio": _open_apicurio,
    "apicurio-v3": partial(_open_group, "v3"),
    "apicurio-v2": partial(_open_group, "v2"),
    "pulsar": _open_pulsar,
}
_APICURIO = (pytest.mark.server, pytest.mark.xdist_group("apicurio"))
_PULSAR = (pytest.mark.server, pytest.mark.xdist_group("contract-pulsar"))


@pytest.fixture(
    params=[
        "local",
        "confluent-7.9",
        "confluent-8.1",
        "karapace",
        "redpanda",
        "glue",
        *(pytest.param(name, marks=_APICURIO) for name in ("apicurio", "apicurio-v3", "apicurio-v2")),
        pytest.param("pulsar", marks=_PULSAR),
    ]
)
def shop(request: pytest.FixtureRequest, make_repository: MakeRepository) -> Iterator[Shop]:
    def make(keys: str, deletion: str = "soft") -> Repository:
        return make_repository(SETTINGS.format(registry=keys, deletion=deletion))

    opened = _OPENERS[request.param](request, make)
    yield opened
    if isinstance(opened.reader, ServerReader):
        opened.reader.http.delete_subject(f"{opened.reader.prefix}order", permanent=True)


def test_semantic_1_a_break_of_version_1_that_the_latest_hides_blocks_under_a_transitive_mode(shop: Shop) -> None:
    shop.repository.write("schemas/order.yaml", "compatibility: BACKWARD_TRANSITIVE\n")
    shop.change("id")
    shop.apply()
    shop.change("id", {"name": "country", "type": "string", "default": "NL"})
    shop.apply()
    shop.repository.git("checkout", "--quiet", "-b", "change")
    # Readers of version 2 are fine without the default; those of version 1 never had the field.
    shop.change("id", "country")

    planned = shop.repository.run("plan")
    applied = shop.repository.run("apply", "--yes")
    checked = shop.repository.run("check")

    assert (planned.exit_code, applied.exit_code) == (3, 3)
    assert "data of version 1" in planned.out
    assert shop.numbers() == [1, 2]
    # Offline too: no registry is asked, and Git's history has what version 1 was.
    assert checked.exit_code == 3
    first = shop.repository.git("rev-parse", "main~1").strip()[:12]
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in checked.out
    assert f"version 1 is that of commit {first}" in checked.out


def test_semantic_7_git_goes_back_to_a_compatible_older_text_applied_once_converged(shop: Shop) -> None:
    if shop.restored is None:
        pytest.skip("going back to an older schema: not among its capabilities; that it is refused, its own tests tell")
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
    shop.repository.write("schemas/order.yaml", f"compatibility: {shop.of_latest}\n")
    shop.change("id", "amount")
    shop.apply()
    shop.change("id")
    shop.apply()
    shop.repository.git("checkout", "--quiet", "-b", "change")
    shop.repository.git("revert", "--no-edit", "HEAD")

    planned = shop.repository.run("plan")
    applied = shop.repository.run("apply", "--yes")
    checked = shop.repository.run("check")

    assert (planned.exit_code, applied.exit_code, checked.exit_code) == (3, 3, 3)
    for out in (planned.out, checked.out):
        assert "READER_FIELD_MISSING_DEFAULT_VALUE" in out
        assert "`amount` was added without a default" in out
    assert shop.numbers() == [1, 2]
