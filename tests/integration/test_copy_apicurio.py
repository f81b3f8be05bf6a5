"""Copies into a real Apicurio Registry and out of it, by its own interface and by the compatible one."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import pytest

from tests.contract.targets.apicurio import RawApicurio
from tests.copies import EVERYTHING, NOTE, contents, fill, order, read_all
from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository
from tests.servers.apicurio import ApicurioServer

PERSON = {"type": "object", "properties": {"name": {"type": "string"}}}
pytestmark = pytest.mark.server


@pytest.fixture
def old() -> Iterator[ConfluentDouble]:
    with ConfluentDouble("8.1") as double:
        fill(double.url)
        raw = RawRegistry(double.url)
        for version, text in enumerate((order(), order(NOTE), order()), start=1):
            raw.register("back", text, version=version)
        raw.register("person", json.dumps(PERSON), schemaType="JSON")
        yield double


@pytest.fixture
def prefix() -> str:
    return f"copy-{uuid.uuid4().hex[:8]}-"


@pytest.fixture(params=["confluent", "apicurio"])
def shop(
    request: pytest.FixtureRequest,
    old: ConfluentDouble,
    apicurio: ApicurioServer,
    make_repository: MakeRepository,
    prefix: str,
) -> Repository:
    """A repository whose registry `new` is Apicurio, by the compatible interface or by its own."""
    url = apicurio.url if request.param == "confluent" else apicurio.native_url
    repository = make_repository(f"""\
version: 1
registries:
  old: {{kind: confluent, url: {old.url}}}
  new: {{kind: {request.param}, url: {url}, name: "{prefix}{{{{ name }}}}"}}
""")
    repository.write("kind", request.param)
    return repository


def test_a_history_arrives_and_is_there_once(
    shop: Repository, old: ConfluentDouble, apicurio: ApicurioServer, prefix: str
) -> None:
    kind = (shop.root / "kind").read_text()

    copied = shop.run(*EVERYTHING)

    assert copied.exit_code == 0, copied.text
    wanted, found = contents(read_all(old.url)), contents(read_all(apicurio.url, prefix), prefix)
    if kind == "confluent":
        # Apicurio's compatible interface answers a known schema with its old version.
        assert "version 1 is one with version 3 there" in copied.out
        wanted["back"] = wanted["back"][1:]
    assert found == wanted
    assert RawApicurio(apicurio.native_url).read_compatibility(f"{prefix}order-value") == "FULL_TRANSITIVE"
    assert RawApicurio(apicurio.native_url).read_compatibility(f"{prefix}money") is None

    again = shop.run(*EVERYTHING)
    assert again.exit_code == 0, again.text
    assert "Nothing to copy" in again.out


def test_ids_are_apicurios_own(shop: Repository, apicurio: ApicurioServer, prefix: str) -> None:
    refused = shop.run(*EVERYTHING, "--keep-ids")

    assert refused.exit_code == 3
    assert "new gives ids of its own" in refused.out
    assert read_all(apicurio.url, prefix) == {}


def test_a_history_goes_on_to_confluent_with_its_ids(
    shop: Repository, apicurio: ApicurioServer, confluent: ConfluentDouble, prefix: str
) -> None:
    assert shop.run(*EVERYTHING).exit_code == 0
    text = (shop.root / "schemafed.yaml").read_text()
    shop.write("schemafed.yaml", f"{text}  last: {{kind: confluent, url: {confluent.url}}}\n")

    copied = shop.run("copy", "--from", "new", "--to", "last", "--all-versions", "--keep-ids", "--yes")

    assert copied.exit_code == 0, copied.text
    before, after = read_all(apicurio.url, prefix), read_all(confluent.url)
    assert contents(after) == contents(before, prefix)
    assert {s: [v.version for v in each] for s, each in after.items()} == {
        s: [v.version for v in each] for s, each in before.items()
    }
