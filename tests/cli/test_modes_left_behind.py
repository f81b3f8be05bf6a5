"""Semantic 9: a mode that schemafed had set goes with the dropped subject, though someone else deleted that already."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.local import LocalRegistry
from reconciler.model import Mode
from reconciler.registry import RegistrySettings
from tests.repositories import LOCAL, MakeRepository, Repository, record

SETTINGS = LOCAL.replace("[laptop]", "[laptop], deletion: soft")
WITH_SETTING = "compatibility: FULL\nsettings: {write_mode: READWRITE}\n"


@pytest.fixture
def shop(make_repository: MakeRepository) -> Repository:
    """Two schemas that were applied, one of them with a mode."""
    repository = make_repository(SETTINGS)
    for name in ("kept", "gone"):
        repository.write(f"schemas/{name}.avsc", record(name.title(), "id"))
    repository.write("schemas/gone.meta.yaml", "compatibility: FULL\n")
    repository.commit()
    assert repository.run("apply", "--yes").exit_code == 0
    return repository


@pytest.fixture
def theirs(shop: Repository) -> Iterator[LocalRegistry]:
    """The registry, as someone else uses it."""
    with closing(open_local(shop.root)) as registry:
        yield registry


def open_local(root: Path) -> LocalRegistry:
    return LocalRegistry(RegistrySettings("laptop", "local", root, {"path": ".schemafed/registry.db"}))


def find_mode(registry: LocalRegistry) -> Mode | None:
    found = registry.read_state(["gone"], modes_of=["gone"]).subjects.get("gone")
    return found.mode if found else None


def drop(shop: Repository) -> None:
    for path in ("schemas/gone.avsc", "schemas/gone.meta.yaml"):
        (shop.root / path).unlink()
    shop.commit()


@pytest.mark.parametrize("sidecar", ["compatibility: FULL\n", WITH_SETTING], ids=["a mode", "a setting too"])
def test_the_mode_goes_and_then_the_subject_is_forgotten(shop: Repository, theirs: LocalRegistry, sidecar: str) -> None:
    shop.write("schemas/gone.meta.yaml", sidecar)
    shop.commit()
    assert shop.run("apply", "--yes").exit_code == 0
    theirs.delete_subject("gone", permanent=False)
    assert find_mode(theirs) is Mode.FULL
    drop(shop)

    planned = shop.run("plan")
    applied = shop.run("apply", "--yes")

    assert "someone else deleted it, and our mode was left" in planned.out
    assert applied.exit_code == 0, applied.text
    assert find_mode(theirs) is None
    assert "LET_GO" in shop.run("plan").out
    assert shop.run("apply", "--yes").exit_code == 0
    assert "gone" not in shop.run("plan").out


def test_a_mode_that_someone_else_set_since_the_plan_is_not_taken_away(
    shop: Repository, theirs: LocalRegistry, tmp_path: Path
) -> None:
    theirs.delete_subject("gone", permanent=False)
    drop(shop)
    saved = tmp_path / "plan.json"
    assert shop.run("plan", "--plan-file", str(saved)).exit_code == 0
    theirs.set_compatibility("gone", Mode.FORWARD)

    applied = shop.run("apply", "--yes", str(saved))

    assert applied.exit_code == 3
    assert "mode FULL is now FORWARD" in applied.text
    assert find_mode(theirs) is Mode.FORWARD


def test_where_the_registry_takes_no_change_the_plan_says_so(shop: Repository, theirs: LocalRegistry) -> None:
    theirs.delete_subject("gone", permanent=False)
    theirs.set_settings(None, {"write_mode": "READONLY"})
    drop(shop)

    planned = shop.run("plan", "--output", "json")

    assert planned.exit_code == 3
    assert {"SUBJECT_READONLY"} == {f["code"] for f in json.loads(planned.out)["findings"] if f["severity"] == "error"}
