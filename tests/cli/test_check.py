"""``schemafed check``: what a change breaks, told from Git alone. No test here has a registry that answers."""

from __future__ import annotations

import json

import pytest

from tests.repositories import MakeRepository, Repository, over_rest, record

NOWHERE = "http://127.0.0.1:9"


def _field(name: str, kind: str = "string", **more: object) -> dict[str, object]:
    return {"name": name, "type": kind, **more}


@pytest.fixture
def offline(make_repository: MakeRepository) -> Repository:
    """A repository whose registry does not answer, with `orders` on main and a branch checked out."""
    repository = make_repository(over_rest(NOWHERE))
    repository.write("schemas/orders.avsc", record("Order", "id"))
    repository.write("schemas/orders.yaml", "compatibility: BACKWARD\n")
    repository.commit("Begin")
    repository.git("checkout", "--quiet", "-b", "change")
    return repository


def test_semantic_4_a_compatible_change_passes_and_tells_the_mode_and_where_it_is_declared(offline: Repository) -> None:
    offline.write("schemas/orders.avsc", record("Order", "id", _field("note", default="")))
    offline.commit()

    done = offline.run("check")

    assert done.exit_code == 0, done.text
    assert "dev: 1 subject of 1 differs from main (" in done.out
    assert "~ orders  changed" in done.out
    assert "compatible with version 1 (BACKWARD, declared in schemas/orders.yaml:1:1)" in done.out
    assert '\n      + note  string = ""\n' in done.out
    assert done.out.endswith("Passed. 0 errors, 0 warnings.\n")


def test_a_changed_mode_is_told_as_it_was_and_is(offline: Repository) -> None:
    offline.write("schemas/orders.yaml", "compatibility: FULL\n")
    offline.commit()

    done = offline.run("check")
    (subject,) = json.loads(offline.run("check", "--output", "json").out)["subjects"]

    assert "~ orders  changed: mode BACKWARD → FULL" in done.out
    assert (subject["modes"], subject["differences"]) == (["BACKWARD", "FULL"], [])


def test_an_incompatible_change_blocks_at_its_line(offline: Repository) -> None:
    offline.write("schemas/orders.avsc", record("Order", "id", "note"))

    done = offline.run("check")

    assert done.exit_code == 3
    assert "incompatible with version 1" in done.out
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in done.out
    assert "schemas/orders.avsc:10" in done.out
    assert "Not passed. 1 error, 0 warnings." in done.out


def test_a_registry_that_the_change_configures_wrongly_blocks(offline: Repository) -> None:
    offline.write("schemafed.yaml", over_rest("htp:/x y"))

    done = offline.run("check")

    assert done.exit_code == 3
    assert "`url` is not a URL of http or https: htp:/x y" in done.out
    assert "schemafed.yaml:" in done.out


def test_semantic_12_a_break_of_version_1_that_the_latest_hides_blocks_under_backward_transitive(
    make_repository: MakeRepository,
) -> None:
    repository = make_repository(over_rest(NOWHERE))
    repository.write("schemas/orders.yaml", "compatibility: BACKWARD_TRANSITIVE\n")
    repository.write("schemas/orders.avsc", record("Order", _field("id")))
    repository.commit("Version 1")
    repository.write("schemas/orders.avsc", record("Order", _field("id"), _field("total", "int", default=0)))
    repository.commit("Version 2")
    first = repository.git("rev-parse", "HEAD~1").strip()[:12]
    repository.git("checkout", "--quiet", "-b", "change")
    repository.write("schemas/orders.avsc", record("Order", _field("id"), _field("total", "int")))
    repository.commit("Take the default away")

    done = repository.run("check")

    assert done.exit_code == 3
    assert "incompatible with versions 1 and 2 (BACKWARD_TRANSITIVE" in done.out
    assert f"version 1 is that of commit {first}" in done.out


def test_the_same_change_passes_under_backward(make_repository: MakeRepository) -> None:
    repository = make_repository(over_rest(NOWHERE))
    repository.write("schemas/orders.yaml", "compatibility: BACKWARD\n")
    repository.write("schemas/orders.avsc", record("Order", _field("id")))
    repository.commit("Version 1")
    repository.write("schemas/orders.avsc", record("Order", _field("id"), _field("total", "int", default=0)))
    repository.commit("Version 2")
    repository.git("checkout", "--quiet", "-b", "change")
    repository.write("schemas/orders.avsc", record("Order", _field("id"), _field("total", "int")))
    repository.commit("Take the default away")

    assert repository.run("check").exit_code == 0


