"""The ledger on a remote: what one clone writes another one reads, and only one of two is first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.applied import IntendedChange
from reconciler.config import Config
from reconciler.errors import LedgerLockedError, LedgerMovedError, RepositoryError
from reconciler.ledger.loading import load_ledger, make_ref
from reconciler.ledger.values import RecordKind, present_time
from reconciler.ledger.writing import raise_if_held, renew_lease, write_intent, write_unlock
from tests.integration.ledger.ledgers import CONFIG, REF, Server, head, load, record, versions
from tests.repositories import commit_all, run_git

CHANGE = IntendedChange("delete_subject", "orders", "order", version=1)


def test_before_the_first_record_nothing_is_applied(clone: Path) -> None:
    ledger = load(clone)

    assert (ledger.tip, dict(ledger.registries), ledger.unfinished, ledger.is_stale) == (None, {}, None, False)


def test_what_one_clone_records_another_one_reads(clone: Path, other: Path) -> None:
    record(clone, order=1)
    record(other, money=2)

    assert versions(load(clone)) == versions(load(other)) == {"order": 1, "money": 2}


@pytest.mark.parametrize("options", [("--depth", "1"), ("--depth", "1", "--no-single-branch"), ("--bare",)])
def test_a_clone_as_ci_makes_it(server: Server, clone: Path, options: tuple[str, ...]) -> None:
    for number in range(3):
        record(clone, order=number)
    name = server.clone("ci", *options)
    work = name
    if options == ("--bare",):
        work = server.folder / "work"
        run_git(name, "worktree", "add", "--quiet", "--detach", str(work))
    run_git(work, "checkout", "--quiet", "--detach")

    assert versions(load(work)) == {"order": 2}
    record(work, order=3)
    assert versions(load(clone)) == {"order": 3}


def test_a_shallow_clone_fetches_the_newest_commit_alone(server: Server, clone: Path) -> None:
    for number in range(5):
        record(clone, order=number)
    shallow = server.clone("ci", "--depth", "1")

    load(shallow)

    assert run_git(shallow, "rev-list", "--count", REF).strip() == "1"


def test_a_shallow_clone_follows_what_others_write_and_keeps_writing(server: Server, clone: Path) -> None:
    shallow = server.clone("ci", "--depth", "1")
    record(shallow, order=1)
    (clone / "file").write_text("newer")
    commit_all(clone, "newer")
    run_git(clone, "push", "--quiet", "origin", "HEAD:main")
    record(clone, order=2)
    record(clone, order=3)

    assert versions(load(shallow)) == {"order": 3}
    record(shallow, order=4)
    assert versions(load(clone)) == {"order": 4}


def test_without_a_remote_the_clone_has_the_ledger(clone: Path) -> None:
    run_git(clone, "remote", "remove", "origin")

    record(clone, order=1)

    assert versions(load(clone)) == {"order": 1}


def test_the_only_remote_is_it_whatever_its_name(server: Server, clone: Path) -> None:
    run_git(clone, "remote", "rename", "origin", "upstream")

    record(clone, order=1)

    assert run_git(server.bare, "rev-parse", REF) == run_git(clone, "rev-parse", REF)


def test_of_several_remotes_none_is_guessed(server: Server, clone: Path) -> None:
    run_git(clone, "remote", "rename", "origin", "upstream")
    run_git(clone, "remote", "add", "fork", server.url)

    with pytest.raises(RepositoryError, match="this clone has the remotes fork, upstream") as refused:
        load(clone)

    assert refused.value.fix == "name it in schemafed.yaml: `ledger: {remote: NAME}`"


@pytest.mark.parametrize(
    "options", [("--filter=blob:none",), ("--filter=tree:0",), ("--filter=blob:none", "--depth=1")]
)
def test_a_partial_clone_gets_all_of_the_ledger_at_once(server: Server, clone: Path, options: tuple[str, ...]) -> None:
    run_git(server.bare, "config", "uploadpack.allowFilter", "true")
    record(clone, **{f"s{number}": number for number in range(20)})
    partial = server.clone("ci", *options)
    load(partial)
    server.bare.rename(server.folder / "away.git")

    assert len(versions(load(partial))) == 20


def test_what_people_push_along_stays_here(server: Server, clone: Path) -> None:
    run_git(clone, "tag", "--annotate", "--message", "1", "v1")
    run_git(clone, "config", "push.followTags", "true")

    record(clone, order=1)

    assert run_git(server.bare, "tag") == ""


def test_a_lock_that_was_left_in_the_clone_does_not_matter_where_there_is_a_remote(server: Server, clone: Path) -> None:
    record(clone, order=1)
    (clone / ".git" / f"{REF}.lock").touch()

    record(clone, order=2)

    assert versions(load(clone)) == {"order": 2}


def test_a_server_that_looks_at_every_object_takes_ours(
    server: Server, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_git(server.bare, "config", "receive.fsckObjects", "true")
    for name in [n for n in os.environ if n.startswith(("GIT_AUTHOR", "GIT_COMMITTER"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GITHUB_ACTOR", "robot")

    record(clone, order=1)

    assert run_git(server.bare, "log", "-1", "--format=%cn", REF).strip() == "robot"


def test_a_repository_with_longer_names_of_objects(plain_environment: None, tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet", "--object-format=sha256", "--initial-branch", "main", "long")
    (tmp_path / "long/file").write_text("1")
    commit_all(tmp_path / "long", "first")

    record(tmp_path / "long", order=1)
    record(tmp_path / "long", order=2)

    assert versions(load(tmp_path / "long")) == {"order": 2}


def test_an_environment_of_files_stays_in_the_clone(server: Server, clone: Path) -> None:
    files = Config.model_validate(
        {
            "version": 1,
            "registries": {"laptop": {"kind": "local", "path": "a.db"}},
            "environments": {"dev": {"registries": ["laptop"]}, "team": {"registries": ["laptop"], "ledger": "shared"}},
        }
    )

    local, shared = load_ledger(clone, files, "dev"), load_ledger(clone, files, "team")

    assert local.place is not None and local.place.remote is None
    assert shared.place is not None and shared.place.remote == "origin"


def test_a_folder_of_a_repository_has_a_ledger_of_its_own(clone: Path) -> None:
    folder = clone / "teams/a b.lock"
    folder.mkdir(parents=True)
    record(clone, order=1)

    ledger = load_ledger(folder, CONFIG, "prod")

    assert ledger.place is not None
    assert ledger.tip is None
    run_git(clone, "check-ref-format", ledger.place.ref)
    assert ledger.place.ref != make_ref(CONFIG.ledger.ref, "teams/a", "prod")


def test_what_was_applied_outlives_a_force_push(server: Server, clone: Path) -> None:
    applied = head(clone)
    record(clone, order=1)
    run_git(clone, "reset", "--quiet", "--hard", "HEAD~2")
    run_git(clone, "push", "--quiet", "--force", "origin", "HEAD:main")
    run_git(server.bare, "-c", "gc.reflogExpire=now", "gc", "--quiet", "--prune=now")

    fresh = server.clone("fresh")

    assert load(fresh).applied("orders").subjects["order"].commit == applied
    assert run_git(fresh, "show", "-s", "--format=%s", applied).strip() == "commit 2"


def test_of_two_that_read_the_same_one_is_refused(clone: Path, other: Path) -> None:
    ours, theirs = load(clone), load(other)
    write_intent(ours, head(clone), "d1", [CHANGE])

    with pytest.raises(LedgerLockedError, match="another run is applying to prod: Ada") as refused:
        write_intent(theirs, head(other), "d2", [CHANGE])

    assert refused.value.fix is not None and "schemafed unlock" in refused.value.fix


def test_a_record_that_came_between_is_no_lock_but_refuses_too(clone: Path, other: Path) -> None:
    theirs = load(other)
    record(clone, order=1)

    with pytest.raises(LedgerMovedError, match=r"meanwhile: apply prod: 1 applied \(Ada, "):
        record(other, theirs, order=9)

    assert versions(load(other)) == {"order": 1}


def test_without_a_remote_of_two_that_read_the_same_one_is_refused(clone: Path) -> None:
    run_git(clone, "remote", "remove", "origin")
    record(clone, order=1)
    ours, theirs = load(clone), load(clone)
    record(clone, ours, order=2)

    with pytest.raises(LedgerMovedError):
        record(clone, theirs, order=3)


def test_an_intent_is_there_for_everybody_until_its_record(clone: Path, other: Path) -> None:
    held = write_intent(load(clone), head(clone), "d1", [CHANGE])

    seen = load(other).unfinished
    assert seen == held.unfinished
    with pytest.raises(LedgerLockedError):
        raise_if_held(load(other), present_time())
    record(clone, held, order=2)

    assert load(other).unfinished is None


def test_a_renewed_lease_lasts_longer_and_began_when_it_began(clone: Path, other: Path) -> None:
    held = write_intent(load(clone), head(clone), "d1", [CHANGE])
    assert held.unfinished is not None and held.unfinished.lease is not None
    expired = held.unfinished.lease.expires

    renew_lease(held, expired)

    seen = load(other).unfinished
    assert seen is not None and seen.lease is not None
    assert seen.lease.expires > expired
    assert seen.lease.begun == held.unfinished.lease.begun
    assert seen.changes == (CHANGE,)


def test_an_unlocked_ledger_keeps_what_is_to_be_found_out(clone: Path, other: Path) -> None:
    held = write_intent(load(clone), head(clone), "d1", [CHANGE])

    write_unlock(load(other))

    left = load(other).unfinished
    assert left is not None
    assert (left.changes, left.lease) == ((CHANGE,), None)
    with pytest.raises(LedgerMovedError):
        renew_lease(held, present_time())


def test_a_run_that_was_unlocked_records_what_it_did(clone: Path, other: Path) -> None:
    record(clone, money=1)
    held = write_intent(load(clone), head(clone), "d1", [CHANGE])
    write_unlock(load(other))

    record(clone, held, order=2)

    ledger = load(other)
    assert versions(ledger) == {"money": 1, "order": 2}
    assert ledger.unfinished is None


def test_a_run_that_was_unlocked_records_nothing_over_what_others_wrote_since(clone: Path, other: Path) -> None:
    held = write_intent(load(clone), head(clone), "d1", [CHANGE])
    unlocked = write_unlock(load(other))
    record(other, unlocked, order=3)

    with pytest.raises(LedgerMovedError):
        record(clone, held, order=2)

    assert versions(load(other)) == {"order": 3}


def test_a_run_that_was_unlocked_records_nothing_while_another_one_holds_the_ledger(clone: Path, other: Path) -> None:
    held = write_intent(load(clone), head(clone), "d1", [CHANGE])
    unlocked = write_unlock(load(other))
    write_intent(unlocked, head(other), "d1", [CHANGE], kind=RecordKind.TAKEOVER)

    with pytest.raises(LedgerLockedError):
        record(clone, held, order=2)


def test_of_two_who_unlock_at_once_the_second_is_refused(
    clone: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_intent(load(clone), head(clone), "d1", [CHANGE])
    seen = load(clone)
    # Of one person, within one second, both would write the very same commit.
    with monkeypatch.context() as patched:
        patched.setenv("GIT_COMMITTER_NAME", "Somebody else")
        write_unlock(load(other))

    with pytest.raises(LedgerMovedError):
        write_unlock(seen)


RIVAL = """
import sys
from pathlib import Path
from reconciler.errors import LedgerError
from reconciler.ledger.writing import write_intent
from tests.integration.ledger.ledgers import head, load
clone = Path(sys.argv[1])
ledger = load(clone)
print("ready", flush=True)
sys.stdin.readline()
try:
    write_intent(ledger, head(clone), sys.argv[1], [])
    print("won", flush=True)
except LedgerError as error:
    print("lost", type(error).__name__, flush=True)
sys.stdin.readline()
"""


def test_of_rival_processes_exactly_one_wins(server: Server) -> None:
    clones = [server.clone(f"rival-{number}") for number in range(4)]
    rivals = [
        subprocess.Popen(
            [sys.executable, "-c", RIVAL, str(clone)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for clone in clones
    ]
    try:
        ready = [rival.stdout.readline() for rival in rivals if rival.stdout]
        for rival in rivals:
            assert rival.stdin
            rival.stdin.write("go\n")
            rival.stdin.flush()
        answers = [rival.stdout.readline().split()[0] for rival in rivals if rival.stdout]
    finally:
        for rival in rivals:
            rival.communicate("end\n")

    assert ready == ["ready\n"] * 4
    assert sorted(answers) == ["lost", "lost", "lost", "won"]
