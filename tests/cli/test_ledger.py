"""Apply remembers in Git what it does: what a run that is killed has done is found out, and only one run writes."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from reconciler.ledger.keeping import LeaseKeeper
from reconciler.operations import apply as apply_module
from tests.doubles.confluent import ConfluentDouble
from tests.raw_registry import RawRegistry
from tests.repositories import MakeRepository, Repository, over_rest, record, run_git

REF = "refs/schemafed/dev"
PROGRAM = [sys.executable, "-c", "from reconciler.cli import main; main()"]
REGISTER = "/subjects/*/versions"


@pytest.fixture
def slow() -> Iterator[ConfluentDouble]:
    """A registry that takes its time for every registration."""
    with ConfluentDouble("8.1") as double:
        double.faults.add(kind="slow", method="POST", path=REGISTER, times=None, delay=0.3)
        yield double


@pytest.fixture
def live(slow: ConfluentDouble) -> RawRegistry:
    return RawRegistry(slow.url)


@pytest.fixture
def chain(slow: ConfluentDouble, make_repository: MakeRepository) -> Repository:
    """Five subjects, each using the one before, so that they are registered one after the other."""
    repository = make_repository(over_rest(slow.url))
    repository.write("schemas/s0.avsc", record("S0", "id"))
    for number in range(1, 5):
        used = {"name": "used", "type": f"S{number - 1}"}
        repository.write(f"schemas/s{number}.avsc", record(f"S{number}", "id", used))
    repository.commit("Five of them")
    return repository


@pytest.fixture
def server(chain: Repository, tmp_path: Path) -> Path:
    """A Git server that the repository is pushed to."""
    run_git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", "server.git")
    chain.git("remote", "add", "origin", f"file://{tmp_path}/server.git")
    chain.git("push", "--quiet", "origin", "main")
    return tmp_path / "server.git"


def start(repository: Repository, *arguments: str, in_group: bool = False) -> subprocess.Popen[str]:
    """Start a command in a process of its own, or in a group of its own."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": in_group}
    return subprocess.Popen([*PROGRAM, *arguments], cwd=repository.root, **pipes)


def wait_for_writes(slow: ConfluentDouble, running: subprocess.Popen[str], number: int) -> None:
    while slow.count("POST", REGISTER) < number and running.poll() is None:
        time.sleep(0.01)


def kill(running: subprocess.Popen[str], registry: ConfluentDouble) -> None:
    """Kill a run, and wait until the registry has done what it was still asked for."""
    running.kill()
    running.communicate()
    while registry.is_busy:
        time.sleep(0.01)


def kinds(repository: Repository) -> list[str]:
    """What the commits of the ledger are, the oldest first."""
    form = "--format=%(trailers:key=Schemafed-Kind,valueonly,separator=)"
    return run_git(repository.root, "log", "--reverse", "--first-parent", form, REF).split()


def test_an_apply_is_an_intent_and_a_record(chain: Repository) -> None:
    applied = chain.run("apply", "--yes")

    steps = (
        "reading the ledger",
        "writing down what is intended",
        "applying 5 changes",
        "writing down what was applied",
    )
    assert [line for line in applied.err.splitlines() if line.removesuffix(" ...") in steps] == [
        f"{step} ..." for step in steps
    ]
    assert kinds(chain) == ["begin", "intent", "record"]
    assert chain.git("log", "-1", "--format=%s", REF).strip() == "apply dev: 5 applied"
    assert chain.git("rev-parse", f"{REF}^2") == chain.git("rev-parse", "HEAD")


def test_an_apply_without_changes_leaves_the_ledger_alone(chain: Repository) -> None:
    chain.run("apply", "--yes")

    chain.run("apply", "--yes")

    assert kinds(chain) == ["begin", "intent", "record"]


def test_semantic_3_at_the_first_contact_what_is_equal_is_recorded_as_ours(chain: Repository) -> None:
    chain.run("apply", "--yes")
    chain.git("update-ref", "-d", REF)

    applied = chain.run("apply", "--yes")

    assert "Nothing to do." in applied.out
    assert kinds(chain) == ["begin", "record"]
    assert chain.run("history").out.count("found as declared, ours from now on, version 1") == 5


