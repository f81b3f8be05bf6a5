"""Interfaces and other texts on a real Apicurio Registry: registered, read back, compared, imported."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.contract.targets.apicurio import RawApicurio
from tests.integration.apicurio.apicurio_samples import MakeShop
from tests.repositories import Repository
from tests.servers.apicurio import ApicurioServer

pytestmark = pytest.mark.server

XML_SCHEMA = "http://www.w3.org/2001/XMLSchema"
PETS = """\
# What the shop sells.
openapi: 3.0.3
info: {title: Pets, version: "1.0.0"}
paths:
  /pets:
    get:
      responses:
        "200": {description: All of them.}
"""
FILES: Mapping[str, str] = {
    "pets.openapi.yaml": PETS,
    "dogs.openapi.json": '{"openapi": "3.1.0", "info": {"title": "Dogs", "version": "1"}, "paths": {}}\n',
    "orders.asyncapi.yaml": "asyncapi: 2.6.0\ninfo: {title: Orders, version: '1'}\nchannels: {orders: {publish: {}}}\n",
    "shop.graphql": "type Query {\n  pet: String\n}\n",
    "pet.xsd": f'<xs:schema xmlns:xs="{XML_SCHEMA}"><xs:element name="a" type="xs:string"/></xs:schema>\n',
    "shop.wsdl": '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" name="Shop" targetNamespace="urn:shop"/>\n',
    "note.schema.xml": "<note/>\n",
    "row.kconnect.json": '{"type": "struct", "name": "Row", "optional": false, "fields": []}\n',
}
TYPES = {
    "pets": "OPENAPI",
    "dogs": "OPENAPI",
    "orders": "ASYNCAPI",
    "shop-api": "GRAPHQL",
    "pet": "XSD",
    "shop": "WSDL",
    "note": "XML",
    "row": "KCONNECT",
}


def fill(repository: Repository) -> Repository:
    for name, text in FILES.items():
        repository.write(f"schemas/{name}", text)
    repository.write("schemas/shop.graphql.meta.yaml", "subject: shop-api\n")
    repository.write("schemas/defaults.yaml", "compatibility: BACKWARD\n")
    repository.commit()
    return repository


@pytest.fixture
def shop(make_shop: MakeShop) -> Repository:
    return fill(make_shop())


@pytest.fixture
def raw(apicurio: ApicurioServer, group: str) -> RawApicurio:
    return RawApicurio(apicurio.native_url, group)


@pytest.mark.parametrize("interface", ["v3", "v2"])
def test_every_format_is_applied_then_read_back_then_imported(
    make_shop: MakeShop, raw: RawApicurio, interface: str
) -> None:
    shop = fill(make_shop(interface))

    applied = shop.run("apply", "--yes")
    planned = shop.run("plan", "--detailed-exitcode")

    assert applied.exit_code == 0, applied.text
    assert planned.exit_code == 0, planned.text
    live = {name: raw.read_versions(name) for name in TYPES}
    assert {name: [version.schema_type for version in versions] for name, versions in live.items()} == {
        name: [told] for name, told in TYPES.items()
    }
    assert live["pet"][0].text == FILES["pet.xsd"]
    assert json.loads(live["pets"][0].text)["paths"] == {
        "/pets": {"get": {"responses": {"200": {"description": "All of them."}}}}
    }

    other = make_shop(interface, "other")
    imported = other.run("import", "--registry", "orders")
    other.commit()
    planned_again = other.run("plan", "--detailed-exitcode")

    assert imported.exit_code == 0, imported.text
    assert planned_again.exit_code == 0, planned_again.text
    assert {path.name for path in (other.root / "schemas").glob("*.*") if "yaml" not in path.name} == {
        *("pets.openapi.json", "dogs.openapi.json", "orders.asyncapi.json", "shop-api.graphql"),
        *("pet.xsd", "shop.wsdl", "note.schema.xml", "row.kconnect.json"),
    }


def test_what_the_server_finds_incompatible_blocks_the_plan(shop: Repository) -> None:
    shop.run("apply", "--yes")
    shop.write("schemas/pets.openapi.yaml", PETS.replace("/pets:", "/cats:"))
    shop.write("schemas/pet.xsd", FILES["pet.xsd"].replace("xs:string", "xs:int"))
    shop.commit()

    planned = shop.run("plan")

    assert planned.exit_code == 3, planned.text
    assert planned.out.count("REGISTRY_REFUSES") == 2, planned.out
    assert "Missing endpoint" in planned.out


def test_what_nobody_judges_is_said_and_applied(shop: Repository, raw: RawApicurio) -> None:
    shop.run("apply", "--yes")
    shop.write("schemas/shop.graphql", "type Query {\n  dog: String\n}\n")
    shop.write("schemas/orders.asyncapi.yaml", FILES["orders.asyncapi.yaml"].replace("publish", "subscribe"))
    shop.commit()

    planned = shop.run("plan")
    applied = shop.run("apply", "--yes")

    assert planned.exit_code == 0, planned.text
    assert planned.out.count("JUDGED_BY_NOBODY") >= 1, planned.out
    assert applied.exit_code == 0, applied.text
    assert raw.read_numbers("shop-api") == raw.read_numbers("orders") == [1, 2]


def test_what_somebody_else_wrote_in_yaml_is_compared_as_what_it_says(shop: Repository, raw: RawApicurio) -> None:
    shop.run("apply", "--yes")
    body = {"content": {"content": PETS, "contentType": "application/x-yaml"}}
    assert raw.send("POST", f"/groups/{raw.group}/artifacts/pets/versions", body)[0] == 200

    planned = shop.run("plan")

    assert "pets" not in "".join(line for line in planned.out.splitlines() if line.strip().startswith(("+", "~")))


def test_declared_references_come_along(make_shop: MakeShop, raw: RawApicurio) -> None:
    shop = make_shop()
    components = {"schemas": {"Pet": {"$ref": "./pet.json"}}}
    pets = {"openapi": "3.0.3", "info": {"title": "Pets", "version": "1"}, "paths": {}, "components": components}
    shop.write("schemas/pets.openapi.json", pets)
    shop.write("schemas/pets.meta.yaml", "references: [{name: ./pet.json, subject: pet}]\n")
    shop.write("schemas/pet.json", {"type": "object"})
    shop.commit()

    applied = shop.run("apply", "--yes")
    planned = shop.run("plan", "--detailed-exitcode")

    assert applied.exit_code == 0, applied.text
    assert planned.exit_code == 0, planned.text
    (live,) = raw.read_versions("pets")
    assert [(r.name, r.subject, r.version) for r in live.references] == [("./pet.json", "pet", 1)]
