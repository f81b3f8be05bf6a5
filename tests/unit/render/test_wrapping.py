"""Lines that are too long for a terminal."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console, Group
from rich.text import Text

from reconciler.render.wrapping import wrap_hanging

LONG = "      incompatible with version 1 (BACKWARD_TRANSITIVE, declared in schemas/payments/defaults.yaml:3:1)"


def shown(line: str | Text, width: int) -> list[str]:
    console = Console(file=StringIO(), width=width, color_system=None)
    console.print(wrap_hanging(Group(Text(line) if isinstance(line, str) else line), console))
    assert isinstance(console.file, StringIO)
    return [part.rstrip() for part in console.file.getvalue().splitlines()]


def test_the_rest_of_a_line_is_indented_below_its_beginning() -> None:
    assert shown(LONG, 80) == [
        "      incompatible with version 1 (BACKWARD_TRANSITIVE, declared in",
        "        schemas/payments/defaults.yaml:3:1)",
    ]


def test_a_line_that_fits_stays_as_it_is() -> None:
    assert shown(LONG, len(LONG)) == [LONG]


def test_lines_of_one_text_are_wrapped_each_for_itself() -> None:
    assert shown("  one two three four five six\n      failed", 24) == [
        "  one two three four",
        "    five six",
        "      failed",
    ]


@pytest.mark.parametrize("width", [5, 20, 33])
def test_nothing_is_lost_however_narrow_a_terminal_is(width: int) -> None:
    assert "".join("".join(shown(LONG, width)).split()) == "".join(LONG.split())


def test_a_style_goes_on_in_the_next_line() -> None:
    console = Console(file=StringIO(), width=20, color_system="standard", force_terminal=True)

    console.print(wrap_hanging(Text("  one two three four five six", "red"), console))

    assert isinstance(console.file, StringIO)
    assert console.file.getvalue().count("\x1b[31m") == 2