def test_semantic_12_the_history_follows_a_file_that_was_renamed_and_what_it_uses(
    make_repository: MakeRepository,
) -> None:
    repository = make_repository(over_rest(NOWHERE))
    repository.write("schemas/defaults.yaml", "compatibility: BACKWARD_TRANSITIVE\n")
    repository.write("schemas/old/money.avsc", record("Money", _field("amount", "int")))
    repository.write("schemas/old/orders.avsc", record("Order", _field("price", "com.acme.Money")))
    repository.commit("Version 1")
    repository.write("schemas/old/money.avsc", record("Money", _field("amount", "long")))
    repository.commit("Version 2")
    repository.git("mv", "schemas/old", "schemas/new")
    repository.commit("Move")
    repository.git("checkout", "--quiet", "-b", "change")
    repository.write("schemas/new/money.avsc", record("Money", _field("amount", "double"), _field("unit")))
    repository.commit("A unit")

    checked = json.loads(repository.run("check", "--output", "json").out)

    subjects = {subject["name"]: subject for subject in checked["subjects"]}
    assert subjects["money"]["verdicts"][0]["versions"] == [1, 2]
    assert subjects["orders"]["verdicts"][0]["versions"] == [1, 2]
    assert subjects["orders"]["verdicts"][0]["outcome"] == "incompatible"


def test_a_file_that_was_renamed_is_no_change_where_the_subject_keeps_its_name(offline: Repository) -> None:
    offline.git("mv", "schemas/orders.avsc", "schemas/placed.avsc")
    offline.git("mv", "schemas/orders.yaml", "schemas/placed.yaml")
    offline.write("schemas/placed.yaml", "subject: orders\ncompatibility: BACKWARD\n")
    offline.commit("Rename the file")

    done = offline.run("check")

    assert done.exit_code == 0, done.text
    assert "dev: no subject differs from main" in done.out


def test_a_subject_that_was_renamed_is_said_to_be_created_and_dropped(offline: Repository) -> None:
    offline.git("mv", "schemas/orders.avsc", "schemas/placed.avsc")
    offline.git("mv", "schemas/orders.yaml", "schemas/placed.yaml")
    offline.commit("Rename the subject")

    done = offline.run("check")

    assert done.exit_code == 0, done.text
    assert "~ placed  was orders: a new subject for registries, where the other one is dropped" in done.out


def test_what_uses_a_schema_that_broke_is_still_declared(offline: Repository) -> None:
    offline.git("checkout", "--quiet", "main")
    offline.write("schemas/line.avsc", record("Line", "id"))
    offline.write("schemas/orders.avsc", record("Order", "id", _field("line", "Line")))
    offline.commit("Refer")
    offline.git("checkout", "--quiet", "-B", "change")
    offline.write("schemas/line.avsc", record("Line", "id", _field("more", "Nowhere")))
    offline.commit()

    done = offline.run("check", "--all")

    assert done.exit_code == 3, done.text
    assert "no schema defines `com.acme.Nowhere`" in done.out
    assert "is not declared any more" not in done.out


def test_what_was_wrong_before_is_shown_apart_and_does_not_block(offline: Repository) -> None:
    offline.git("checkout", "--quiet", "main")
    offline.write("schemas/broken.avsc", "{")
    offline.commit("Break something")
    offline.git("checkout", "--quiet", "-b", "another")
    offline.write("schemas/orders.avsc", record("Order", "id", _field("note", default="")))
    offline.commit()

    done = offline.run("check", "--all")

    assert done.exit_code == 0, done.text
    assert "There before this change, and not counted:" in done.out
    assert "Passed. 0 errors, 0 warnings; 1 there before." in done.out


def test_what_was_wrong_before_is_left_out_where_the_change_does_not_concern_it(offline: Repository) -> None:
    offline.git("checkout", "--quiet", "main")
    offline.write("schemas/broken.avsc", "{")
    offline.write("schemas/unused.yaml", "owner: nobody\n")
    offline.commit("Break something")
    offline.git("checkout", "--quiet", "-b", "another")
    offline.write("schemas/orders.avsc", record("Order", "id", _field("note", default="")))

    done = offline.run("check")

    assert done.exit_code == 0, done.text
    assert "dev: 1 subject of 2 differs from main (" in done.out
    assert "Passed. 0 errors, 0 warnings.\n" in done.out


