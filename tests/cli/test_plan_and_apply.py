"""The main job from the command line: plan, apply, plan again, a break refused, import."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest, record

NOTE = {"name": "note", "type": ["null", "string"], "default": None}


@pytest.fixture
def shop(repository: Repository) -> Repository:
    """Two subjects, one of which uses the other."""
    repository.write("schemas/money.avsc", record("Money", "currency"))
    repository.write("schemas/order.avsc", record("Order", "id", {"name": "total", "type": "Money"}))
    repository.write("schemas/defaults.yaml", "compatibility: BACKWARD\n")
    repository.commit()
    return repository


def test_plan_apply_plan(shop: Repository) -> None:
    planned = shop.run("plan", "--detailed-exitcode")
    applied = shop.run("apply", "--yes")
    again = shop.run("plan", "--detailed-exitcode")

    assert planned.exit_code == 2
    assert "2 subjects to create, 2 modes to set" in planned.out
    assert applied.exit_code == 0
    assert "Applied. 4 changes made." in applied.out
    assert again.exit_code == 0
    assert "Nothing to do." in again.out


def test_a_plan_changes_nothing(shop: Repository) -> None:
    first = shop.run("plan", "--output", "json")

    assert json.loads(shop.run("plan", "--output", "json").out) == json.loads(first.out)


def test_applying_twice_is_harmless(shop: Repository) -> None:
    shop.run("apply", "--yes")

    again = shop.run("apply", "--yes")

    assert (again.exit_code, "Nothing to do." in again.out) == (0, True)


def test_a_compatible_change_names_the_field_and_the_version(shop: Repository) -> None:
    shop.run("apply", "--yes")
    shop.write("schemas/money.avsc", record("Money", "currency", NOTE))
    shop.commit()

    planned = shop.run("plan")
    applied = shop.run("apply", "--yes")

    assert planned.exit_code == 0
    assert "+ note" in planned.out
    assert "compatible with version 1 (BACKWARD, declared in schemas/defaults.yaml:1:1)" in planned.out
    assert "what it refers to changes: money" in planned.out
    assert applied.exit_code == 0
    assert "Applied. 2 changes made." in applied.out
    assert "Nothing to do." in shop.run("plan").out


def test_a_breaking_change_is_refused_with_line_field_and_a_way_to_mend_it(shop: Repository) -> None:
    shop.run("apply", "--yes")
    shop.write("schemas/money.avsc", record("Money", "currency", "country"))
    shop.commit()

    planned = shop.run("plan")
    applied = shop.run("apply", "--yes")

    assert planned.exit_code == 3
    assert "schemas/money.avsc:10:5" in planned.out
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in planned.out
    assert "`country` was added without a default" in planned.out
    assert "fix: add a default" in planned.out
    assert applied.exit_code == 3
    assert "Applied." not in applied.out


def test_a_saved_plan_is_applied_as_it_was_reviewed(shop: Repository, tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    shop.run("plan", "--plan-file", str(saved))

    applied = shop.run("apply", str(saved), "--yes")

    assert applied.exit_code == 0
    assert "Applied. 4 changes made." in applied.out


def test_semantic_11_a_stale_plan_is_refused_and_says_what_moved(shop: Repository, tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    shop.run("plan", "--plan-file", str(saved))
    shop.run("apply", "--yes")

    refused = shop.run("apply", str(saved), "--yes")

    assert refused.exit_code == 3
    assert "STALE_PLAN" in refused.err
    assert "latest version none is now 1" in refused.err
    assert "plan again" in refused.err


def test_a_plan_for_other_settings_is_refused(shop: Repository, tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    shop.run("plan", "--plan-file", str(saved))
    configuration = (shop.root / "schemafed.yaml").read_text()
    shop.write("schemafed.yaml", configuration.replace("registry.db", "other.db"))
    shop.commit()

    refused = shop.run("apply", str(saved), "--yes")

    assert refused.exit_code == 1
    assert "other settings" in refused.err


def test_a_plan_that_was_changed_by_hand_is_refused(shop: Repository, tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    shop.run("plan", "--plan-file", str(saved))
    saved.write_text(saved.read_text().replace("BACKWARD", "NONE"))

    refused = shop.run("apply", str(saved), "--yes")

    assert refused.exit_code == 1
    assert "was changed after it was made" in refused.err


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 9}', '{"version": 1}', "[" * 100_000])
def test_a_file_that_is_no_plan_is_refused(shop: Repository, tmp_path: Path, content: str) -> None:
    saved = tmp_path / "plan.json"
    saved.write_text(content)

    refused = shop.run("apply", str(saved), "--yes")

    assert refused.exit_code == 1
    assert "is not a plan" in refused.err


def test_a_dirty_work_tree_is_refused_unless_told_otherwise(shop: Repository) -> None:
    shop.write("schemas/note.avsc", record("Note", "text"))

    refused = shop.run("apply", "--yes")
    told = shop.run("apply", "--yes", "--allow-dirty")

    assert refused.exit_code == 1
    assert "not committed: schemas/note.avsc" in refused.err
    assert told.exit_code == 0


def test_without_a_terminal_apply_wants_a_yes(shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = shop.run("apply")

    assert refused.exit_code == 1
    assert "--yes" in refused.err
    assert "2 subjects to create" in shop.run("plan").out


def test_a_part_of_the_subjects_brings_what_it_refers_to(shop: Repository) -> None:
    shop.write("schemas/note.avsc", record("Note", "text"))
    shop.commit()

    planned = shop.run("plan", "--subject", "ord*")

    assert "+ money" in planned.out and "+ order" in planned.out
    assert "note" not in planned.out


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--subject", "nothing*"), "no subject of the repository fits nothing*"),
        (("--registry", "nowhere"), "has no registry nowhere"),
        (("-e", "moon"), "no environment `moon`"),
    ],
)
def test_a_scope_that_is_empty_is_an_error(shop: Repository, option: tuple[str, str], words: str) -> None:
    planned = shop.run("plan", *option)

    assert planned.exit_code == 1
    assert words in planned.err


def test_the_json_form_is_what_its_published_schema_says(shop: Repository) -> None:
    shop.run("apply", "--yes")
    shop.write("schemas/money.avsc", record("Money", "currency", NOTE, "country"))
    shop.write("schemas/extra.avsc", record("Extra", "id"))
    shop.commit()

    schema = json.loads(shop.run_plain("schema", "plan").out)
    document = json.loads(shop.run("plan", "--output", "json").out)

    Draft202012Validator.check_schema(schema)
    assert list(Draft202012Validator(schema).iter_errors(document)) == []
    assert document["can_apply"] is False
    # What uses the broken type is broken too.
    assert {f["subject"] for f in document["findings"]} == {"money", "order"}
    assert list(Draft202012Validator(schema).iter_errors({**document, "can_apply": "perhaps"})) != []


def test_semantic_3_an_import_makes_a_repository_whose_plan_is_empty(
    shop: Repository, make_repository: MakeRepository
) -> None:
    shop.run("apply", "--yes")
    database = shop.root / ".schemafed" / "registry.db"
    other = make_repository(
        f"version: 1\nregistries:\n  laptop: {{kind: local, path: {database}}}\n"
        "environments:\n  dev: {registries: [laptop]}\n",
        "other",
    )

    imported = other.run("import", "--registry", "laptop")
    planned = other.run("plan", "--detailed-exitcode")

    assert imported.exit_code == 0
    assert "2 subjects in 3 files" in imported.out
    assert (other.root / "schemas/defaults.yaml").read_text() == "compatibility: BACKWARD\ninherited_mode: BACKWARD\n"
    assert planned.exit_code == 0
    assert "Nothing to do." in planned.out


def test_plan_and_apply_over_rest(confluent_shop: tuple[Repository, ConfluentDouble]) -> None:
    repository, double = confluent_shop

    applied = repository.run("apply", "--yes")
    planned = repository.run("plan", "--detailed-exitcode")

    assert applied.exit_code == 0
    assert planned.exit_code == 0
    assert "Nothing to do." in planned.out
    live = RawRegistry(double.url).read_state()
    assert sorted(live) == ["money", "order"]


@pytest.fixture
def confluent_shop(confluent: ConfluentDouble, make_repository: MakeRepository) -> tuple[Repository, ConfluentDouble]:
    repository = make_repository(over_rest(confluent.url))
    repository.write("schemas/money.avsc", record("Money", "currency"))
    repository.write("schemas/order.avsc", record("Order", "id", {"name": "total", "type": "Money"}))
    repository.write("schemas/defaults.yaml", "compatibility: FULL\n")
    repository.commit()
    return repository, confluent
