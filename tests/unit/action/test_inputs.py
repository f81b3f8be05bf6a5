"""What a workflow asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.action.inputs import make_inputs
from reconciler.action.running import make_command
from reconciler.errors import UsageError


def given(**values: str) -> dict[str, str]:
    return {f"SCHEMAFED_INPUT_{name.upper()}": value for name, value in values.items()}


def test_without_inputs_it_checks() -> None:
    inputs = make_inputs({})

    assert (inputs.command, inputs.directory, inputs.fail_on, inputs.comment) == ("check", Path(), "error", "auto")
    assert inputs.key == "check"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("command", "plan; id", "input `command`: there is no `plan; id`"),
        ("fail_on", "sometimes", "input `fail-on`: there is no `sometimes`"),
        ("annotations", "yes", "input `annotations`: there is no `yes`"),
        ("args", "--reason 'half", "input `args`: No closing quotation"),
    ],
)
def test_an_input_that_cannot_be_is_told_by_its_name(name: str, value: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        make_inputs(given(**{name: value}))

    assert str(caught.value) == message
    assert caught.value.fix


def test_each_environment_and_folder_has_a_comment_of_its_own_unless_it_is_named() -> None:
    place = given(command="plan", environment="prod", working_directory="platform/schemas")

    assert make_inputs(place).key == "plan/prod/platform/schemas"
    assert make_inputs({**place, **given(comment_key="mine")}).key == "mine"


def test_no_input_becomes_another_option_than_its_own() -> None:
    inputs = make_inputs(given(command="plan", environment="--allow-mass-change; $(id)", args="--subject 'a b'"))

    command = make_command(inputs, Path("reports"), None)

    assert command[1:3] == ("-e", "--allow-mass-change; $(id)")
    assert command[-2:] == ("--subject", "a b")


def test_an_apply_expects_the_reviewed_plan_and_asks_nobody() -> None:
    inputs = make_inputs(given(command="apply", environment="prod"))

    command = make_command(inputs, Path("reports"), "0123456789ab")

    assert command[:3] == ("apply", "-e", "prod")
    assert command[3:5] == ("--expect", "0123456789ab")
    assert command[-1] == "--yes"


def test_a_saved_plan_has_its_own_environment() -> None:
    inputs = make_inputs(given(command="apply", environment="prod", plan_file="reviewed.json"))

    assert make_command(inputs, Path("reports"), None)[:2] == ("apply", "reviewed.json")
