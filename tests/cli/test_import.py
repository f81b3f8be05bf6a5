"""Import: whatever a registry holds, the next plan is empty; and the past becomes commits."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.doubles.confluent import ConfluentDouble
from tests.repositories import MakeRepository, Repository, over_rest, record

MONEY = json.dumps(record("Money", "currency"))
MONEY_2 = json.dumps(record("Money", "currency", {"name": "scale", "type": "int", "default": 2}))
ORDER = json.dumps(record("Order", "id", {"name": "total", "type": "com.acme.Money"}))
NOTE: dict[str, object] = {"name": "note", "type": ["null", "string"], "default": None}


@pytest.fixture
def repository(double: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    return make_repository(over_rest(double.url))


def reference(name: str, subject: str, version: int) -> dict[str, object]:
    return {"name": name, "subject": subject, "version": version}


def import_and_plan(repository: Repository, *options: str) -> str:
    """Import, and see that the plan is empty; returns what the import said."""
    imported = repository.run("import", "--registry", "orders", *options)
    assert imported.exit_code == 0, imported.text
    planned = repository.run("plan", "--detailed-exitcode")
    assert planned.exit_code == 0, planned.text
    assert "Nothing to do." in planned.out
    return imported.text


def sidecar(repository: Repository, name: str) -> dict[str, object]:
    content = yaml.safe_load((repository.root / f"schemas/{name}.meta.yaml").read_text())
    assert isinstance(content, dict)
    return content


def test_an_avro_reference_that_the_text_tells_needs_no_line(double: ConfluentDouble, repository: Repository) -> None:
    double.register("money", MONEY)
    double.register("order", ORDER, references=[reference("com.acme.Money", "money", 1)])

    import_and_plan(repository)

    assert not (repository.root / "schemas/order.meta.yaml").exists()


def test_a_reference_to_an_older_version_becomes_a_pin(double: ConfluentDouble, repository: Repository) -> None:
    double.register("money", MONEY)
    double.register("order", ORDER, references=[reference("com.acme.Money", "money", 1)])
    double.register("money", MONEY_2)

    import_and_plan(repository)

    (line,) = sidecar(repository, "order")["references"]  # type: ignore[misc]
    assert line == {"name": "com.acme.Money", "subject": "money", "version": 1, "file": "../pins/money-1.avsc"}
    assert json.loads((repository.root / "pins/money-1.avsc").read_text()) == json.loads(MONEY)


def test_what_a_pinned_version_refers_to_itself_is_pinned_beside_it(
    double: ConfluentDouble, repository: Repository
) -> None:
    line = json.dumps(record("Line", {"name": "price", "type": "Money"}))
    longer = json.dumps(record("Line", {"name": "price", "type": "Money"}, NOTE))
    order = json.dumps(record("Order", {"name": "line", "type": "Line"}))
    double.register("money", MONEY)
    double.register("line", line, references=[reference("com.acme.Money", "money", 1)])
    double.register("order", order, references=[reference("com.acme.Line", "line", 1)])
    double.register("money", MONEY_2)
    double.register("line", longer, references=[reference("com.acme.Money", "money", 2)])

    import_and_plan(repository)

    (pinned,) = sidecar(repository, "order")["references"]  # type: ignore[misc]
    assert pinned["file"] == "../pins/line-1.avsc"
    (below,) = yaml.safe_load((repository.root / "pins/line-1.meta.yaml").read_text())["references"]
    assert below == {"name": "com.acme.Money", "subject": "money", "version": 1, "file": "money-1.avsc"}
    assert json.loads((repository.root / "pins/money-1.avsc").read_text()) == json.loads(MONEY)


def test_a_name_that_the_text_does_not_have_becomes_a_line(double: ConfluentDouble, repository: Repository) -> None:
    double.register("money", MONEY)
    double.register("order", ORDER, references=[reference("whatever", "money", 1)])

    import_and_plan(repository)

    assert sidecar(repository, "order")["references"] == [{"name": "whatever", "subject": "money"}]


def test_json_and_protobuf_references(double: ConfluentDouble, repository: Repository) -> None:
    double.register("address", '{"type": "object", "properties": {"city": {"type": "string"}}}', schemaType="JSON")
    person = {"type": "object", "properties": {"home": {"$ref": "address.json"}}}
    double.register(
        "person", json.dumps(person), schemaType="JSON", references=[reference("address.json", "address", 1)]
    )
    double.register("money-proto", 'syntax = "proto3"; message Money { int64 units = 1; }', schemaType="PROTOBUF")
    double.register(
        "order-proto",
        'syntax = "proto3"; import "acme/money.proto"; message Order { Money total = 1; }',
        schemaType="PROTOBUF",
        references=[reference("acme/money.proto", "money-proto", 1)],
    )

    import_and_plan(repository)

    assert sidecar(repository, "person")["references"] == [{"name": "address.json", "subject": "address"}]
    assert (repository.root / "schemas/order-proto.proto").read_text().startswith('syntax = "proto3";')


def test_modes_metadata_and_the_level_are_kept(double: ConfluentDouble, repository: Repository) -> None:
    double.register("money", MONEY, metadata={"properties": {"retention": "30d"}, "tags": {"**.x": ["PII"]}})
    double.register("note", '"string"')
    double.set_compatibility("money", "FULL_TRANSITIVE")
    double.set_compatibility("", "FORWARD")

    import_and_plan(repository)

    assert sidecar(repository, "money") == {
        "compatibility": "FULL_TRANSITIVE",
        "metadata": {"properties": {"retention": "30d"}, "tags": {"**.x": ["PII"]}},
    }
    assert (repository.root / "schemas/defaults.yaml").read_text() == "inherited_mode: FORWARD\n"
    assert not (repository.root / "schemas/note.meta.yaml").exists()


NAMES = ["a/b c", ".hidden", "con", "Order", "order", "%41", "päron", "x" * 240, ":.ctx:subject", "defaults"]


def test_names_that_a_file_system_does_not_hold(double: ConfluentDouble, repository: Repository) -> None:
    for name in NAMES:
        double.register(name, '"string"')

    text = import_and_plan(repository)

    assert f"{len(NAMES)} subjects" in text


def test_a_subject_that_cannot_be_read_is_left_out_and_the_others_come(
    double: ConfluentDouble, repository: Repository
) -> None:
    double.register("money", MONEY)
    double.register("broken", '"string"')
    double.plant_text("broken", "{")

    imported = repository.run("import", "--registry", "orders")

    assert imported.exit_code == 0
    assert "LIVE_SUBJECT_UNREADABLE" in imported.err
    assert "broken" in imported.err
    assert (repository.root / "schemas/money.avsc").exists()
    assert not (repository.root / "schemas/broken.avsc").exists()


def test_history_makes_one_commit_per_version_in_the_registrys_order(
    double: ConfluentDouble, repository: Repository
) -> None:
    double.register("money", MONEY)
    double.register("order", ORDER, references=[reference("com.acme.Money", "money", 1)])
    double.register("money", MONEY_2)
    repository.commit("start")

    import_and_plan(repository, "--history")

    assert repository.git("log", "--reverse", "--format=%s").splitlines() == [
        "start",
        "Import money version 1",
        "Import order version 1",
        "Import money version 2",
        "Import orders: modes, metadata and references",
    ]
    assert repository.git("status", "--porcelain") == ""


def test_history_wants_a_clean_work_tree(double: ConfluentDouble, repository: Repository) -> None:
    double.register("money", MONEY)

    refused = repository.run("import", "--registry", "orders", "--history")

    assert refused.exit_code == 1
    assert "makes commits" in refused.err
    assert not (repository.root / "schemas/money.avsc").exists()


def test_files_in_the_way_are_named_and_kept(double: ConfluentDouble, repository: Repository) -> None:
    double.register("money", MONEY)
    mine = repository.write("schemas/money.avsc", '"string"')

    refused = repository.run("import", "--registry", "orders")
    kept = mine.read_text()
    replaced = repository.run("import", "--registry", "orders", "--overwrite")

    assert refused.exit_code == 1
    assert "schemas/money.avsc" in refused.err
    assert kept == '"string"'
    assert replaced.exit_code == 0
    assert json.loads(mine.read_text()) == json.loads(MONEY)


def test_a_subject_that_stands_elsewhere_already_is_left_there(double: ConfluentDouble, repository: Repository) -> None:
    double.register("money", MONEY)
    repository.write("schemas/team/money.avsc", MONEY)

    imported = repository.run("import", "--registry", "orders")

    assert imported.exit_code == 0
    assert "ALREADY_DECLARED" in imported.err
    assert not (repository.root / "schemas/money.avsc").exists()


def test_a_part_of_the_registry_pins_what_is_left_out(double: ConfluentDouble, repository: Repository) -> None:
    double.register("money", MONEY)
    double.register("order", ORDER, references=[reference("com.acme.Money", "money", 1)])

    import_and_plan(repository, "--subject", "ord*")

    assert (repository.root / "pins/money-1.avsc").exists()
    assert not (repository.root / "schemas/money.avsc").exists()


def test_names_of_the_registrys_template_are_turned_back(
    double: ConfluentDouble, make_repository: MakeRepository
) -> None:
    double.register("dev.money", MONEY)
    double.register("other", '"string"')
    repository = make_repository(over_rest(double.url, '    name: "{{ environment }}.{{ name }}"'))

    import_and_plan(repository)

    assert (repository.root / "schemas/money.avsc").exists()
    assert not (repository.root / "schemas/other.avsc").exists()


def test_an_empty_registry_and_an_unknown_one_are_errors(repository: Repository) -> None:
    empty = repository.run("import", "--registry", "orders")
    unknown = repository.run("import", "--registry", "nowhere")

    assert (empty.exit_code, "no subject that fits" in empty.err) == (1, True)
    assert (unknown.exit_code, "nowhere" in unknown.err) == (1, True)


def test_import_notes_the_level_of_the_context(double: ConfluentDouble, repository: Repository) -> None:
    double.set_compatibility("", "FULL")
    double.set_compatibility(":.team:", "FORWARD")
    double.register(":.team:order", MONEY)
    double.register("money", MONEY)

    import_and_plan(repository)

    [team] = (repository.root / "schemas").glob("*team*.meta.yaml")
    assert yaml.safe_load(team.read_text())["inherited_mode"] == "FORWARD"
    assert yaml.safe_load((repository.root / "schemas/defaults.yaml").read_text()) == {"inherited_mode": "FULL"}
    assert not (repository.root / "schemas/money.meta.yaml").exists()
