"""How files become subjects: names, settings, sidecars, what is left out."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from repository_files import Load, only, record, told

from reconciler.errors import ConfigurationError, UsageError
from reconciler.model import Format, Metadata, Mode
from reconciler.repository import load_desired_state

ORDER = record("Order", "long")


@pytest.mark.parametrize(
    ("file", "text", "template", "name"),
    [
        ("orders/placed-value.avsc", ORDER, "{{ stem }}", "placed-value"),
        ("orders/placed-value.avsc", ORDER, "{{ path }}", "orders/placed-value"),
        ("orders/placed.avsc", ORDER, "{{ folder }}-{{ stem }}", "orders-placed"),
        ("placed.avsc", ORDER, "{{ namespace }}.{{ record_name }}-value", "com.acme.Order-value"),
        ("a/b.avsc", ORDER, "{{ path | replace('/', '.') }}", "a.b"),
        ("order.schema.json", '{"type": "object"}', "{{ stem }}", "order"),
        ("a%2Fb.avsc", ORDER, "{{ stem }}", "a/b"),
        (
            "o.proto",
            'syntax = "proto3";\npackage acme;\nmessage Order {}\n',
            "{{ package }}.{{ record_name }}",
            "acme.Order",
        ),
    ],
)
def test_name_follows_the_template(load: Load, file: str, text: str, template: str, name: str) -> None:
    state = load({"schemafed.yaml": f'version: 1\nsubjects: {{name: "{template}"}}\n', f"schemas/{file}": text})

    assert state.findings == ()
    assert list(state.subjects) == [name]


def test_sidecar_beats_folder_beats_environment(load: Load) -> None:
    state = load(
        {
            "schemafed.yaml": (
                "version: 1\nregistries: {r: {kind: local}}\n"
                "environments:\n  dev:\n    registries: [r]\n    compatibility: NONE\n"
            ),
            "schemas/plain.avsc": ORDER,
            "schemas/team/defaults.yaml": "owner: payments\ncompatibility: FULL\ntags: [tier-1]\n",
            "schemas/team/a.avsc": ORDER,
            "schemas/team/b.avsc": ORDER,
            "schemas/team/b.yaml": "# why\ncompatibility: FORWARD\nowner: orders\nmanage: false\n",
        }
    )

    assert state.findings == ()
    modes = {name: (s.mode, str(s.mode_location), s.owner) for name, s in state.subjects.items()}
    assert modes == {
        "plain": (Mode.NONE, "schemafed.yaml:6:5", None),
        "a": (Mode.FULL, "schemas/team/defaults.yaml:2:1", "payments"),
        "b": (Mode.FORWARD, "schemas/team/b.yaml:2:1", "orders"),
    }
    assert state.subjects["b"].tags == ("tier-1",)
    assert [name for name, s in state.subjects.items() if not s.manage] == ["b"]


def test_semantic_4_nearest_defaults_win_for_each_key(load: Load) -> None:
    state = load(
        {
            "schemas/defaults.yaml": "owner: platform\ninherited_mode: FULL\n",
            "schemas/a/defaults.yaml": "owner: payments\nname: 'a.{{ stem }}'\n",
            "schemas/a/b/x.avsc": ORDER,
            "schemas/y.avsc": ORDER,
        }
    )

    assert {n: (s.owner, s.inherited_mode) for n, s in state.subjects.items()} == {
        "a.x": ("payments", Mode.FULL),
        "y": ("platform", Mode.FULL),
    }


def test_metadata_and_name_of_a_sidecar(load: Load) -> None:
    state = load(
        {
            "schemas/order.avsc": ORDER,
            "schemas/order.meta.yaml": (
                "subject: orders.placed\nmetadata:\n  properties: {retention: 30d}\n  tags: {f0: [pii]}\n"
            ),
        }
    )

    assert state.subjects["orders.placed"].schema.metadata == Metadata({"retention": "30d"}, {"f0": ("pii",)})


def test_files_patterns(load: Load) -> None:
    state = load(
        {
            "schemas/defaults.yaml": (
                'files: {"*.avro": avro, "broken/*": {ignore: true}, "**/jsonschema/*": {format: json}}\n'
            ),
            "schemas/a.avro": ORDER,
            "schemas/broken/b.avsc": "nothing",
            "schemas/acme/jsonschema/1-0-0": '{"type": "object"}',
            "schemas/README.md": "words",
        }
    )

    assert state.findings == ()
    assert {n: s.schema.format for n, s in state.subjects.items()} == {"a": Format.AVRO, "1-0-0": Format.JSON}


def test_nearer_pattern_wins(load: Load) -> None:
    state = load(
        {
            "schemas/defaults.yaml": 'files: {"*.json": {ignore: true}}\n',
            "schemas/a/defaults.yaml": 'files: {"*.json": {ignore: false}}\n',
            "schemas/a/x.json": "{}",
            "schemas/y.json": "{}",
        }
    )

    assert list(state.subjects) == ["x"]


def test_json_schema_written_in_yaml(load: Load) -> None:
    state = load(
        {
            "schemas/defaults.yaml": 'files: {"*.schema.yaml": json}\n',
            "schemas/order.schema.yaml": "type: object\nproperties:\n  id: {type: string}\n",
            "schemas/order.meta.yaml": "owner: orders\n",
        }
    )

    assert state.findings == ()
    schema = state.subjects["order"].schema
    assert json.loads(schema.definition) == {"type": "object", "properties": {"id": {"type": "string"}}}
    assert state.subjects["order"].owner == "orders"


def test_error_in_a_yaml_schema_has_the_yaml_line(load: Load) -> None:
    state = load(
        {
            "schemas/defaults.yaml": 'files: {"*.schema.yaml": json}\n',
            "schemas/order.schema.yaml": "type: object\nproperties:\n  id: {type: strin}\n",
        }
    )

    assert str(only(state).location).startswith("schemas/order.schema.yaml:3:")


def test_two_files_of_one_subject(load: Load) -> None:
    found = only(load({"schemas/a/order.avsc": ORDER, "schemas/b/order.avsc": ORDER}))

    assert found.code == "DUPLICATE_SUBJECT"
    assert found.message == "subject `order` is declared by schemas/a/order.avsc already"
    assert str(found.location) == "schemas/b/order.avsc"


def test_names_that_differ_in_case_only_are_a_warning(load: Load) -> None:
    state = load({"schemas/a/order.avsc": ORDER, "schemas/b/Order.avsc": ORDER})

    assert len(state.subjects) == 2
    assert only(state).code == "SUBJECT_CASE" and not only(state).blocks


def test_sidecar_without_its_schema(load: Load) -> None:
    found = only(load({"schemas/order-placed.avsc": ORDER, "schemas/order-plaecd.yaml": "owner: x\n"}))

    assert found.code == "SIDECAR_WITHOUT_SCHEMA"
    assert found.message == (
        "no schema called `order-plaecd` lies beside this file; the nearest is `order-placed.avsc`"
    )


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            "{{ namespace }}.{{ stem }}",
            "template `{{ namespace }}.{{ stem }}` uses `namespace`, which this file does not have",
        ),
        (" {{ stem }}", "` order` cannot be a subject: the name begins or ends with white space"),
        ("{{ stem[5:] }}", "`` cannot be a subject: the name is empty"),
    ],
)
def test_semantic_1_names_that_cannot_be(load: Load, template: str, message: str) -> None:
    state = load(
        {
            "schemafed.yaml": f'version: 1\nsubjects: {{name: "{template}"}}\n',
            "schemas/order.json": '{"type": "object"}',
        }
    )

    assert (only(state).code, only(state).message) == ("INVALID_SUBJECT_NAME", message)


def test_every_problem_of_every_file_in_one_run(load: Load) -> None:
    state = load(
        {
            "schemafed.yaml": "version: 1\nregistrys: {}\n",
            "schemas/defaults.yaml": "ownr: x\n",
            "schemas/a.avsc": '{"type": "enum"}',
            "schemas/b.avsc": ORDER,
            "schemas/b.yaml": "compatibility: BACKWRD\n",
        }
    )

    assert told(state) == [
        ("UNKNOWN_KEY", "schemafed.yaml:2:1"),
        ("SCHEMA_INVALID", "schemas/a.avsc:1:1"),
        ("INVALID_VALUE", "schemas/b.yaml:1:16"),
        ("UNKNOWN_KEY", "schemas/defaults.yaml:1:1"),
    ]
    assert list(state.subjects) == ["b"]


def test_misspelt_type_is_suggested(load: Load) -> None:
    found = only(load({"schemas/a.avsc": record("A", "strng")}))

    assert found.message == "no schema defines `com.acme.strng`, which this one uses"
    assert found.fix == "did you mean `string`?"


def test_unknown_registry_of_a_folder(load: Load) -> None:
    state = load(
        {
            "schemafed.yaml": "version: 1\nregistries: {orders: {kind: local}}\n",
            "schemas/defaults.yaml": "registries:\n  - order\n",
            "schemas/a.avsc": ORDER,
            "schemas/b.avsc": ORDER,
        }
    )

    assert only(state).message == "there is no registry `order` in schemafed.yaml; did you mean `orders`?"
    assert str(only(state).location) == "schemas/defaults.yaml:2:5"


def test_without_schemafed_yaml(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"there is no schemafed\.yaml in"):
        load_desired_state(tmp_path)


def test_unknown_environment(load: Load) -> None:
    config = "version: 1\nregistries: {r: {kind: local}}\nenvironments: {prod: {registries: [r]}}\n"

    with pytest.raises(UsageError) as caught:
        load({"schemafed.yaml": config}, "prd")
    assert caught.value.message == "schemafed.yaml has no environment `prd`; did you mean `prod`?"


def test_missing_folder(load: Load) -> None:
    found = only(load({"schemafed.yaml": "version: 1\npaths: [schemata]\n"}))

    assert (found.code, found.message) == ("PATH_MISSING", "there is no folder `schemata`")


def test_files_that_git_ignores_are_not_there(tmp_path: Path) -> None:
    for path, text in {
        "schemafed.yaml": "version: 1\n",
        ".gitignore": "build/\n",
        "schemas/a.avsc": ORDER,
        "schemas/build/b.avsc": ORDER,
        "schemas/gone.avsc": ORDER,
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "add", "schemas/gone.avsc"], check=True)
    (tmp_path / "schemas/gone.avsc").unlink()

    assert list(load_desired_state(tmp_path).subjects) == ["a"]
