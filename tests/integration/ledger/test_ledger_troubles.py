"""Remotes that refuse, drop or do not answer, and ledgers that somebody else changed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from reconciler.applied import IntendedChange
from reconciler.errors import (
    LedgerDamagedError,
    LedgerError,
    LedgerOfflineError,
    LedgerRefusedError,
    RepositoryError,
)
from reconciler.ledger.remotes import make_offline, raise_if_refused
from reconciler.ledger.values import LedgerPlace
from reconciler.ledger.writing import raise_if_unusable, write_intent
from tests.integration.ledger.ledgers import REF, Server, head, load, record, versions
from tests.repositories import commit_all, run_git

CHANGE = IntendedChange("delete_subject", "orders", "order", version=1)


@pytest.mark.parametrize(
    "hook", ["echo 'refs/schemafed is protected' >&2; exit 1", "echo 'GitLab: You are not allowed' >&2; exit 1"]
)
@pytest.mark.parametrize("name", ["pre-receive", "update"])
def test_a_push_that_is_refused_says_which_permission_is_missing(
    server: Server, clone: Path, name: str, hook: str
) -> None:
    server.write_hook(name, hook)

    with pytest.raises(LedgerRefusedError) as refused:
        write_intent(load(clone), head(clone), "d1", [CHANGE])

    assert "nothing was applied" in refused.value.message
    assert "refs/schemafed is protected" in refused.value.message or "You are not allowed" in refused.value.message
    assert refused.value.fix is not None
    assert "contents: write" in refused.value.fix or "write_repository" in refused.value.fix
    assert load(clone).unfinished is None


@pytest.mark.parametrize(
    "words",
    [
        "remote: Permission to acme/schemas.git denied to github-actions[bot].\n"
        "fatal: unable to access 'https://github.com/acme/schemas/': The requested URL returned error: 403",
        "remote: Write access to repository not granted.\nfatal: unable to access 'https://github.com/a/b/': 403",
        "remote: You are not allowed to push code to this project.\nfatal: unable to access 'https://gitlab.example/a':"
        " The requested URL returned error: 403",
        "ERROR: The key you are authenticating with has been marked as read only.\nfatal: Could not read from remote",
        "fatal: could not read Username for 'https://git.example': terminal prompts disabled",
        "Forgejo: User permission denied for writing.\nfatal: Could not read from remote repository.",
    ],
)
def test_words_of_forges_that_mean_a_missing_permission(tmp_path: Path, words: str) -> None:
    place = LedgerPlace(tmp_path, "prod", REF, "origin")

    with pytest.raises(LedgerRefusedError, match="does not let this run push refs/schemafed/prod"):
        raise_if_refused(place, CompletedProcess([], 128, b"", words.encode()))


@pytest.mark.parametrize(
    "words", ["fatal: unable to access 'https://git.example/': Could not resolve host: git.example", "fatal: timed out"]
)
def test_words_that_mean_no_connection_refuse_nothing(tmp_path: Path, words: str) -> None:
    raise_if_refused(LedgerPlace(tmp_path, "prod", REF, "origin"), CompletedProcess([], 128, b"", words.encode()))


@pytest.mark.parametrize("place", ["refs/schemafed/prod.lock", "refs/schemafed/prod/more"])
def test_a_server_that_cannot_write_the_ref_is_no_rival(server: Server, clone: Path, place: str) -> None:
    file = server.bare / place
    file.parent.mkdir(parents=True)
    file.write_text(head(clone) if place.endswith("more") else "")

    with pytest.raises(LedgerRefusedError, match="origin cannot write refs/schemafed/prod") as refused:
        write_intent(load(clone), head(clone), "d1", [CHANGE])

    assert "nothing was applied" in refused.value.message
    assert refused.value.fix is not None and "a lock that was left" in refused.value.fix


def test_a_lock_that_was_left_in_a_clone_without_a_remote_is_no_rival(clone: Path) -> None:
    run_git(clone, "remote", "remove", "origin")
    record(clone, order=1)
    (clone / ".git" / f"{REF}.lock").touch()

    with pytest.raises(RepositoryError, match=r"`git update-ref` failed in (.|\n)*prod\.lock"):
        record(clone, order=2)


def test_a_remote_that_wants_a_password_is_told_from_one_that_is_away(clone: Path) -> None:
    words = b"fatal: could not read Username for 'https://git.example': terminal prompts disabled"

    error = make_offline(LedgerPlace(clone, "prod", REF, "origin"), CompletedProcess([], 128, b"", words))

    assert "does not let this run read it" in error.message
    assert error.fix is not None and "nobody is asked for a password" in error.fix


def test_an_address_with_a_token_is_not_shown(clone: Path) -> None:
    run_git(clone, "remote", "set-url", "origin", "http://robot:s3cr3t-token@127.0.0.1:9/acme/schemas.git")

    reason = load(clone).stale_because

    assert reason is not None and "127.0.0.1" in reason
    assert "s3cr3t" not in reason


def test_a_push_whose_answer_is_lost_is_looked_up_and_counts(server: Server, clone: Path) -> None:
    server.write_hook("post-receive", "kill -9 $PPID")

    record(clone, order=1)

    assert versions(load(server.clone("fresh"))) == {"order": 1}


def test_a_push_that_is_dropped_once_is_tried_again(server: Server, clone: Path) -> None:
    server.write_hook("pre-receive", "[ -e dropped ] || { touch dropped; kill -9 $PPID; }")

    record(clone, order=1)

    assert (server.bare / "dropped").exists()
    assert versions(load(server.clone("fresh"))) == {"order": 1}


def test_a_push_that_is_always_dropped_fails_and_leaves_nothing(server: Server, clone: Path) -> None:
    server.write_hook("pre-receive", "kill -9 $PPID")

    with pytest.raises(LedgerOfflineError, match="origin, which holds the ledger refs/schemafed/prod, does not answer"):
        write_intent(load(clone), head(clone), "d1", [CHANGE])

    assert load(clone).tip is None


def test_a_remote_that_does_not_answer_makes_the_ledger_stale_and_writing_impossible(
    server: Server, clone: Path
) -> None:
    record(clone, order=1)
    server.bare.rename(server.folder / "away.git")

    ledger = load(clone)

    assert versions(ledger) == {"order": 1}
    assert ledger.stale_because is not None and "origin" in ledger.stale_because
    with pytest.raises(LedgerOfflineError):
        raise_if_unusable(ledger)
    with pytest.raises(LedgerOfflineError):
        record(clone, ledger, order=2)


def run_fix(clone: Path, error: LedgerError) -> None:
    """Do what the error proposes first."""
    assert error.fix is not None
    for command in error.fix.split("`")[1].split(" && "):
        run_git(clone, *command.split()[1:])


def test_a_ledger_that_was_rewound_is_refused_and_can_be_restored(server: Server, clone: Path, other: Path) -> None:
    record(clone, order=1)
    record(clone, order=2)
    run_git(server.bare, "update-ref", REF, f"{REF}~1")

    with pytest.raises(LedgerDamagedError, match="was rewound") as refused:
        load(clone)
    run_fix(clone, refused.value)

    assert versions(load(clone)) == versions(load(other)) == {"order": 2}


def test_a_ledger_that_went_another_way_is_refused(server: Server, clone: Path, other: Path) -> None:
    record(clone, order=1)
    load(other)
    record(clone, order=2)
    run_git(server.bare, "update-ref", REF, f"{REF}~1")
    record(other, order=3)

    with pytest.raises(LedgerDamagedError, match="was rewound"):
        load(clone)


def test_a_ledger_that_was_deleted_is_refused_and_can_be_restored(server: Server, clone: Path, other: Path) -> None:
    record(clone, order=1)
    run_git(server.bare, "update-ref", "-d", REF)

    with pytest.raises(LedgerDamagedError, match="was deleted there, or never pushed") as refused:
        load(clone)
    run_fix(clone, refused.value)

    assert versions(load(clone)) == versions(load(other)) == {"order": 1}


def test_a_ledger_that_began_without_a_remote_is_pushed_by_the_same_command(server: Server, clone: Path) -> None:
    run_git(clone, "remote", "remove", "origin")
    record(clone, order=1)
    run_git(clone, "remote", "add", "origin", server.url)

    with pytest.raises(LedgerDamagedError) as refused:
        load(clone)
    run_fix(clone, refused.value)

    assert versions(load(clone)) == {"order": 1}


def edit_by_hand(clone: Path, message: str, content: str) -> None:
    """Commit to the ledger as a person would, and push it."""
    run_git(clone, "fetch", "--quiet", "origin", REF)
    run_git(clone, "checkout", "--quiet", "--detach", "FETCH_HEAD")
    file = next((clone / "orders").glob("*.json"))
    file.write_text(content)
    commit_all(clone, message)
    run_git(clone, "push", "--quiet", "origin", f"HEAD:{REF}")
    run_git(clone, "checkout", "--quiet", "main")


@pytest.mark.parametrize(
    ("message", "content", "words"),
    [
        ("Mend the ledger", '{"order": {"commit": "c", "file": "f", "version": 9}}', "not written by schemafed"),
        ("apply prod\n\nSchemafed-Kind: record", "[]", "is not what schemafed writes"),
        ("apply prod\n\nSchemafed-Kind: record", "{", "is not what schemafed writes"),
        ("apply prod\n\nSchemafed-Kind: magic", "{}", "not written by schemafed"),
    ],
)
def test_a_ledger_that_was_edited_by_hand_is_refused_and_can_be_restored(
    clone: Path, other: Path, message: str, content: str, words: str
) -> None:
    record(clone, order=1)
    edit_by_hand(clone, message, content)

    with pytest.raises(LedgerDamagedError, match=words) as refused:
        load(other)
    run_fix(other, replace_fix(refused.value))

    assert versions(load(other)) == {"order": 1}


def test_the_way_back_leads_from_a_shallow_clone_over_every_commit_by_hand(
    server: Server, clone: Path, other: Path
) -> None:
    record(clone, order=1)
    load(other)
    edit_by_hand(clone, "Mend the ledger", "{}")
    edit_by_hand(clone, "Mend it again", '{"order": 1}')
    shallow = server.clone("ci", "--depth", "1")

    with pytest.raises(LedgerDamagedError, match="not written by schemafed"):
        load(other)
    with pytest.raises(LedgerDamagedError) as refused:
        load(shallow)
    run_fix(shallow, replace_fix(refused.value))

    assert versions(load(shallow)) == versions(load(other)) == {"order": 1}


def test_a_ref_of_somebody_else_is_left_alone(clone: Path) -> None:
    run_git(clone, "push", "--quiet", "origin", f"HEAD:{REF}")

    with pytest.raises(LedgerDamagedError, match="and nothing before it was") as refused:
        load(clone)

    assert refused.value.fix is not None
    assert "git push" not in refused.value.fix and "`ledger.ref`" in refused.value.fix


def set_to_blob(clone: Path) -> str:
    """Let the remote's ref be something that is no commit, and the kind of that."""
    blob = run_git(clone, "hash-object", "-w", "file").strip()
    run_git(clone, "push", "--quiet", "--force", "origin", f"{blob}:{REF}")
    return "blob"


