"""What Git can hold that is not what one expects: each is read right, or said clearly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest, record

NOWHERE = over_rest("http://127.0.0.1:9")
POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
    "size 12345\n"
)
AWKWARD = ["-order", "two words", "o'brien", "über", "a:b", "glob*[x]?", ":(top)x", "tab\there", "new\nline"]
"""Names of files that Git, a shell or a pattern could take for something else."""


def _forget(repository: Repository) -> None:
    """Let Git drop every commit that no ref leads to."""
    repository.git("reflog", "expire", "--expire=now", "--all")
    repository.git("gc", "--quiet", "--prune=now")


def test_a_source_commit_that_only_the_ledger_knows_can_be_gone_back_to(
    online: Repository, double: ConfluentDouble
) -> None:
    online.write("schemas/orders.avsc", record("Order", "id"))
    online.commit("Begin")
    online.write("schemas/orders.avsc", record("Order", "id", {"name": "note", "type": "string", "default": ""}))
    online.commit("Applied, then pushed over")
    lost = online.git("rev-parse", "HEAD").strip()
    assert online.run("apply", "--yes").exit_code == 0
    online.git("reset", "--quiet", "--hard", "HEAD~1")
    online.git("commit", "--quiet", "--amend", "--message", "Begin again")
    _forget(online)

    history = online.run("history")
    planned = online.run("plan")
    back = online.run("rollback", "--to", lost)

    assert lost[:12] in history.out
    assert "Applied, then pushed over" in history.out
    assert planned.exit_code == 0, planned.text
    assert back.exit_code == 0, back.text
    assert online.run("plan", "--detailed-exitcode").exit_code == 0
    assert "note" in RawRegistry(double.url).read_version("orders").text


@pytest.mark.parametrize("command", ["plan", "apply", "check", "rollback", "drift"])
def test_a_repository_without_commits_says_what_is_missing(
    make_repository: MakeRepository, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = make_repository()
    monkeypatch.chdir(repository.root)
    repository.write("schemas/orders.avsc", record("Order", "id"))
    options = {"apply": ["--yes", "--allow-dirty"], "rollback": ["--to", "HEAD"]}.get(command, [])

    done = repository.run(command, *options)

    refused = command in ("apply", "rollback")
    assert done.exit_code == (1 if refused else 0), done.text
    assert ("has no commit yet" in done.err) is refused
    assert "Traceback" not in done.text


@pytest.mark.parametrize("command", ["validate", "plan", "apply", "check", "drift", "history", "rollback"])
def test_a_bare_repository_is_named_as_one(make_repository: MakeRepository, tmp_path: Path, command: str) -> None:
    repository = make_repository()
    bare = tmp_path / "bare.git"
    repository.git("clone", "--quiet", "--bare", str(repository.root), str(bare))
    options = {"rollback": ["--to", "HEAD"]}.get(command, [])

    done = repository.run_plain(command, "-C", str(bare), *options)

    assert done.exit_code == 1
    assert "is a bare Git repository, which holds no files" in done.err
    assert "clone it" in done.err


def test_schemas_in_a_submodule_are_not_read_and_that_is_said(make_repository: MakeRepository) -> None:
    inner = make_repository(NOWHERE, "inner")
    inner.write("hidden.avsc", record("Hidden", "id"))
    inner.commit("Inner")
    outer = make_repository(NOWHERE, "outer")
    outer.write("schemas/orders.avsc", record("Order", "id"))
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root), "schemas/inner")
    outer.commit("With a submodule")

    done = outer.run("validate")
    checked = outer.run("check", "--base", "HEAD")

    assert done.exit_code == 0, done.text
    assert "  schemas/inner\n  LINK_NOT_FOLLOWED\n" in done.out
    assert "Valid. 1 subject" in done.out
    assert checked.exit_code == 0, checked.text


@pytest.mark.parametrize("file", ["orders.avsc", "orders.proto", "orders.schema.json"])
def test_a_pointer_of_lfs_in_place_of_a_schema_names_lfs(make_repository: MakeRepository, file: str) -> None:
    repository = make_repository(NOWHERE)
    repository.write(f"schemas/{file}", POINTER)

    done = repository.run("validate")

    assert done.exit_code == 3
    assert f"  schemas/{file}\n  SCHEMA_IN_LFS\n" in done.out
    assert "git lfs pull" in done.out


def test_a_pointer_of_lfs_in_place_of_settings_names_lfs(make_repository: MakeRepository) -> None:
    repository = make_repository(NOWHERE)
    repository.write("schemas/defaults.yaml", POINTER)

    done = repository.run("validate")

    assert done.exit_code == 3
    assert "git lfs pull" in done.out


def test_line_ends_of_windows_are_no_change(online: Repository) -> None:
    text = '{"type": "record", "name": "Order",\n "doc": "two\\nlines", "fields": []}\n'
    online.write("schemas/orders.avsc", text)
    online.write("schemas/orders.yaml", "compatibility: FULL\nowner: payments\n")
    online.commit("Begin")
    assert online.run("apply", "--yes").exit_code == 0
    online.write("schemas/orders.avsc", text.replace("\n", "\r\n"))
    online.write("schemas/orders.yaml", "compatibility: FULL\r\nowner: payments\r\n")
    online.commit("Line ends of Windows")

    checked = online.run("check", "--base", "HEAD~1")
    planned = online.run("plan", "--detailed-exitcode")

    assert checked.exit_code == 0, checked.text
    assert "no subject differs" in checked.out
    assert planned.exit_code == 0, planned.text


@pytest.mark.parametrize("name", AWKWARD)
def test_a_file_with_an_unusual_name_is_checked_applied_and_rolled_back(online: Repository, name: str) -> None:
    online.write(f"schemas/{name}.avsc", record("Order", "id"))
    online.write(f"schemas/{name}.yaml", "subject: orders\n")
    online.commit("Begin")
    assert online.run("apply", "--yes").exit_code == 0
    online.write(f"schemas/{name}.avsc", record("Order", "id", {"name": "note", "type": "string", "default": ""}))
    online.commit("More")
    assert online.run("apply", "--yes").exit_code == 0

    checked = online.run("check", "--base", "HEAD~1")
    back = online.run("rollback", "--to", "HEAD~1", "--subject", "orders")

    assert "~ orders  changed" in checked.out, checked.text
    assert back.exit_code == 0, back.text
    assert online.git("diff", "--stat", "HEAD~2", "HEAD") == ""
    assert "becomes the latest again" in back.out


def test_a_renamed_file_of_the_same_subject_is_no_change(online: Repository) -> None:
    online.write("schemas/orders.avsc", record("Order", "id"))
    online.commit("Begin")
    assert online.run("apply", "--yes").exit_code == 0
    (online.root / "schemas/shop").mkdir()
    online.git("mv", "schemas/orders.avsc", "schemas/shop/orders.avsc")
    online.commit("Move the file")

    planned = online.run("plan", "--detailed-exitcode")

    assert planned.exit_code == 0, planned.text


def test_a_renamed_subject_is_created_and_the_other_left_as_an_orphan(online: Repository) -> None:
    online.write("schemas/orders.avsc", record("Order", "id"))
    online.commit("Begin")
    assert online.run("apply", "--yes").exit_code == 0
    online.git("mv", "schemas/orders.avsc", "schemas/placed.avsc")
    online.commit("Rename the subject")

    planned = online.run("plan")

    assert planned.exit_code == 0, planned.text
    assert "+ placed  new subject" in planned.out
    assert "before, Git called it orders" in planned.out
    assert "ORPHAN" in planned.out


def test_a_subject_that_moves_to_another_registry_is_created_there_and_left_here(
    double: ConfluentDouble, make_repository: MakeRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ConfluentDouble("8.1") as other:
        repository = make_repository(
            f"version: 1\nregistries:\n  here: {{kind: confluent, url: '{double.url}'}}\n"
            f"  there: {{kind: confluent, url: '{other.url}'}}\nenvironments:\n  dev: {{registries: [here, there]}}\n"
        )
        monkeypatch.chdir(repository.root)
        repository.write("schemas/orders.avsc", record("Order", "id"))
        repository.write("schemas/orders.yaml", "registries: [here]\n")
        repository.commit("Begin")
        assert repository.run("apply", "--yes").exit_code == 0
        repository.write("schemas/orders.yaml", "registries: [there]\n")
        repository.commit("Move")

        planned = repository.run("plan")
        applied = repository.run("apply", "--yes")

        assert "here" in planned.out
        assert "ORPHAN" in planned.out
        assert applied.exit_code == 0, applied.text
        assert RawRegistry(other.url).read_subjects() == ["orders"]
        assert RawRegistry(double.url).read_subjects() == ["orders"]


@pytest.mark.parametrize("path", ["schemas/inner", "schemas/inner/avro"])
def test_a_submodule_in_place_of_a_folder_of_schemas_is_an_error(make_repository: MakeRepository, path: str) -> None:
    inner = make_repository(NOWHERE, "inner")
    inner.write("avro/hidden.avsc", record("Hidden", "id"))
    inner.commit("Inner")
    outer = make_repository(f"{NOWHERE}paths: [{path}]\n", "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root), "schemas/inner")

    done = outer.run("validate")

    assert done.exit_code == 3
    assert f"  {path}\n  LINK_NOT_FOLLOWED\n" in done.out
    assert "a repository of its own (a submodule)" in done.out


def test_a_link_in_place_of_the_folder_of_schemas_is_an_error(make_repository: MakeRepository) -> None:
    repository = make_repository(f"{NOWHERE}paths: [linked]\n")
    repository.write("schemas/orders.avsc", record("Order", "id"))
    (repository.root / "linked").symlink_to("schemas")

    done = repository.run("validate")

    assert done.exit_code == 3
    assert "the folder is a link, which Git does not follow" in done.out


def test_a_folder_of_schemas_may_be_written_from_where_the_settings_are(make_repository: MakeRepository) -> None:
    repository = make_repository(f"{NOWHERE}paths: [./schemas//shop/]\n")
    repository.write("schemas/shop/orders.avsc", record("Order", "id"))

    assert "Valid. 1 subject" in repository.run("validate").out


@pytest.mark.parametrize("command", ["validate", "plan", "apply", "check"])
def test_what_a_sparse_checkout_leaves_out_does_not_count_as_dropped(online: Repository, command: str) -> None:
    online.write("schemas/shop/orders.avsc", record("Order", "id"))
    online.write("schemas/bank/money.avsc", record("Money", "id"))
    online.commit("Begin")
    assert online.run("apply", "--yes").exit_code == 0
    online.git("sparse-checkout", "set", "schemas/shop")

    done = online.run(command, *(["--yes"] if command == "apply" else []))

    assert done.exit_code == 3
    assert "this sparse checkout leaves out schemas/bank/money.avsc" in done.text
    assert "git sparse-checkout disable" in done.text


@pytest.fixture
def in_lfs(make_repository: MakeRepository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository that has pointers where the work tree has schemas, as with Git LFS; the schema changed since."""
    repository = make_repository(NOWHERE)
    monkeypatch.chdir(repository.root)
    kept = repository.root / ".git/kept"
    kept.mkdir()
    clean = f"cat > {kept}/new; sum=$(sha256sum < {kept}/new | cut -c 1-64); mv {kept}/new {kept}/$sum; "
    clean += "printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%s\\n' $sum"
    repository.git("config", "filter.lfs.clean", clean)
    repository.git("config", "filter.lfs.smudge", f"cat {kept}/$(sed -n s/oid.sha256://p)")
    repository.write(".gitattributes", "*.avsc filter=lfs\n")
    repository.write("schemas/orders.avsc", record("Order", "id"))
    repository.commit("Begin")
    repository.write("schemas/orders.avsc", record("Order", "id", {"name": "amount", "type": "int"}))
    repository.commit("An incompatible change")
    return repository


