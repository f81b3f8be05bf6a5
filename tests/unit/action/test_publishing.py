"""What a job shows and hands on: within what a runner takes, and each output on its line."""

from __future__ import annotations

from pathlib import Path

from reconciler.action.outcomes import Outcome
from reconciler.action.posting import MOST, make_body
from reconciler.action.publishing import make_outputs, write_outputs, write_summary
from reconciler.forge.markers import Marker, read_marker

MIB = 1024 * 1024


def test_a_summary_is_cut_below_a_mebibyte_and_between_characters(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"

    written = write_summary(str(file), "ü€😀" * 400_000)

    text = file.read_bytes()
    assert written == str(file)
    assert MIB - 8192 < len(text) < MIB
    assert text.decode().endswith("(cut: too long for a summary)\n\n")


def test_a_summary_that_fits_is_added_to_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    file.write_text("before\n")

    write_summary(str(file), "## Plan\n")

    assert file.read_text() == "before\n## Plan\n\n"


def test_no_value_of_an_output_poses_as_another_output(tmp_path: Path) -> None:
    file = tmp_path / "outputs"

    write_outputs(str(file), make_outputs(0, Outcome(0, digest="0\nexit-code=0\r\nerrors<<END"), None, None))

    lines = file.read_text().splitlines()
    assert "plan-digest=0 exit-code=0 errors<<END" in lines
    assert [line.split("=")[0] for line in lines].count("exit-code") == 1


def test_a_comment_is_no_longer_than_a_forge_takes_and_is_known_again() -> None:
    body = make_body(Marker("plan", {"digest": "0123"}), "x" * 2 * MOST, Outcome(0, changes=1))

    marker = read_marker(body)
    assert len(body) == MOST
    assert marker is not None
    assert marker.facts == {"digest": "0123"}
