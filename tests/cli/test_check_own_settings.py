"""No change judges itself: the registries of schemafed.yaml are those of its base, and a change of them is told."""

from __future__ import annotations

import pytest

from tests.repositories import MakeRepository, record

SETTINGS = """\
version: 1
registries:
  orders: {{kind: {kind}, url: "http://127.0.0.1:9{path}"{more}}}
environments:
  dev: {{registries: [orders]}}
"""
CONFLUENT = SETTINGS.format(kind="confluent", path="", more=", compatibility: BACKWARD")
WITHOUT_MODE = SETTINGS.format(kind="confluent", path="", more=", compatibility: NONE")
APICURIO = SETTINGS.format(kind="apicurio", path="/apis/registry/v3", more="")
PROTO = 'syntax = "proto3";\npackage acme;\nmessage Order {{ string {name} = 1; }}\n'
AVRO = (record("Order", "id"), record("Order", "id", "note"))


@pytest.mark.parametrize(
    ("file", "before", "after", "texts", "code"),
    [
        ("order.avsc", CONFLUENT, WITHOUT_MODE, AVRO, "READER_FIELD_MISSING_DEFAULT_VALUE"),
        # A field's name counts on Apicurio, and not on Confluent.
        ("order.proto", APICURIO, CONFLUENT, (PROTO.format(name="id"), PROTO.format(name="key")), "FIELD_NAME_CHANGED"),
    ],
    ids=["level", "kind"],
)
def test_a_change_is_judged_as_the_registries_of_its_base_judge(
    make_repository: MakeRepository,
    file: str,
    before: str,
    after: str,
    texts: tuple[str | dict[str, object], str | dict[str, object]],
    code: str,
) -> None:
    repository = make_repository(before)
    repository.write(f"schemas/{file}", texts[0])
    repository.commit("Begin")
    repository.git("checkout", "--quiet", "-b", "change")
    repository.write("schemafed.yaml", after)
    repository.commit("The registry by itself")

    alone = repository.run("check")
    repository.write(f"schemas/{file}", texts[1])
    both = repository.run("check")

    assert alone.exit_code == 0, alone.text
    assert "REGISTRIES_CHANGED" in alone.out
    assert both.exit_code == 3, both.text
    assert code in both.out


def test_all_shows_what_rules_find_in_what_the_change_does_not_concern(make_repository: MakeRepository) -> None:
    repository = make_repository("version: 1\npolicies: [{use: naming, rules: {NAMING_FIELD_CASE: error}}]\n")
    repository.write("schemas/order.avsc", record("Order", "id"))
    repository.write("schemas/other.avsc", record("Other", "wrongCase"))
    repository.commit("Begin")
    repository.write("schemas/order.avsc", record("Order", "id", {"name": "note", "type": "string", "default": ""}))

    near, everything = repository.run("check"), repository.run("check", "--all")

    assert (near.exit_code, everything.exit_code) == (0, 0)
    assert "wrongCase" not in near.out
    assert "field `wrongCase` is not written in snake case" in everything.out
    assert everything.out.endswith("Passed. 0 errors, 0 warnings; 1 there before.\n")