def test_outside_of_a_git_repository_plan_works_and_apply_says_what_is_missing(
    chain: Repository, live: RawRegistry
) -> None:
    (chain.root / ".git").rename(chain.root / "not-git")

    planned = chain.run("plan")
    applied = chain.run("apply", "--yes")

    assert (planned.exit_code, applied.exit_code) == (0, 1)
    assert "in no Git repository" in applied.err and "git init" in applied.err
    assert live.read_subjects() == []


def test_before_the_first_commit_plan_works_and_apply_says_what_is_missing(
    slow: ConfluentDouble, make_repository: MakeRepository
) -> None:
    repository = make_repository(over_rest(slow.url))
    repository.write("schemas/s0.avsc", record("S0", "id"))

    planned = repository.run("plan")
    applied = repository.run("apply", "--yes", "--allow-dirty")

    assert (planned.exit_code, applied.exit_code) == (0, 1)
    assert "has no commit yet" in applied.err and "git commit" in applied.err


def test_what_is_in_no_commit_is_committed_for_the_record(chain: Repository) -> None:
    chain.write("schemas/extra.avsc", record("Extra", "id"))
    before = chain.git("status", "--short")

    chain.run("apply", "--yes", "--allow-dirty")

    assert json.loads(chain.git("show", f"{REF}^2:schemas/extra.avsc")) == record("Extra", "id")
    assert chain.git("rev-parse", f"{REF}^2^") == chain.git("rev-parse", "HEAD")
    assert chain.git("status", "--short") == before


@pytest.mark.parametrize("writes", [1, 2, 4])
def test_a_killed_apply_is_finished_by_the_next_one(
    chain: Repository, slow: ConfluentDouble, live: RawRegistry, writes: int
) -> None:
    running = start(chain, "apply", "--yes")
    wait_for_writes(slow, running, writes)
    kill(running, slow)
    assert 0 <= len(live.read_subjects()) < 5
    assert kinds(chain) == ["begin", "intent"]

    planned = chain.run("plan")
    finished = chain.run("apply", "--yes")

    assert (planned.exit_code, finished.exit_code) == (0, 0)
    assert "Took over from a run that was cut off: Ada <ada@example.com>, process" in finished.out
    assert {s: len(live.read_versions(s)) for s in live.read_subjects()} == {f"s{n}": 1 for n in range(5)}
    assert kinds(chain) == ["begin", "intent", "takeover", "record", "intent", "record"]
    assert "Nothing to do." in chain.run("plan").out


def test_what_a_killed_apply_did_is_ours(chain: Repository, slow: ConfluentDouble, live: RawRegistry) -> None:
    """Git has moved on meanwhile: without the intent the half-done change would look like someone else's."""
    running = start(chain, "apply", "--yes")
    wait_for_writes(slow, running, 2)
    kill(running, slow)
    note = {"name": "note", "type": ["null", "string"], "default": None}
    chain.write("schemas/s0.avsc", record("S0", "id", note))
    chain.commit("And a note")

    finished = chain.run("apply", "--yes")

    assert finished.exit_code == 0, finished.text
    assert json.loads(live.read_version("s0").text) == record("S0", "id", note)
    assert [len(live.read_versions(s)) for s in ("s0", "s4")] == [2, 1]


WAIVER = """\
waivers: [{code: READER_FIELD_MISSING_DEFAULT_VALUE, reason: unread, approver: "@acme", until: 2999-12-31}]
"""


def kill_in_the_middle_of_a_break(chain: Repository, slow: ConfluentDouble) -> None:
    """Kill an apply while a subject is in mode NONE for a while."""
    chain.write("schemas/s4.yaml", "compatibility: FULL\n" + WAIVER)
    chain.commit()
    chain.run("apply", "--yes")
    chain.write("schemas/s4.avsc", record("S4", "id", "amount", {"name": "used", "type": "S3"}))
    chain.commit("Break it")
    before = slow.count("POST", REGISTER)
    running = start(chain, "apply", "--yes")
    wait_for_writes(slow, running, before + 1)
    kill(running, slow)