def set_to_tag(clone: Path) -> str:
    run_git(clone, "tag", "--annotate", "--message", "1", "ledger", "HEAD")
    run_git(clone, "push", "--quiet", "--force", "origin", f"refs/tags/ledger:{REF}")
    return "tag"


@pytest.mark.parametrize("set_to", [set_to_blob, set_to_tag])
def test_a_ref_that_leads_to_no_commit_is_refused_and_can_be_restored(
    server: Server, clone: Path, set_to: Callable[[Path], str]
) -> None:
    record(clone, order=1)
    kind = set_to(clone)

    with pytest.raises(LedgerDamagedError, match=f"is a {kind}, no commit") as seen:
        load(clone)
    with pytest.raises(LedgerDamagedError, match="restore it from a clone that has seen it"):
        try:
            load(server.clone("fresh"))
        except LedgerDamagedError as error:
            raise LedgerDamagedError(error.fix or "") from error
    run_fix(clone, seen.value)

    assert versions(load(clone)) == {"order": 1}


def write_missing(clone: Path) -> None:
    (clone / ".git" / REF).write_text("1234567890" * 4 + "\n")


def write_nonsense(clone: Path) -> None:
    (clone / ".git" / REF).write_text("nonsense\n")


def write_blob(clone: Path) -> None:
    run_git(clone, "update-ref", REF, run_git(clone, "hash-object", "-w", "file").strip())


