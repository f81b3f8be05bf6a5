"""`history` tells for each subject who changed it in Git since it was applied before."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from reconciler.ledger import lineage
from tests.repositories import MakeRepository, Repository, record, run_git

NOTE = {"name": "note", "type": "string", "default": ""}
TIP = {"name": "tip", "type": "long", "default": 0}


@pytest.fixture
def shop(make_repository: MakeRepository) -> Repository:
    """A repository in which Ada declared two subjects, which are applied."""
    repository = make_repository()
    repository.write("schemas/order.avsc", record("Order", "id"))
    repository.write("schemas/money.avsc", record("Money", "currency"))
    repository.commit("Begin")
    apply(repository)
    return repository


def apply(shop: Repository) -> None:
    done = shop.run("apply", "--yes")
    assert done.exit_code == 0, done.text


def commit_as(shop: Repository, name: str, message: str) -> str:
    """Commit as somebody; what Git calls the commit."""
    author = f"{name} <{name.lower()}@example.com>"
    shop.git("add", "--all")
    shop.git("commit", "--quiet", "--message", message, "--author", author)
    return shop.git("rev-parse", "HEAD").strip()


def changes(shop: Repository, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(shop.run("history", "--output", "json", *options).out)["changes"]
    return found


def told(change: dict[str, Any]) -> list[tuple[str, str]]:
    return [(commit["author"].partition(" ")[0], commit["subject"]) for commit in change["commits"]]


def test_each_subject_has_its_own_commits_and_authors(shop: Repository) -> None:
    shop.write("schemas/order.avsc", record("Order", "id", NOTE))
    note = commit_as(shop, "Bob", "Add a note")
    shop.write("schemas/money.avsc", record("Money", "currency", NOTE))
    commit_as(shop, "Eve", "A note on money")
    shop.write("schemas/order.avsc", record("Order", "id", NOTE, TIP))
    tip = commit_as(shop, "Eve", "Add a tip")
    shop.write("README.md", "Read me.\n")
    commit_as(shop, "Ada", "Tell what this is")
    apply(shop)

    text = shop.run("history").out
    found = {change["subject"]: change for change in changes(shop)[:2]}
    table = list(csv.DictReader(io.StringIO(shop.run("history", "--output", "csv", "--subject", "order").out)))

    assert told(found["order"]) == [("Eve", "Add a tip"), ("Bob", "Add a note")]
    assert told(found["money"]) == [("Eve", "A note on money")]
    assert found["order"]["commits"][0]["commit"] == tip
    assert (
        "✓ laptop/order  register schema, version 2 after 1\n"
        f"        {tip[:12]} Add a tip, by Eve <eve@example.com>\n"
        f"        {note[:12]} Add a note, by Bob <bob@example.com>\n"
    ) in text
    assert table[0]["commits"] == f"{tip} {note}"
    assert table[0]["authors"] == "Eve <eve@example.com>; Bob <bob@example.com>"


def test_the_commit_that_the_heading_tells_is_not_told_again(shop: Repository) -> None:
    shop.write("schemas/order.avsc", record("Order", "id", NOTE))
    commit_as(shop, "Bob", "Add a note")
    apply(shop)

    assert shop.run("history").out.count("Add a note") == 1
    assert [told(change) for change in changes(shop, "--subject", "order")] == [
        [("Bob", "Add a note")],
        [("Ada", "Begin")],
    ]


def test_modes_settings_and_removals_have_their_authors_too(shop: Repository) -> None:
    shop.write("schemas/order.meta.yaml", "compatibility: FULL\n")
    commit_as(shop, "Bob", "Be strict")
    apply(shop)
    (shop.root / "schemas/order.meta.yaml").unlink()
    commit_as(shop, "Eve", "Be less strict")
    apply(shop)
    (shop.root / "schemas/order.avsc").unlink()
    commit_as(shop, "Bob", "Drop orders")
    apply(shop)

    found = [(change["kind"], told(change)) for change in changes(shop, "--subject", "order")]

    assert found[:3] == [
        ("orphan", [("Bob", "Drop orders")]),
        ("reset_compatibility", [("Eve", "Be less strict")]),
        ("set_compatibility", [("Bob", "Be strict")]),
    ]


def test_who_worked_on_a_branch_is_told_after_its_merge_and_not_who_merged(shop: Repository) -> None:
    shop.git("checkout", "--quiet", "-b", "branch")
    shop.write("schemas/order.avsc", record("Order", "id", NOTE))
    commit_as(shop, "Bob", "Add a note")
    shop.git("checkout", "--quiet", "main")
    shop.write("schemas/money.avsc", record("Money", "currency", NOTE))
    commit_as(shop, "Eve", "A note on money")
    shop.git("merge", "--quiet", "--no-ff", "--no-edit", "branch")
    apply(shop)

    assert told(changes(shop, "--subject", "order")[0]) == [("Bob", "Add a note")]


def test_a_file_that_moved_brings_its_commits_along(shop: Repository) -> None:
    shop.write("schemas/order.avsc", record("Order", "id", NOTE))
    commit_as(shop, "Bob", "Add a note")
    (shop.root / "schemas/shop").mkdir()
    shop.git("mv", "schemas/order.avsc", "schemas/shop/order.avsc")
    commit_as(shop, "Eve", "Give orders a folder")
    apply(shop)

    assert told(changes(shop, "--subject", "order")[0]) == [("Eve", "Give orders a folder"), ("Bob", "Add a note")]


def test_many_files_are_told_as_few_are(shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.write("schemas/order.avsc", record("Order", "id", NOTE))
    commit_as(shop, "Bob", "Add a note")
    apply(shop)
    few = changes(shop)
    monkeypatch.setattr(lineage, "_MOST_NAMED", 0)

    assert changes(shop) == few


def test_in_a_folder_of_a_repository_paths_are_those_of_the_folder(make_repository: MakeRepository) -> None:
    outer = make_repository("version: 1\nregistries: {}\n")
    inner = Repository(outer.root / "data", outer.capture)
    inner.root.mkdir()
    (outer.root / "schemafed.yaml").rename(inner.root / "schemafed.yaml")
    inner.write("schemafed.yaml", LOCAL_ELSEWHERE)
    inner.write("schemas/order.avsc", record("Order", "id"))
    commit_as(inner, "Bob", "Begin within a folder")
    apply(inner)

    assert told(changes(inner)[0]) == [("Bob", "Begin within a folder")]


LOCAL_ELSEWHERE = """\
version: 1
registries: {laptop: {kind: local, path: .schemafed/registry.db}}
environments: {dev: {registries: [laptop]}}
"""


def test_a_shallow_clone_claims_nothing_of_what_it_does_not_have(shop: Repository, tmp_path: Path) -> None:
    shop.write("schemas/order.avsc", record("Order", "id", NOTE))
    commit_as(shop, "Bob", "Add a note")
    run_git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{shop.root}", "ci")
    shallow = Repository(tmp_path / "ci", shop.capture)
    apply(shallow)

    assert [told(change) for change in changes(shallow)] == [[], []]


def test_names_and_words_of_any_bytes_are_told(shop: Repository) -> None:
    shop.write("schemas/order.avsc", record("Order", "id", NOTE))
    shop.git("add", "--all")
    shop.git(
        "-c", "i18n.commitEncoding=latin-1", "commit", "--quiet", "--message", "Añadir\x1b[2J", "--author", "Ñ <n@x>"
    )
    apply(shop)

    text, found = shop.run("history"), changes(shop, "--subject", "order")

    assert text.exit_code == 0 and "\x1b" not in text.out
    assert len(found[0]["commits"]) == 1
