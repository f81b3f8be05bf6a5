"""Run the action in this process, as a workflow would."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.action.__main__ import main
from tests.doubles.github import GitHubDouble
from tests.repositories import Repository

TOKEN = "a-token-of-a-workflow"


@dataclass(frozen=True)
class Stepped:
    """What a step came to."""

    exit_code: int
    log: str
    summary: str
    outputs: dict[str, str]


Step = Callable[..., Stepped]


@pytest.fixture
def github() -> Iterator[GitHubDouble]:
    with GitHubDouble(tokens=frozenset({TOKEN})) as double:
        yield double


@pytest.fixture
def step(
    repository: Repository,
    github: GitHubDouble,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Step:
    """A function that runs one step for pull request 7, with inputs by their names."""
    monkeypatch.chdir(repository.root)
    monkeypatch.setattr("reconciler.action.running.signal.signal", lambda *_: None)

    def run(pull_request: dict[str, object] | None = None, **inputs: str) -> Stepped:
        head = repository.git("rev-parse", "HEAD").strip()
        whole = {"repo": {"full_name": "acme/schemas"}}
        shown = pull_request or {"number": 7, "head": {"sha": head, **whole}, "base": whole}
        files = {name: tmp_path / name for name in ("event.json", "summary.md", "outputs")}
        files["event.json"].write_text(json.dumps({"pull_request": shown}))
        for name in ("summary.md", "outputs"):
            files[name].write_text("")
        variables = {
            "PATH": os.environ["PATH"],
            "GITHUB_API_URL": github.url,
            "GITHUB_REPOSITORY": "acme/schemas",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(files["event.json"]),
            "GITHUB_STEP_SUMMARY": str(files["summary.md"]),
            "GITHUB_OUTPUT": str(files["outputs"]),
            "GITHUB_SHA": head,
            "RUNNER_TEMP": str(tmp_path / "runner"),
            "SCHEMAFED_INPUT_GITHUB_TOKEN": TOKEN,
            **{f"SCHEMAFED_INPUT_{name.upper()}": value for name, value in inputs.items()},
        }
        repository.capture.readouterr()
        code = main(variables)
        lines = files["outputs"].read_text().splitlines()
        outputs = dict(line.split("=", 1) for line in lines)
        return Stepped(code, repository.capture.readouterr().out, files["summary.md"].read_text(), outputs)

    return run