def test_what_was_wrong_before_with_a_changed_file_is_shown(offline: Repository) -> None:
    offline.git("checkout", "--quiet", "main")
    offline.write("schemas/broken.avsc", "{")
    offline.commit("Break something")
    offline.git("checkout", "--quiet", "-b", "another")
    offline.write("schemas/broken.yaml", "compatibility: FULL\n")

    done = offline.run("check")

    assert done.exit_code == 0, done.text
    assert "Passed. 0 errors, 0 warnings; 1 there before." in done.out


def test_an_incompatibility_that_was_there_before_does_not_block(make_repository: MakeRepository) -> None:
    repository = make_repository(over_rest(NOWHERE))
    repository.write("schemas/orders.avsc", record("Order", _field("id", "string")))
    repository.commit("Version 1")
    repository.write("schemas/orders.avsc", record("Order", _field("id", "int")))
    repository.commit("Version 2 breaks version 1")
    repository.write("schemas/orders.yaml", "compatibility: BACKWARD_TRANSITIVE\n")
    repository.commit("Be strict from now on")
    repository.git("checkout", "--quiet", "-b", "change")
    repository.write("schemas/orders.avsc", record("Order", _field("id", "int"), _field("note", default="")))
    repository.commit()

    done = repository.run("check")

    assert done.exit_code == 0, done.text
    assert "There before this change, and not counted:" in done.out
    assert "TYPE_MISMATCH" in done.out


def test_a_waiver_leads_a_break_through(offline: Repository) -> None:
    offline.write("schemas/orders.avsc", record("Order", "id", "note"))
    waiver = "{code: READER_FIELD_MISSING_DEFAULT_VALUE, reason: never read, approver: ada, until: 2999-01-01}"
    offline.write("schemas/orders.yaml", f"compatibility: BACKWARD\nwaivers: [{waiver}]\n")

    done = offline.run("check")

    assert done.exit_code == 0, done.text
    assert "WAIVED" in done.out
    assert "never read" in done.out


def test_semantic_5_a_mode_that_loosens_counts_before_the_change_and_one_that_tightens_after(
    offline: Repository,
) -> None:
    offline.write("schemas/orders.avsc", record("Order", "id", "note"))
    offline.write("schemas/orders.yaml", "compatibility: NONE\n")
    loosened = offline.run("check")
    offline.write("schemas/orders.avsc", record("Order", "id", _field("note", default="")))
    offline.write("schemas/orders.yaml", "compatibility: FULL\n")
    tightened = offline.run("check", "--output", "json")

    assert loosened.exit_code == 0, loosened.text
    assert json.loads(tightened.out)["subjects"][0]["verdicts"][0]["mode"] == "BACKWARD"


def test_staged_checks_the_index_and_not_the_files(offline: Repository) -> None:
    offline.write("schemas/orders.avsc", record("Order", "id", "note"))
    offline.git("add", ".")
    offline.write("schemas/orders.avsc", record("Order", "id"))

    files, staged = offline.run("check"), offline.run("check", "--staged")

    assert (files.exit_code, staged.exit_code) == (0, 3)
    assert "differs from HEAD" in staged.out


def test_semantic_4_a_mode_that_nobody_declared_is_assumed_and_said_so(offline: Repository) -> None:
    offline.write("schemas/orders.yaml", "owner: payments\n")
    offline.commit()
    offline.git("branch", "--force", "main")
    offline.write("schemas/orders.avsc", record("Order", "id", "note"))

    done = offline.run("check")

    assert done.exit_code == 3
    assert "(BACKWARD, assumed, since none is declared)" in done.out


def test_semantic_12_a_shallow_clone_that_cannot_be_deepened_never_passes_plainly(
    make_repository: MakeRepository, offline: Repository
) -> None:
    offline.git("checkout", "--quiet", "main")
    offline.write("schemas/orders.yaml", "compatibility: FULL_TRANSITIVE\n")
    offline.commit("Strict")
    clone = offline.root.parent / "clone"
    offline.git("clone", "--quiet", "--depth", "1", f"file://{offline.root}", str(clone))
    shallow = Repository(clone, offline.capture)
    shallow.git("remote", "set-url", "origin", "file:///nowhere")
    shallow.write("schemas/orders.avsc", record("Order", "id", _field("note", default="")))

    done = shallow.run("check")

    assert done.exit_code == 3
    assert "HISTORY_INCOMPLETE" in done.out
    assert "only 1 earlier version was seen" in done.out
    assert "git fetch --unshallow" in done.out


