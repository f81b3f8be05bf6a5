"""The workflows of the template and the action, read by linters; and the hook for pre-commit."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from reconciler.action.inputs import COMMANDS, PREFIX, make_inputs
from tests.action.world import PROJECT
from tests.repositories import Repository, record

TEMPLATE = PROJECT / "schemas-repo-template"
WORKFLOWS = sorted((TEMPLATE / ".github/workflows").glob("*.yaml"))
ACTION = yaml.safe_load((PROJECT / "action.yml").read_text())


def test_actionlint_finds_nothing_in_the_workflows(actionlint: Path) -> None:
    done = subprocess.run([actionlint, "-shellcheck=", *WORKFLOWS], capture_output=True, text=True)

    assert len(WORKFLOWS) == 5
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("place", [TEMPLATE, PROJECT / "action.yml"], ids=["template", "action"])
def test_zizmor_finds_no_hole(place: Path) -> None:
    command = [Path(sys.executable).with_name("zizmor"), "--offline", "--no-progress", "--quiet"]
    config = TEMPLATE / ".github/zizmor.yml"

    done = subprocess.run(
        [*command, "--config", config, "--collect=workflows,actions", place], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", [*WORKFLOWS, PROJECT / "action.yml"], ids=lambda file: file.name)
def test_action_validator_finds_nothing(action_validator: Path, file: Path) -> None:
    done = subprocess.run([action_validator, file], capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        (WORKFLOWS[0], "cancel-in-progress", "cancel_in_progress"),
        (PROJECT / "action.yml", "using: composite", "using: compost"),
    ],
    ids=["workflow", "action"],
)
def test_action_validator_would_find_a_wrong_word(
    action_validator: Path, tmp_path: Path, file: Path, right: str, wrong: str
) -> None:
    text = file.read_text()
    broken = tmp_path / file.name
    broken.write_text(text.replace(right, wrong))

    done = subprocess.run([action_validator, broken], capture_output=True, text=True)

    assert right in text
    assert done.returncode != 0


def test_every_input_of_the_action_is_read_and_none_is_a_part_of_a_script() -> None:
    steps = ACTION["runs"]["steps"]
    handed = {name: value for step in steps for name, value in step["env"].items()}
    named = set(re.findall(r"inputs\.([a-z-]+)", " ".join(handed.values())))
    defaults = {
        PREFIX + name.upper().replace("-", "_"): str(entry.get("default", ""))
        for name, entry in ACTION["inputs"].items()
    }

    assert named == set(ACTION["inputs"])
    assert not any("${{" in step["run"] for step in steps)
    assert make_inputs({**defaults, f"{PREFIX}GITHUB_TOKEN": ""}) == make_inputs({})
    assert all(command in ACTION["inputs"]["command"]["description"] for command in (*COMMANDS, "setup"))


def test_every_output_of_the_action_is_one_of_its_step() -> None:
    for name, output in ACTION["outputs"].items():
        assert output["value"] == f"${{{{ steps.run.outputs.{name} }}}}"
        assert output["description"]


def test_the_hook_of_pre_commit_stops_a_commit_that_breaks(repository: Repository) -> None:
    (hook,) = yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text())
    template = yaml.safe_load((TEMPLATE / ".pre-commit-config.yaml").read_text())
    program, command, *options = hook["entry"].split()
    repository.write("schemas/a-value.avsc", record("A", "id"))
    repository.commit("the first schema")

    fine = repository.run(command, *options)
    repository.write("schemas/a-value.avsc", record("A", "id", {"name": "total", "type": "long"}))
    repository.git("add", ".")
    broken = repository.run(command, *options)

    assert program == "schemafed"
    assert template["repos"][0]["hooks"] == [{"id": hook["id"]}]
    assert (fine.exit_code, broken.exit_code) == (0, 3)
