"""A command line that cannot be meant: exit code 1, and what would be right."""

from __future__ import annotations

import pytest

from reconciler.cli import run

WRONG = [
    (["pln"], "There is no command `pln`. Did you mean `plan`?"),
    (["-C", "schemas", "plan"], "Options stand after the command: `schemafed plan -C ...`."),
    (["plan", "--subjct", "x"], "No such option '--subjct'. Did you mean '--subject'?"),
    (["plan", "--output", "yaml"], "'yaml' is not one of 'text', 'json', 'markdown',"),
    (["plan", "-C", "/nowhere/at/all"], "Directory '/nowhere/at/all' does not exist."),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG)
def test_semantic_13_a_wrong_command_line_says_what_would_be_right(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(arguments)

    answer = capsys.readouterr()
    assert code == 1
    assert answer.out == ""
    assert words in answer.err
