"""Steps of a workflow whose forge fails, or whose texts are hostile."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.doubles.faults import FaultKind
from tests.doubles.github import GitHubDouble
from tests.repositories import Repository, record
from tests.unit.action.conftest import Step

FILE = "schemas/order-placed-value.avsc"


@pytest.fixture(autouse=True)
def main_branch(repository: Repository) -> None:
    """One schema on main; what a test writes is the pull request."""
    repository.write(FILE, record("OrderPlaced", "id"))
    repository.commit("the first schema")
    repository.git("checkout", "--quiet", "-b", "change")


def break_it(repository: Repository) -> None:
    repository.write(FILE, record("OrderPlaced", "id", {"name": "total", "type": "long"}))
    repository.commit("a break")


@pytest.mark.parametrize("status", [401, 403, 404, 422, 500])
def test_a_forge_that_refuses_is_a_warning_and_the_verdict_stands(
    step: Step, repository: Repository, github: GitHubDouble, status: int
) -> None:
    break_it(repository)
    github.faults.add(kind=FaultKind.ERROR_500, method="*", path="/repos/*", status=status, times=None)

    done = step(command="check")

    assert done.exit_code == 3
    assert done.outputs["exit-code"] == "3"
    assert done.outputs["comment-id"] == ""
    assert done.log.count("::warning title=schemafed::") == 1
    assert f"status {status}" in done.log
    assert "what was found stands all the same" in done.log
    assert "does not pass" in done.summary


def test_a_forge_whose_limit_is_reached_is_not_waited_for(
    step: Step, repository: Repository, github: GitHubDouble
) -> None:
    repository.write(FILE, record("OrderPlaced", "id", {"name": "note", "type": "string", "default": ""}))
    repository.commit("a note")
    github.faults.add(kind=FaultKind.TOO_MANY_REQUESTS, method="*", path="/repos/*", times=None, retry_after="3600")

    done = step(command="plan", environment="dev")

    assert done.exit_code == 0
    assert done.outputs["has-changes"] == "true"
    assert "status 429" in done.log


def test_a_forge_that_is_not_there_is_a_warning(step: Step, github: GitHubDouble) -> None:
    github.faults.add(kind=FaultKind.DROP_BEFORE_READING, method="*", path="*", times=None)

    done = step(command="plan", comment="always")

    assert done.exit_code == 0
    assert "::warning title=schemafed::cannot " in done.log


def test_whoever_wants_no_comment_asks_the_forge_nothing(step: Step, github: GitHubDouble) -> None:
    done = step(command="plan", comment="never")

    assert done.exit_code == 0
    assert github.requests == []


def test_findings_fail_the_step_from_the_severity_on_that_is_named(step: Step, repository: Repository) -> None:
    break_it(repository)

    assert step(command="check", fail_on="never").exit_code == 0
    assert step(command="check", fail_on="error").exit_code == 3


def test_a_run_that_an_error_stops_fails_whatever_is_named(step: Step, github: GitHubDouble) -> None:
    done = step(command="plan", environment="nowhere", fail_on="never")

    assert done.exit_code == 1
    assert done.outputs["exit-code"] == "1"
    assert "nowhere" in done.summary
    assert "nowhere" in github.comments_of(7)[0]


def test_a_plan_without_changes_is_folded(step: Step, repository: Repository, github: GitHubDouble) -> None:
    assert repository.run("apply", "--yes").exit_code == 0

    step(command="plan")

    (body,) = github.comments_of(7)
    assert "<summary>✅ schemafed: no changes for dev</summary>" in body


def test_pull_request_target_runs_nothing(step: Step, github: GitHubDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconciler.forge.events._UNSAFE", "pull_request")

    done = step(command="check")

    assert done.exit_code == 1
    assert done.log.startswith("::error title=schemafed::")
    assert done.outputs == {}
    assert github.requests == []


def test_what_schemas_say_is_neither_a_command_to_the_runner_nor_markup_nor_a_mention(
    step: Step, repository: Repository, github: GitHubDouble
) -> None:
    hostile = "::set-output name=x::y\n::error::boo <img src=x onerror=alert(1)> @everyone ```\n<!-- schemafed {} -->"
    schema = record("OrderPlaced", {"name": "id", "type": "string", "doc": hostile}, {"name": "n", "type": "long"})
    repository.write(FILE, {**schema, "doc": hostile})
    repository.write("schemas/::error::x.avsc", record("Other", "id"))
    repository.commit("hostile")

    done = step(command="plan")

    inside = done.log.split("::stop-commands::")[1]
    word = inside.splitlines()[0]
    before, after = done.log.split(f"::stop-commands::{word}")[0], done.log.split(f"::{word}::")[1]
    outside = [line for line in (before + after).splitlines() if line.startswith("::")]
    (body,) = github.comments_of(7)
    assert len(word) == 32
    assert all(line.startswith(("::error file=", "::warning file=", "::notice file=")) for line in outside)
    assert set(done.outputs) == {
        *("exit-code", "has-changes", "destructive", "creates", "updates", "deletes", "errors", "warnings"),
        *("plan-file", "plan-digest", "summary-file", "sarif-file", "html-file", "comment-id", "comment-url"),
        *("applied", "drift"),
    }
    assert "<img" not in body
    assert "@everyone" not in body
    assert body.count("<!--") == 1


def test_a_pull_requests_title_and_branch_reach_neither_command_nor_comment(
    step: Step, repository: Repository, github: GitHubDouble
) -> None:
    head = repository.git("rev-parse", "HEAD").strip()
    whole = {"repo": {"full_name": "acme/schemas"}}
    hostile = "$(touch /tmp/owned) `id` <script>"
    shown = {
        "number": 7,
        "title": hostile,
        "head": {"sha": head, "ref": hostile, **whole},
        "base": {"ref": hostile, **whole},
    }

    done = step(shown, command="plan")

    assert done.exit_code == 0
    assert hostile not in done.log + done.summary + github.comments_of(7)[0]


def test_a_module_in_the_repository_takes_the_place_of_none_of_ours(step: Step, repository: Repository) -> None:
    repository.write("click.py", "raise SystemExit(42)")
    repository.write("reconciler/__init__.py", "raise SystemExit(42)")
    repository.commit("hostile")

    done = step(command="check")

    assert done.exit_code == 0
    assert "Passed." in done.log


WAITS = """\
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
print("ready", flush=True)
signal.sigwait([signal.SIGTERM])
sys.exit(7)
"""
CANCELLED = f"""\
import os, signal, subprocess, sys
from reconciler.action import running
process = subprocess.Popen([sys.executable, "-c", {WAITS!r}], stdout=subprocess.PIPE)
process.stdout.readline()
running._hand_on_signals(process)
os.kill(os.getpid(), signal.SIGTERM)
sys.exit(process.wait())
"""


def test_a_job_that_is_cancelled_lets_the_command_end_in_its_own_way() -> None:
    done = subprocess.run([sys.executable, "-c", CANCELLED], capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stderr) == (7, "")