@pytest.mark.parametrize(("mode", "code"), [("BACKWARD", 3), ("FULL_TRANSITIVE", 3), ("NONE", 0)])
def test_a_change_of_what_lfs_keeps_is_not_taken_for_a_new_subject(in_lfs: Repository, mode: str, code: int) -> None:
    in_lfs.write("schemas/orders.yaml", f"compatibility: {mode}\n")

    done = in_lfs.run("check", "--base", "HEAD~1")

    assert done.exit_code == code, done.text
    assert "~ orders  changed, from what cannot be read any more" in done.out
    assert ("HISTORY_INCOMPLETE" in done.out) is (code == 3)
    assert ("a pointer of Git LFS" in done.out) is (code == 3)


def test_a_rollback_to_what_lfs_keeps_removes_nothing(in_lfs: Repository) -> None:
    before = in_lfs.git("rev-parse", "HEAD")

    done = in_lfs.run("rollback", "--to", "HEAD~1")

    assert done.exit_code == 3
    assert "SCHEMA_IN_LFS" in done.text
    assert "cannot be read as they were at HEAD~1; nothing was changed" in done.text
    assert in_lfs.git("rev-parse", "HEAD") == before
    assert (in_lfs.root / "schemas/orders.avsc").exists()


def test_a_change_of_a_broken_schema_is_judged_against_the_last_one_that_can_be_read(
    make_repository: MakeRepository,
) -> None:
    repository = make_repository(NOWHERE)
    repository.write("schemas/orders.avsc", record("Order", "id"))
    repository.commit("Begin")
    repository.write("schemas/orders.avsc", "{")
    repository.commit("Break it")
    repository.write("schemas/orders.avsc", record("Order", "id", {"name": "note", "type": "string", "default": ""}))
    mended = repository.run("check", "--base", "HEAD")
    repository.write("schemas/orders.avsc", record("Order", "id", {"name": "amount", "type": "int"}))
    clashing = repository.run("check", "--base", "HEAD")

    assert mended.exit_code == 0, mended.text
    assert "compatible with version 1" in mended.out
    assert clashing.exit_code == 3
    assert "`amount` was added without a default" in clashing.out


