"""What names in schemas mean in the tree."""

from __future__ import annotations

import json

import pytest
from repository_files import Load, only, record, told

from reconciler.model import Format, Reference


def test_avro_name_is_found_in_another_file(load: Load) -> None:
    state = load({"schemas/order.avsc": record("Order", "Money"), "schemas/money.avsc": record("Money", "long")})

    assert state.findings == ()
    assert state.subjects["order"].schema.references == (Reference("com.acme.Money", "money"),)


def test_chain_of_references_is_parsed_whole(load: Load) -> None:
    state = load(
        {
            "schemas/a.avsc": record("A", "B"),
            "schemas/b.avsc": record("B", "C"),
            "schemas/c.avsc": record("C", "long"),
        }
    )

    assert state.findings == ()
    parsed = state.schemas.parsed(state.subjects["a"].schema)
    assert list(parsed.dependencies["com.acme.B"].dependencies) == ["com.acme.C"]


def test_two_names_of_one_file_are_one_reference_by_its_outermost_name(load: Load) -> None:
    inner = {"type": "enum", "name": "Currency", "symbols": ["EUR"]}
    state = load(
        {"schemas/order.avsc": record("Order", "Currency", "Money"), "schemas/money.avsc": record("Money", inner)}
    )

    assert state.findings == ()
    assert state.subjects["order"].schema.references == (Reference("com.acme.Money", "money"),)


def test_outermost_name_wins_over_a_definition_inside_of_another_file(load: Load) -> None:
    nested = {"type": "record", "name": "Money", "fields": []}
    state = load(
        {
            "schemas/order.avsc": record("Order", "Money"),
            "schemas/price.avsc": record("Price", nested),
            "schemas/money.avsc": record("Money"),
        }
    )

    assert state.subjects["order"].schema.references == (Reference("com.acme.Money", "money"),)


def test_nearest_folder_wins(load: Load) -> None:
    state = load(
        {
            "schemafed.yaml": 'version: 1\nsubjects: {name: "{{ path }}"}\n',
            "schemas/v1/order.avsc": record("Order", "Money"),
            "schemas/v1/money.avsc": record("Money", "int"),
            "schemas/v2/order.avsc": record("Order", "Money"),
            "schemas/v2/common/money.avsc": record("Money", "long"),
        }
    )

    assert state.findings == ()
    assert state.subjects["v1/order"].schema.references[0].subject == "v1/money"
    assert state.subjects["v2/order"].schema.references[0].subject == "v2/common/money"


def test_equally_near_files_are_ambiguous_and_the_fix_settles_it(load: Load) -> None:
    files = {
        "schemafed.yaml": 'version: 1\nsubjects: {name: "{{ path }}"}\n',
        "schemas/order.avsc": record("Order", "Money"),
        "schemas/a/money.avsc": record("Money", "int"),
        "schemas/b/money.avsc": record("Money", "long"),
    }
    found = only(load(files))

    assert found.code == "AMBIGUOUS_REFERENCE"
    assert found.message == (
        "`com.acme.Money` may be any of schemas/a/money.avsc, schemas/b/money.avsc, all equally near"
    )
    assert found.fix == "say which in schemas/order.yaml: `references: [{name: com.acme.Money, subject: a/money}]`"
    assert found.location and found.location.line > 1


def test_sidecar_settles_an_ambiguous_reference(load: Load) -> None:
    state = load(
        {
            "schemafed.yaml": 'version: 1\nsubjects: {name: "{{ path }}"}\n',
            "schemas/order.avsc": record("Order", "Money"),
            "schemas/order.yaml": "references: [{name: com.acme.Money, subject: b/money}]\n",
            "schemas/a/money.avsc": record("Money", "int"),
            "schemas/b/money.avsc": record("Money", "long"),
        }
    )

    assert state.findings == ()
    assert state.subjects["order"].schema.references == (Reference("com.acme.Money", "b/money"),)


def test_semantic_6_pin_takes_its_text_from_its_file_which_is_no_subject(load: Load) -> None:
    state = load(
        {
            "schemas/order.avsc": record("Order", "Money"),
            "schemas/order.yaml": (
                "references: [{name: com.acme.Money, subject: money, version: 3, file: pins/money-3.avsc}]\n"
            ),
            "schemas/money.avsc": record("Money", "long"),
            "schemas/pins/money-3.avsc": record("Money", "int"),
        }
    )

    assert state.findings == ()
    assert set(state.subjects) == {"order", "money"}
    assert state.subjects["order"].schema.references == (Reference("com.acme.Money", "money", 3),)
    assert '"int"' in state.pins["money", 3].definition