def test_semantic_8_a_mode_that_a_killed_apply_left_is_restored(
    chain: Repository, slow: ConfluentDouble, live: RawRegistry
) -> None:
    kill_in_the_middle_of_a_break(chain, slow)
    left = live.read_compatibility("s4")

    finished = chain.run("apply", "--yes")

    assert left == "NONE"
    assert "its mode, NONE for a while, was taken back" in finished.out
    assert finished.exit_code == 0
    assert live.read_compatibility("s4") == "FULL"
    assert json.loads(live.read_version("s4").text)["fields"][1]["name"] == "amount"
    assert len(live.read_versions("s4")) == 2


def test_semantic_8_a_mode_is_restored_by_the_next_run_even_if_its_own_plan_is_blocked(
    chain: Repository, slow: ConfluentDouble, live: RawRegistry
) -> None:
    kill_in_the_middle_of_a_break(chain, slow)
    chain.write("schemas/s3.avsc", record("S3", "id", "required", {"name": "used", "type": "S2"}))
    chain.commit("Break another one, without a waiver")

    blocked = chain.run("apply", "--yes")

    assert blocked.exit_code == 3
    assert live.read_compatibility("s4") == "FULL"


def test_a_request_to_terminate_is_taken_for_ctrl_c(
    chain: Repository, slow: ConfluentDouble, live: RawRegistry
) -> None:
    running = start(chain, "apply", "--yes")
    wait_for_writes(slow, running, 2)
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=60)

    assert running.returncode == 130, err
    assert "Interrupted." in out
    assert kinds(chain) == ["begin", "intent", "record"]
    assert 0 < len(live.read_subjects()) < 5


def start_in_a_terminal(chain: Repository, server: Path) -> subprocess.Popen[str]:
    """Start an apply as a group of processes of its own, with a server that takes its time for every push."""
    hook = server / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\nsleep 0.5\n")
    hook.chmod(0o755)
    return start(chain, "apply", "--yes", in_group=True)


def interrupt_at(running: subprocess.Popen[str], words: str) -> str:
    """Send Ctrl-C once it says some words; to every process of the group, Git included, as a terminal does."""
    assert running.stderr
    while words not in running.stderr.readline():
        assert running.poll() is None
    time.sleep(0.2)  # by then, Git has begun
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=60)
    return out + err


def test_ctrl_c_while_the_record_is_pushed_does_not_lose_it(chain: Repository, server: Path) -> None:
    running = start_in_a_terminal(chain, server)
    said = interrupt_at(running, "writing down what was applied")

    assert running.returncode == 0, said
    assert kinds_on(server) == ["begin", "intent", "record"]


def test_ctrl_c_while_the_intent_is_pushed_leaves_no_lease(chain: Repository, server: Path, live: RawRegistry) -> None:
    running = start_in_a_terminal(chain, server)
    said = interrupt_at(running, "writing down what is intended")
    left = kinds_on(server)
    before = live.read_subjects()
    finished = chain.run("apply", "--yes")

    assert running.returncode == 130, said
    assert "skipped: the run was interrupted" in said and "Traceback" not in said
    assert (before, left) == ([], ["begin", "intent", "record"])
    assert finished.exit_code == 0 and "cut off" not in finished.text


def test_a_lease_that_is_taken_over_is_given_back(chain: Repository, server: Path, slow: ConfluentDouble) -> None:
    killed = start(chain, "apply", "--yes")
    wait_for_writes(slow, killed, 2)
    kill(killed, slow)
    running = start_in_a_terminal(chain, server)
    said = interrupt_at(running, "finding out what an apply that was cut off has done")
    left = kinds_on(server)
    finished = chain.run("apply", "--yes")

    assert running.returncode == 130, said
    assert left == ["begin", "intent", "takeover", "record"]
    assert finished.exit_code == 0, finished.text
    assert "Nothing to do." in chain.run("plan").out


