"""The action as it is released: it installs itself from where it lies, into an environment of its own, once a job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.action.world import TOKEN, World, copy_action, make_release, make_root
from tests.doubles.confluent import ConfluentDouble
from tests.doubles.github import GitHubDouble
from tests.repositories import record

pytestmark = pytest.mark.slow

WORKFLOW = """\
name: installed
on: workflow_dispatch
jobs:
  use:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: schemafed/schemafed@v0
        with: {command: setup}
      - run: |
          echo "temporary $RUNNER_TEMP"
          echo "program $(command -v schemafed)"
          echo "module $(cd / && "$(dirname "$(command -v schemafed)")/python" -P -c 'import reconciler; print(reconciler.__file__)')"
          schemafed validate
          touch "$RUNNER_TEMP/schemafed-action/mine"
      - id: again
        uses: schemafed/schemafed@v0
        with: {command: check}
      - run: ls "$RUNNER_TEMP/schemafed-action/mine"
"""  # noqa: E501


@pytest.fixture
def world(plain_environment: None, tmp_path: Path, act: Path) -> Iterator[World]:
    """A repository with a workflow that uses the action as it is."""
    action = tmp_path / "released/schemafed"
    action.parent.mkdir()
    copy_action(action)
    make_release(action)
    with GitHubDouble(tokens=frozenset({TOKEN})) as github, ConfluentDouble("8.1") as registry:
        made = World(make_root(tmp_path), registry, action, act, github)
        made.write("schemas/order-placed-value.avsc", record("OrderPlaced", "id"))
        made.write(".github/workflows/installed.yaml", WORKFLOW)
        made.commit("a workflow that installs")
        made.push()
        yield made


def test_the_action_installs_itself_into_the_runners_temporary_folder_once(world: World) -> None:
    run = world.run("workflow_dispatch", {"inputs": {}, "ref": "refs/heads/main"}, workflow="installed")

    said = dict(line.split(" ", 1) for line in run.text.splitlines() if line.split(" ")[0] in ("program", "module"))
    temporary = next(line.split(" ", 1)[1] for line in run.text.splitlines() if line.startswith("temporary "))
    assert run.jobs == {"installed": "success"}, run.text
    assert temporary
    assert said["program"] == f"{temporary}/schemafed-action/bin/schemafed"
    assert said["module"].startswith(f"{temporary}/schemafed-action/lib/")
    assert run.outputs_of("installed")["exit-code"] == "0"
    assert "/mine" in run.text