def test_pin_whose_file_is_missing(load: Load) -> None:
    state = load(
        {
            "schemas/order.avsc": record("Order"),
            "schemas/order.yaml": "references:\n  - {name: M, subject: money, version: 3, file: pins/money.avsc}\n",
        }
    )

    assert told(state) == [("REFERENCE_MISSING", "schemas/order.yaml:2:49")]
    assert state.findings[0].message == "there is no file `schemas/pins/money.avsc`"


def test_pin_outside_of_the_repository(load: Load) -> None:
    state = load(
        {
            "schemas/order.avsc": record("Order"),
            "schemas/order.yaml": "references:\n  - {name: M, subject: money, version: 3, file: ../../money.avsc}\n",
        }
    )

    assert only(state).message == "`../money.avsc` lies outside of the repository"


def test_semantic_1_missing_name_is_reported_at_its_use_with_near_names(load: Load) -> None:
    found = only(load({"schemas/order.avsc": record("Order", "Mony"), "schemas/money.avsc": record("Money", "long")}))

    assert (found.code, str(found.location)) == ("REFERENCE_MISSING", "schemas/order.avsc:8:4")
    assert found.message == "no schema defines `com.acme.Mony`, which this one uses"
    assert found.fix == "did you mean `com.acme.Money`?"


def test_what_refers_to_a_broken_file_has_no_finding_of_its_own(load: Load) -> None:
    state = load(
        {"schemas/order.avsc": record("Order", "Money"), "schemas/money.avsc": '{"type": "record", "name": "Money"'}
    )

    assert [code for code, _ in told(state)] == ["SCHEMA_INVALID"]
    assert state.subjects == {}


def test_semantic_1_cycle_names_both_ends(load: Load) -> None:
    found = only(load({"schemas/a.avsc": record("A", "B"), "schemas/b.avsc": record("B", "A")}))

    assert found.code == "REFERENCE_CYCLE"
    assert found.message == (
        "schemas/a.avsc uses `com.acme.B` of schemas/b.avsc, which uses `com.acme.A` of schemas/a.avsc"
    )
    assert str(found.location).startswith("schemas/a.avsc:")


def test_a_cycle_is_told_once_and_leaves_others_alone(load: Load) -> None:
    state = load(
        {
            "schemas/a.avsc": record("A", "B"),
            "schemas/b.avsc": record("B", "A"),
            "schemas/user.avsc": record("User", "A"),
            "schemas/free.avsc": record("Free"),
        }
    )

    assert [code for code, _ in told(state)] == ["REFERENCE_CYCLE"]
    assert set(state.subjects) == {"free"}


def test_json_reference_by_relative_path_and_by_id(load: Load) -> None:
    by_path = {"properties": {"a": {"$ref": "../common/address.schema.json"}}}
    by_id = {"properties": {"a": {"$ref": "https://acme.example/address#/properties/street"}}}
    address = {"$id": "https://acme.example/address", "properties": {"street": {"type": "string"}}}
    state = load(
        {
            "schemas/orders/by-path.schema.json": json.dumps(by_path),
            "schemas/orders/by-id.schema.json": json.dumps(by_id),
            "schemas/common/address.schema.json": json.dumps(address),
        }
    )

    assert state.findings == ()
    assert state.subjects["by-path"].schema.references == (Reference("../common/address.schema.json", "address"),)
    assert state.subjects["by-id"].schema.references == (Reference("https://acme.example/address", "address"),)


def test_protobuf_import_is_the_end_of_a_path(load: Load) -> None:
    state = load(
        {
            "schemas/acme/money.proto": 'syntax = "proto3";\npackage acme;\nmessage Money { int64 units = 1; }\n',
            "schemas/order.proto": (
                'syntax = "proto3";\nimport "acme/money.proto";\n'
                'import "google/protobuf/timestamp.proto";\n'
                "message Order { acme.Money total = 1; google.protobuf.Timestamp at = 2; }\n"
            ),
        }
    )

    assert state.findings == ()
    assert state.subjects["order"].schema.format is Format.PROTOBUF
    assert state.subjects["order"].schema.references == (Reference("acme/money.proto", "money"),)


def test_unused_reference_line_is_a_warning(load: Load) -> None:
    state = load(
        {
            "schemas/order.avsc": record("Order"),
            "schemas/order.yaml": "references:\n  - {name: com.acme.Money, subject: money}\n",
            "schemas/money.avsc": record("Money"),
        }
    )

    assert told(state) == [("REFERENCE_UNUSED", "schemas/order.yaml:2:5")]
    assert not state.findings[0].blocks