def test_semantic_12_a_shallow_clone_is_deepened_where_the_history_is_needed(offline: Repository) -> None:
    offline.git("checkout", "--quiet", "main")
    offline.write("schemas/orders.yaml", "compatibility: BACKWARD_TRANSITIVE\n")
    offline.write("schemas/orders.avsc", record("Order", "id", _field("total", "int", default=0)))
    offline.commit("Version 2")
    clone = offline.root.parent / "clone"
    offline.git("clone", "--quiet", "--depth", "1", f"file://{offline.root}", str(clone))
    shallow = Repository(clone, offline.capture)
    shallow.write("schemas/orders.avsc", record("Order", "id", _field("total", "int")))

    done = shallow.run("check")

    assert done.exit_code == 3
    assert "incompatible with versions 1 and 2" in done.out
    assert "deepening this shallow clone" in done.err


def test_semantic_12_a_schema_that_was_never_applied_does_not_count_where_the_ledger_says_so(
    make_repository: MakeRepository,
) -> None:
    repository = make_repository()
    repository.write("schemas/orders.yaml", "compatibility: BACKWARD_TRANSITIVE\n")
    repository.write("schemas/orders.avsc", record("Order", _field("id")))
    repository.commit("Version 1")
    assert repository.run("apply", "--yes").exit_code == 0
    repository.write("schemas/orders.avsc", record("Order", _field("id"), _field("total", "string", default="")))
    repository.commit("A mistake that nobody applied")
    repository.write("schemas/orders.avsc", record("Order", _field("id"), _field("total", "int", default=0)))
    repository.commit("Version 2")
    assert repository.run("apply", "--yes").exit_code == 0
    repository.git("checkout", "--quiet", "-b", "change")
    repository.write("schemas/orders.avsc", record("Order", _field("id"), _field("total", "long", default=0)))

    with_ledger = repository.run("check")
    repository.git("update-ref", "-d", "refs/schemafed/dev")
    without = repository.run("check")

    assert with_ledger.exit_code == 0, with_ledger.text
    assert "compatible with versions 1 and 2" in with_ledger.out
    assert without.exit_code == 3
    assert "incompatible with versions 1 to 3" in without.out


def test_a_repository_without_commits_is_validated(make_repository: MakeRepository) -> None:
    repository = make_repository(over_rest(NOWHERE))
    repository.write("schemas/orders.avsc", record("Order", "id"))

    done = repository.run("check")

    assert done.exit_code == 0, done.text
    assert "+ orders  added" in done.out


def test_a_base_that_is_not_there_is_an_error(offline: Repository) -> None:
    done = offline.run("check", "--base", "release")

    assert done.exit_code == 1
    assert "--base: Git knows no revision `release`" in done.err


@pytest.fixture
def once_broken(make_repository: MakeRepository) -> Repository:
    """A repository under a transitive mode in whose history one schema cannot be read."""
    repository = make_repository(over_rest(NOWHERE))
    repository.write("schemas/orders.yaml", "compatibility: BACKWARD_TRANSITIVE\n")
    repository.write("schemas/orders.avsc", '{"type": "record", ')
    repository.commit("Half a schema")
    repository.write("schemas/orders.avsc", record("Order", "id"))
    repository.commit("A whole one")
    repository.write("schemas/orders.avsc", record("Order", "id", _field("note", default="")))
    return repository


def test_an_earlier_schema_that_cannot_be_read_is_no_plain_pass(once_broken: Repository) -> None:
    broken = once_broken.git("rev-parse", "HEAD~1").strip()[:12]

    done = once_broken.run("check")

    assert done.exit_code == 3
    assert "HISTORY_INCOMPLETE" in done.out
    text = " ".join(done.out.split())
    assert f"schemas/orders.avsc cannot be read as it was at commit {broken}, and the mode counts it" in text


def test_a_waiver_leads_through_a_history_that_cannot_be_read(once_broken: Repository) -> None:
    waiver = "{code: HISTORY_INCOMPLETE, reason: never applied, approver: ada, until: 2999-01-01}"
    once_broken.write("schemas/orders.yaml", f"compatibility: BACKWARD_TRANSITIVE\nwaivers: [{waiver}]\n")

    done = once_broken.run("check")

    assert done.exit_code == 0, done.text
    assert "never applied" in done.out


def test_an_earlier_schema_that_cannot_be_read_does_not_matter_where_only_the_latest_counts(
    once_broken: Repository,
) -> None:
    once_broken.write("schemas/orders.yaml", "compatibility: BACKWARD\n")
    once_broken.commit("Let only the latest count")
    once_broken.write("schemas/orders.avsc", record("Order", "id", _field("another", default="")))

    assert once_broken.run("check").exit_code == 0