def test_a_hook_of_a_linked_work_tree_checks_the_folder_as_it_is(
    make_repository: MakeRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git tells such a hook where the repository is: in a folder of it, Git would take that for the root."""
    repository = make_repository(NOWHERE, "whole")
    (repository.root / "team").mkdir()
    for name in ("schemafed.yaml", "schemas"):
        (repository.root / name).rename(repository.root / "team" / name)
    repository.write("team/schemas/orders.avsc", record("Order", "id"))
    repository.commit("Begin")
    repository.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    linked = Repository(tmp_path / "linked", repository.capture)
    linked.write("team/schemas/orders.avsc", record("Order", "id", {"name": "amount", "type": "int"}))
    monkeypatch.setenv("GIT_DIR", linked.git("rev-parse", "--absolute-git-dir").strip())

    done = linked.run_plain("check", "-C", str(linked.root / "team"), "--base", "HEAD")

    assert done.exit_code == 3, done.text
    assert "1 subject of 1 differs" in done.out
    assert "`amount` was added without a default" in done.out


@pytest.mark.parametrize("name", ["new\nline", "esc\x1b[31m", "turn\u202earound", "\n::error::x"])
def test_a_name_that_could_fake_a_report_is_told_without_its_tricks(online: Repository, name: str) -> None:
    online.write(f"schemas/{name}.avsc", record("Order", "id"))
    online.write(f"schemas/{name}.yaml", "subject: orders\ncompatibility: FULL\n")
    online.commit("Begin")

    planned = online.run("plan")
    applied = online.run("apply", "--yes")

    assert applied.exit_code == 0, applied.text
    told = planned.text + applied.text + online.run("history").text
    assert not {"\x1b", "\u202e"} & set(told)
    assert "\n::error" not in told


def test_line_ends_that_git_would_not_give_back_stop_no_apply_of_uncommitted_files(online: Repository) -> None:
    online.git("config", "core.autocrlf", "true")
    online.git("config", "core.safecrlf", "true")
    online.git("commit", "--quiet", "--allow-empty", "--message", "Begin")
    online.write("schemas/orders.avsc", record("Order", "id"))

    applied = online.run("apply", "--yes", "--allow-dirty")

    assert applied.exit_code == 0, applied.text