@pytest.mark.parametrize("write", [write_missing, write_nonsense, write_blob])
def test_a_ref_of_the_clone_that_leads_nowhere_is_no_first_contact(clone: Path, write: Callable[[Path], None]) -> None:
    record(clone, order=1)
    write(clone)

    with pytest.raises(LedgerDamagedError, match="of this clone cannot be read") as refused:
        load(clone)
    assert refused.value.fix is not None
    subprocess.run(refused.value.fix.split("`")[1], cwd=clone, shell=True, check=True)

    assert versions(load(clone)) == {"order": 1}


def replace_fix(error: LedgerDamagedError) -> LedgerDamagedError:
    """The same, whose first command is the way back and not the look at it."""
    assert error.fix is not None and error.fix.startswith("look at it with `git show ")
    return LedgerDamagedError(error.message, fix=error.fix.partition("the way back is ")[2])


def test_a_source_commit_that_is_nowhere_but_in_the_ledger(server: Server, clone: Path) -> None:
    (clone / "file").write_text("never pushed to a branch")
    commit_all(clone, "only applied")
    record(clone, order=1)

    fresh = server.clone("fresh")
    entry = load(fresh).applied("orders").subjects["order"]

    assert run_git(fresh, "show", f"{entry.commit}:file") == "never pushed to a branch"