def test_of_two_runners_one_applies_and_the_other_says_who(
    chain: Repository, server: Path, slow: ConfluentDouble, live: RawRegistry, tmp_path: Path
) -> None:
    run_git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{server}", "second")
    second = Repository(tmp_path / "second", chain.capture)
    running = start(chain, "apply", "--yes")
    wait_for_writes(slow, running, 1)

    refused = second.run("apply", "--yes")
    planned = second.run("plan")
    out, err = running.communicate(timeout=60)

    assert refused.exit_code == 1
    assert "another run is applying to dev: Ada <ada@example.com>, process" in refused.err
    assert "schemafed unlock" in refused.err
    assert "APPLY_UNDER_WAY" in planned.out
    assert running.returncode == 0, out + err
    assert {s: len(live.read_versions(s)) for s in live.read_subjects()} == {f"s{n}": 1 for n in range(5)}
    assert "Nothing to do." in second.run("apply", "--yes").out


def test_runners_that_start_at_once_never_both_write(
    chain: Repository, server: Path, slow: ConfluentDouble, live: RawRegistry, tmp_path: Path
) -> None:
    runners = []
    for number in range(3):
        run_git(tmp_path, "clone", "--quiet", f"file://{server}", f"runner-{number}")
        runners.append(start(Repository(tmp_path / f"runner-{number}", chain.capture), "apply", "--yes"))
    outcomes = [runner.communicate(timeout=120) for runner in runners]

    assert [runner.returncode for runner in runners].count(0) >= 1
    assert all("Traceback" not in out + err for out, err in outcomes)
    assert {s: len(live.read_versions(s)) for s in live.read_subjects()} == {f"s{n}": 1 for n in range(5)}
    assert slow.count("POST", REGISTER) == 5


def test_a_refused_push_stops_apply_before_any_write(
    chain: Repository, server: Path, slow: ConfluentDouble, live: RawRegistry
) -> None:
    hook = server / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'GL-HOOK-ERR: refs/schemafed is not for you' >&2\nexit 1\n")
    hook.chmod(0o755)

    refused = chain.run("apply", "--yes")

    assert refused.exit_code == 1
    assert "GL-HOOK-ERR: refs/schemafed is not for you" in refused.err
    assert "contents: write" in refused.err
    assert live.read_subjects() == []
    assert slow.count("POST", REGISTER) == 0


def test_a_remote_that_is_away_warns_in_plan_and_stops_apply(
    chain: Repository, server: Path, live: RawRegistry
) -> None:
    server.rename(server.parent / "away.git")

    planned = chain.run("plan")
    refused = chain.run("apply", "--yes")

    assert planned.exit_code == 0
    assert "LEDGER_STALE" in planned.out
    assert refused.exit_code == 1
    assert "does not answer" in refused.err
    assert live.read_subjects() == []