def test_reference_line_to_an_unknown_subject(load: Load) -> None:
    state = load(
        {
            "schemas/order.avsc": record("Order", "Money"),
            "schemas/order.yaml": "references:\n  - {name: com.acme.Money, subject: mony}\n",
            "schemas/money.avsc": record("Money"),
        }
    )

    assert only(state).message == "there is no subject `mony`; did you mean `money`?"
    assert str(only(state).location) == "schemas/order.yaml:2:37"


def test_fragment_is_inlined_and_is_no_subject(load: Load) -> None:
    state = load(
        {
            "schemas/defaults.yaml": 'files: {"fragments/**": {register: false}}\n',
            "schemas/fragments/money.avsc": record("Money", "long"),
            "schemas/order.avsc": record("Order", "Money"),
        }
    )

    assert state.findings == ()
    assert set(state.subjects) == {"order"}
    schema = state.subjects["order"].schema
    assert schema.references == ()
    assert json.loads(schema.definition)["fields"][0]["type"]["name"] == "Money"


def test_subject_that_a_fragment_uses_stays_a_reference(load: Load) -> None:
    state = load(
        {
            "schemas/defaults.yaml": 'files: {"fragments/**": {register: false}}\n',
            "schemas/fragments/price.avsc": record("Price", "Money"),
            "schemas/money.avsc": record("Money", "long"),
            "schemas/order.avsc": record("Order", "Price"),
        }
    )

    assert state.findings == ()
    schema = state.subjects["order"].schema
    assert schema.references == (Reference("com.acme.Money", "money"),)
    assert "Price" in schema.definition and "f0" in schema.definition


WITH_DEFAULT = record("Order", "Money").replace('"Money"', '"Money", "default": null')


@pytest.mark.parametrize("path", ["schemas/order.avsc", "schemas/fragments/order.avsc"])
def test_a_default_that_its_type_in_another_file_does_not_allow_is_a_problem(load: Load, path: str) -> None:
    state = load(
        {
            "schemas/defaults.yaml": 'files: {"fragments/**": {register: false}}\n',
            path: WITH_DEFAULT,
            "schemas/fragments/money.avsc": record("Money", "long"),
        }
    )

    assert told(state) == [("SCHEMA_INVALID", f"{path}:8:21")]
    assert only(state).message == 'the default null of field `f0` is not of its type "Money"'


@pytest.mark.parametrize(
    "text",
    [
        record("Größe"),
        record("Order", "long", namespace="my-shop"),
        record("Order", "Money", {"type": "record", "name": "Money", "fields": []}),
        record("Order", *[{"type": "fixed", "name": "F", "size": 1}] * 2),
        f"// an order\n{record('Order')}",
    ],
    ids=["alphabet", "namespace", "used above", "twice", "comment"],
)
def test_what_registries_take_of_avro_and_its_specification_does_not_is_a_problem(load: Load, text: str) -> None:
    state = load({"schemas/order.avsc": text})

    assert [code for code, _ in told(state)] == ["SCHEMA_INVALID"]
    assert state.subjects == {}


def test_fragment_in_protobuf_cannot_be_inlined(load: Load) -> None:
    state = load(
        {
            "schemas/defaults.yaml": 'files: {"fragments/**": {register: false}}\n',
            "schemas/fragments/money.proto": 'syntax = "proto3";\nmessage Money {}\n',
            "schemas/order.proto": 'syntax = "proto3";\nimport "money.proto";\nmessage Order { Money a = 1; }\n',
        }
    )

    found = only(state)
    assert found.location and found.location.file == "schemas/order.proto"
    assert found.blocks and found.fix


def test_protobuf_import_that_registries_bring_needs_no_file(load: Load) -> None:
    state = load(
        {
            "schemas/invoice.proto": (
                'syntax = "proto3";\nimport "google/type/money.proto";\n'
                "message Invoice { google.type.Money total = 1; }\n"
            ),
        }
    )

    assert told(state) == []
    assert state.subjects["invoice"].schema.references == ()


def test_protobuf_file_of_the_tree_goes_before_the_one_that_registries_bring(load: Load) -> None:
    state = load(
        {
            "schemas/google/type/money.proto": 'syntax = "proto3";\npackage google.type;\nmessage Money {}\n',
            "schemas/invoice.proto": (
                'syntax = "proto3";\nimport "google/type/money.proto";\n'
                "message Invoice { google.type.Money total = 1; }\n"
            ),
        }
    )

    assert told(state) == []
    assert state.subjects["invoice"].schema.references == (Reference("google/type/money.proto", "money"),)
