"""Commands over interfaces and other texts, where no registry is asked."""

from __future__ import annotations

from tests.repositories import Repository

PETS = """\
openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      responses:
        "200": {description: All of them.}
"""


def test_a_mistake_is_told_at_its_line_of_the_yaml(repository: Repository) -> None:
    repository.write("schemas/pets.openapi.yaml", PETS.replace("description", "descripton"))
    repository.write("schemas/pet.xsd", "<a>\n<b></a>\n")
    repository.commit()

    validated = repository.run("validate")

    assert validated.exit_code == 3, validated.text
    assert "schemas/pets.openapi.yaml:7:" in validated.out
    assert "not a valid document of OpenAPI 3.0.3" in validated.out
    assert "schemas/pet.xsd:2:" in validated.out
    assert "not well-formed XML" in validated.out


def test_a_registry_that_does_not_keep_a_format_says_so_in_the_plan(repository: Repository) -> None:
    repository.write("schemas/pets.openapi.yaml", PETS)
    repository.commit()

    planned = repository.run("plan")

    assert planned.exit_code == 3, planned.text
    assert "this registry does not store OPENAPI schemas" in planned.out
    assert "UNSUPPORTED_FORMAT" in planned.out


def test_check_says_that_nothing_is_judged(repository: Repository) -> None:
    repository.write("schemas/shop.graphql", "type Query { pet: String }\n")
    repository.commit()
    repository.write("schemas/shop.graphql", "type Query { dog: String }\n")
    repository.commit()

    checked = repository.run("check", "--base", "HEAD~1")

    assert checked.exit_code == 0, checked.text
    assert "not judged" in checked.out


def test_two_documents_are_compared_by_their_parts_and_not_judged(repository: Repository) -> None:
    old = repository.write("old.openapi.yaml", PETS)
    new = repository.write("new.openapi.yaml", PETS.replace("/pets:", "/dogs:"))

    compared = repository.run_plain("diff", str(old), str(new))
    judged = repository.run_plain("compat", str(new), str(old))

    assert compared.exit_code == 0, compared.text
    assert "paths./pets.get" in compared.out
    assert "paths./dogs.get" in compared.out
    assert "only a registry can tell" in judged.text


def test_a_pattern_takes_files_of_any_name(repository: Repository) -> None:
    repository.write("schemas/apis/pets.yaml", PETS)
    repository.write("schemas/apis/defaults.yaml", 'files: {"*.yaml": openapi}\n')
    repository.commit()

    assert repository.run("validate").exit_code == 0


def test_a_document_that_is_taken_for_a_json_schema_is_told_what_to_do(repository: Repository) -> None:
    repository.write("schemas/pets.json", {"openapi": "3.0.3", "info": {"title": "Pets", "version": "1"}, "paths": {}})
    repository.commit()

    validated = repository.run("validate")

    assert validated.exit_code == 3
    assert "NAME.openapi.json" in validated.out