def test_a_run_whose_ledger_was_taken_stops_before_its_next_write(
    chain: Repository, server: Path, live: RawRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_git(tmp_path, "clone", "--quiet", f"file://{server}", "second")
    second = Repository(tmp_path / "second", chain.capture)
    half_over = datetime.now(UTC).timestamp() + 6 * 60

    def look_at_the_clock() -> datetime:
        """Six minutes are gone once the first subject is there; then somebody unlocks from another clone."""
        if not live.read_subjects():
            return datetime.now(UTC)
        if kinds_on(server)[-1] == "intent":
            subprocess.run([*PROGRAM, "unlock", "--yes"], cwd=second.root, check=True, capture_output=True)
        return datetime.fromtimestamp(half_over, UTC)

    monkeypatch.setattr(apply_module, "LeaseKeeper", partial(LeaseKeeper, clock=look_at_the_clock))

    lost = chain.run("apply", "--yes")

    assert lost.exit_code == 1
    assert "this run stopped before its next write: somebody took its lease with `schemafed unlock`" in lost.text
    assert live.read_subjects() == ["s0"]
    assert kinds_on(server) == ["begin", "intent", "unlock", "record"]
    monkeypatch.undo()
    assert second.run("apply", "--yes").exit_code == 0
    assert len(live.read_subjects()) == 5


def kinds_on(server: Path) -> list[str]:
    form = "--format=%(trailers:key=Schemafed-Kind,valueonly,separator=)"
    return run_git(server, "log", "--reverse", "--first-parent", form, REF).split()


def take_time_for_the_second_write(slow: ConfluentDouble) -> None:
    """Let there be time for somebody to unlock before the third one."""
    slow.faults.clear()
    slow.faults.add(kind="slow", method="POST", path=REGISTER, skip=1, delay=8)
    slow.faults.add(kind="slow", method="POST", path=REGISTER, times=None, delay=0.3)


def test_unlock_shows_whose_lease_it_is_and_takes_it(chain: Repository, slow: ConfluentDouble) -> None:
    take_time_for_the_second_write(slow)
    running = start(chain, "apply", "--yes")
    wait_for_writes(slow, running, 1)
    try:
        asked = chain.run("unlock")
        unlocked = chain.run("unlock", "--yes")
    finally:
        running.communicate(timeout=60)

    assert asked.exit_code == 1 and "--yes" in asked.err
    assert "it may still be at work" in unlocked.out
    assert f"process {running.pid} on" in unlocked.out
    assert "5 changes" in unlocked.out
    assert "Unlocked. If that run is still there, it stops within seconds." in unlocked.out
    assert chain.run("unlock").out == "Nobody holds the ledger.\n"


def test_a_run_that_is_unlocked_stops_says_why_and_records_what_it_did(
    chain: Repository, slow: ConfluentDouble, live: RawRegistry
) -> None:
    take_time_for_the_second_write(slow)
    running = start(chain, "apply", "--yes")
    wait_for_writes(slow, running, 1)
    chain.run("unlock", "--yes")
    out, err = running.communicate(timeout=60)
    made = len(live.read_subjects())
    history = json.loads(chain.run("history", "--output", "json").out)
    finished = chain.run("apply", "--yes")

    assert 0 < made < 5
    assert slow.count("POST", REGISTER) == 5, "what was made is not made again"
    assert running.returncode == 1, out + err
    assert "this run stopped before its next write: somebody took its lease with `schemafed unlock`" in out
    assert [change["outcome"] for change in history["changes"]].count("applied") == made
    assert kinds(chain) == ["begin", "intent", "unlock", "record", "intent", "record"]
    assert finished.exit_code == 0 and "cut off" not in finished.text
    assert "Nothing to do." in chain.run("plan").out


def unlock_meanwhile(
    chain: Repository, server: Path, live: RawRegistry, monkeypatch: pytest.MonkeyPatch, *, seconds: float
) -> None:
    """Let somebody unlock from another clone once the first subject is there, and seconds go by for each subject."""
    second = server.parent / "second"
    run_git(server.parent, "clone", "--quiet", f"file://{server}", "second")

    def elapsed() -> float:
        subjects = live.read_subjects()
        if subjects and kinds_on(server)[-1] == "intent":
            subprocess.run([*PROGRAM, "unlock", "--yes"], cwd=second, check=True, capture_output=True)
        return seconds * len(subjects)

    monkeypatch.setattr(apply_module, "LeaseKeeper", partial(LeaseKeeper, elapsed=elapsed))


def test_a_run_that_is_unlocked_elsewhere_stops_before_its_next_write(
    chain: Repository, server: Path, live: RawRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock_meanwhile(chain, server, live, monkeypatch, seconds=6)

    lost = chain.run("apply", "--yes")

    assert lost.exit_code == 1
    assert "this run stopped before its next write: somebody took its lease with `schemafed unlock`" in lost.text
    assert live.read_subjects() == ["s0"]
    assert kinds_on(server) == ["begin", "intent", "unlock", "record"]


def test_a_run_that_is_through_before_it_learns_that_it_was_unlocked_records_what_it_did(
    chain: Repository, server: Path, live: RawRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock_meanwhile(chain, server, live, monkeypatch, seconds=0.1)

    applied = chain.run("apply", "--yes")

    assert applied.exit_code == 0, applied.text
    assert len(live.read_subjects()) == 5
    assert kinds_on(server) == ["begin", "intent", "unlock", "record"]
    assert "Nothing to do." in chain.run("apply", "--yes").out


def test_history_tells_who_changed_what_and_which_run_brought_it(
    chain: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHEMAFED_RUN_URL", "https://ci.example/runs/7")
    chain.write("schemas/defaults.yaml", "owner: payments\n")
    chain.commit("Give them an owner")
    chain.run("apply", "--yes")
    chain.write("schemas/s4.yaml", "compatibility: FULL\n")
    chain.commit("Be strict with the last one")
    chain.run("apply", "--yes")

    text = chain.run("history").out
    document = json.loads(chain.run("history", "--subject", "s4", "--output", "json").out)
    table = list(csv.DictReader(io.StringIO(chain.run("history", "--output", "csv", "--owner", "payments").out)))

    assert text.index("Be strict with the last one") < text.index("Give them an owner")
    assert "✓ orders/s4  set mode to FULL" in text
    assert "run by Ada <ada@example.com>, https://ci.example/runs/7" in text
    assert [(c["kind"], c["mode"], c["version"], c["outcome"]) for c in document["changes"]] == [
        ("set_compatibility", "FULL", None, "applied"),
        ("register_schema", None, 1, "applied"),
    ]
    assert document["changes"][1]["author"] == "Ada <ada@example.com>"
    assert len(table) == 6
    assert {row["commit_subject"] for row in table} == {"Give them an owner", "Be strict with the last one"}


def test_history_knows_whose_a_subject_was_that_is_gone(chain: Repository) -> None:
    text = (chain.root / "schemafed.yaml").read_text()
    chain.write("schemafed.yaml", text.replace("[orders]}", "[orders], deletion: soft}"))
    chain.write("schemas/defaults.yaml", "owner: payments\ncompatibility: FULL\n")
    chain.commit()
    chain.run("apply", "--yes")
    (chain.root / "schemas/s4.avsc").unlink()
    chain.commit("Drop the last one")
    chain.run("apply", "--yes")

    document = json.loads(chain.run("history", "--owner", "payments", "--output", "json").out)

    gone = [c["kind"] for c in document["changes"] if c["commit_subject"] == "Drop the last one"]
    assert gone == ["reset_compatibility", "delete_subject"]


def test_history_as_a_table_holds_no_formula(chain: Repository) -> None:
    chain.commit("=HYPERLINK(1)\x07")
    chain.run("apply", "--yes")

    table = list(csv.DictReader(io.StringIO(chain.run("history", "--output", "csv").out)))

    assert {row["commit_subject"] for row in table} == {"'=HYPERLINK(1)\N{REPLACEMENT CHARACTER}"}


@pytest.mark.parametrize(
    ("options", "number"),
    [
        ((), 5),
        (("--subject", "s[12]"), 2),
        (("--registry", "orders"), 5),
        (("--registry", "elsewhere"), 0),
        (("--owner", "nobody"), 0),
        (("--since", "1h"), 5),
        (("--until", "2020-01-01"), 0),
        (("--since", "2020-01-01T10:00"), 5),
    ],
)
def test_a_part_of_the_history(chain: Repository, options: tuple[str, ...], number: int) -> None:
    chain.run("apply", "--yes")

    document = json.loads(chain.run("history", "--output", "json", *options).out)

    assert len(document["changes"]) == number


def test_history_before_the_first_apply_and_with_a_wrong_date(chain: Repository) -> None:
    assert chain.run("history").out == "Nothing of that kind is recorded for environment dev.\n"

    wrong = chain.run("history", "--since", "yesterday")

    assert wrong.exit_code == 1
    assert "`yesterday` is no date" in wrong.err


def test_history_in_a_shallow_clone_is_whole(chain: Repository, server: Path, tmp_path: Path) -> None:
    chain.run("apply", "--yes")
    run_git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{server}", "ci")
    shallow = Repository(tmp_path / "ci", chain.capture)

    history = shallow.run("history")

    assert "deepening this shallow clone" in history.err
    assert history.out.count("register schema, version 1") == 5
