"""Subjects of a context that has a level of its own: it judges them, and the registry's own level does not."""

from __future__ import annotations

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest, record

SUBJECT = ":.team:order"
NOTE = {"name": "note", "type": "string", "default": ""}


@pytest.fixture
def shop(confluent: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    """A repository whose one schema is applied, to a subject of a context."""
    repository = make_repository(over_rest(confluent.url))
    repository.write("schemas/order.meta.yaml", f'subject: "{SUBJECT}"\n')
    write(repository, "id")
    assert repository.run("apply", "--yes").exit_code == 0
    return repository


def write(shop: Repository, *fields: str | dict[str, object]) -> None:
    shop.write("schemas/order.avsc", record("Order", *fields))
    shop.commit()


def count_versions(confluent: ConfluentDouble) -> int:
    return len(RawRegistry(confluent.url).read_versions(SUBJECT))


@pytest.mark.parametrize("level", ["NONE", "FORWARD"])
def test_a_context_lets_through_what_the_registrys_level_forbids(
    confluent: ConfluentDouble, shop: Repository, level: str
) -> None:
    confluent.set_compatibility("", "BACKWARD")
    confluent.set_compatibility(":.team:", level)
    write(shop, "id", "required")

    assert shop.run("apply", "--yes").exit_code == 0
    assert count_versions(confluent) == 2
    assert "Nothing to do." in shop.run("plan").out


@pytest.mark.parametrize("level", ["BACKWARD", "FULL"])
def test_a_context_forbids_what_the_registrys_level_allows(
    confluent: ConfluentDouble, shop: Repository, level: str
) -> None:
    confluent.set_compatibility("", "NONE")
    confluent.set_compatibility(":.team:", level)
    write(shop, "id", "required")

    planned = shop.run("plan")

    assert planned.exit_code == 3
    assert f"{level}, what the subject inherits in the registry" in " ".join(planned.text.split())
    assert shop.run("apply", "--yes").exit_code == 3
    assert count_versions(confluent) == 1


def test_other_subjects_keep_the_registrys_level(confluent: ConfluentDouble, shop: Repository) -> None:
    confluent.set_compatibility("", "BACKWARD")
    confluent.set_compatibility(":.team:", "NONE")
    shop.write("schemas/order.meta.yaml", "subject: order\n")
    shop.commit()
    confluent.register("order", '{"type":"record","name":"Order","namespace":"com.acme","fields":[]}')

    planned = shop.run("plan")

    assert planned.exit_code == 3
    assert "the registry's own level" in " ".join(planned.text.split())


def test_the_registry_is_asked_about_every_version_where_the_context_says_so(
    confluent: ConfluentDouble, shop: Repository
) -> None:
    confluent.set_compatibility("", "BACKWARD")
    confluent.set_compatibility(":.team:", "BACKWARD_TRANSITIVE")
    confluent.requests.clear()
    write(shop, "id", NOTE)

    assert shop.run("plan").exit_code == 0
    asked = {request.path.rpartition("/versions")[2] for request in confluent.requests if request.method == "POST"}
    assert asked & {"", "/latest"} == {""}
